// SPDX-License-Identifier: GPL-2.0
#include "chart.hh"
#include "error.hh"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

namespace pagedaemon::ctl
{
namespace
{

/* As gnuplot has it in single quotes. */
std::string single_quoted(std::string_view text)
{
	std::string out = "'";
	for (char c : text) {
		out += c;
		if (c == '\'')
			out += c;
	}
	return out + "'";
}

/*
 * Fed with the script; says itself what is wrong, on standard error. Where it cannot
 * write the file it writes to standard output instead.
 */
int run_gnuplot(const std::string &script)
{
	std::FILE *gnuplot = popen("gnuplot >/dev/null", "w");
	if (!gnuplot)
		return 127;
	std::fwrite(script.data(), 1, script.size(), gnuplot);
	int status = pclose(gnuplot);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

} // namespace

std::string chart_script(std::span<const Row> rows, std::uint64_t recorded,
			 const Path &file)
{
	std::string data = "$misses << END\n";
	for (const Row &row : rows) {
		data += std::to_string(row.limit);
		for (const Outcome &outcome : row.outcomes)
			data += fmt::format(" {}", outcome.misses);
		data += '\n';
	}
	std::string plots;
	const auto &policies = rows.front().outcomes;
	for (std::size_t i = 0; i < policies.size(); i++)
		plots += fmt::format("{}$misses using 1:{} with linespoints title {}",
				     i ? ", " : "", i + 2,
				     single_quoted(policies[i].policy));
	std::string mark;
	if (recorded)
		mark = fmt::format(
			"set arrow from first {}, graph 0 to first {}, graph 1 nohead "
			"dashtype 2\n",
			recorded, recorded);
	return data + "END\n" +
	       fmt::format("set terminal svg size 800,500\nset output {}\n"
			   "set xlabel 'limit, pages'\nset ylabel 'expected misses'\n"
			   "set yrange [0:*]\nset key top right\n{}plot {}\n",
			   single_quoted(file.string()), mark, plots);
}

void draw_chart(std::span<const Row> rows, std::uint64_t recorded, const Path &file)
{
	Path unfinished = file.string() + fmt::format(".{}.tmp", getpid());
	int status = run_gnuplot(chart_script(rows, recorded, unfinished));
	std::string why = status == 127
				  ? "there is no gnuplot; install gnuplot-nox"
				  : fmt::format("gnuplot ended with status {}", status);
	if (!status && rename(unfinished.c_str(), file.c_str()) < 0) {
		why = std::strerror(errno);
		status = 1;
	}
	if (status) {
		unlink(unfinished.c_str());
		throw Refused("cannot draw {}: {}", file.string(), why);
	}
}

} // namespace pagedaemon::ctl
