// SPDX-License-Identifier: GPL-2.0
#include "output.hh"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pagedaemon::sim
{
namespace
{

std::string as_text(const std::vector<Result> &results)
{
	std::string out = fmt::format("{:<12} {:>10} {:>12} {:>10} {:>8} {:>10} {:>9} "
				      "{:>9} {:>10} {:>8} {:>7} {:>7}\n",
				      "policy", "frames", "references", "misses", "hit %",
				      "writes", "inactive", "active", "activated",
				      "forced", "ns/ref", "B/frame");

	for (const Result &r : results)
		out += fmt::format("{:<12} {:>10} {:>12} {:>10} {:>8.2f} {:>10} {:>9.2f} "
				   "{:>9.2f} {:>10} {:>8} {:>7.1f} {:>7.1f}\n",
				   r.policy, r.frames, r.references, r.misses,
				   100 * r.hit_ratio(), r.writes,
				   r.per_miss(r.looks_inactive),
				   r.per_miss(r.looks_active), r.activations, r.forced,
				   r.ns_per_reference(), r.bytes_per_frame());
	return out + "\ninactive, active: looks for each miss\n";
}

std::string as_csv(const std::vector<Result> &results)
{
	std::string out = "trace,policy,frames,references,misses,miss_ratio,frees,writes,"
			  "looks_inactive,looks_active,activations,forced,direct_passes,"
			  "daemon_passes,pauses,idle_passes,cpu_ns_per_reference,bytes\n";

	for (const Result &r : results)
		out += fmt::format(
			"{},{},{},{},{},{:.6f},{},{},{},{},{},{},{},{},{},{},{:.2f},{}\n",
			csv_field(r.trace), r.policy, r.frames, r.references, r.misses,
			r.miss_ratio(), r.frees, r.writes, r.looks_inactive,
			r.looks_active, r.activations, r.forced, r.direct_passes,
			r.daemon_passes, r.pauses, r.idle_passes, r.ns_per_reference(),
			r.bytes);
	return out;
}

std::string as_json(const std::vector<Result> &results)
{
	nlohmann::ordered_json rows = nlohmann::ordered_json::array();

	for (const Result &r : results)
		rows.push_back({{"trace", r.trace},
				{"policy", r.policy},
				{"frames", r.frames},
				{"references", r.references},
				{"misses", r.misses},
				{"miss_ratio", r.miss_ratio()},
				{"frees", r.frees},
				{"writes", r.writes},
				{"looks_inactive", r.looks_inactive},
				{"looks_active", r.looks_active},
				{"activations", r.activations},
				{"forced", r.forced},
				{"direct_passes", r.direct_passes},
				{"daemon_passes", r.daemon_passes},
				{"pauses", r.pauses},
				{"idle_passes", r.idle_passes},
				{"cpu_ns_per_reference", r.ns_per_reference()},
				{"bytes", r.bytes}});
	return rows.dump(1, '\t') + "\n";
}

/* A string in gnuplot's single quotes. */
std::string gnuplot_string(const std::string &text)
{
	std::string out = "'";

	for (const char c : text) {
		if (c == '\'')
			out += c;
		out += c < ' ' ? '?' : c;
	}
	return out + "'";
}

std::string gnuplot_script(const std::vector<Result> &results, const std::string &path)
{
	std::vector<std::string> policies;
	std::string data;
	std::string plots;

	for (const Result &r : results) {
		if (std::find(policies.begin(), policies.end(), r.policy) ==
		    policies.end())
			policies.push_back(r.policy);
	}
	for (const std::string &policy : policies) {
		data += fmt::format("$d{} << EOD\n", &policy - policies.data());
		for (const Result &r : results) {
			if (r.policy == policy)
				data += fmt::format("{} {:.6f}\n", r.frames,
						    r.miss_ratio());
		}
		data += "EOD\n";
		plots += fmt::format("{}$d{} using 1:2 with linespoints title {}",
				     plots.empty() ? "plot " : ", ",
				     &policy - policies.data(), gnuplot_string(policy));
	}
	return fmt::format(
		"set terminal {} size 900,540\n"
		"set output {}\n"
		"set logscale x\nset yrange [0:1]\nset key outside noenhanced\n"
		"set xlabel 'frames'\nset ylabel 'miss ratio'\nset grid\n"
		"set title {} noenhanced\n{}{}\n",
		path.ends_with(".svg") ? "svg" : "pngcairo", gnuplot_string(path),
		gnuplot_string(results.empty() ? "" : results[0].trace), data, plots);
}

} // namespace

std::string csv_field(const std::string &text)
{
	if (text.find_first_of(",\"\r\n") == std::string::npos)
		return text;

	std::string out = "\"";

	for (const char c : text) {
		if (c == '"')
			out += c;
		out += c;
	}
	return out + "\"";
}

std::string show_results(const std::vector<Result> &results, Style style)
{
	if (style == Style::kCsv)
		return as_csv(results);
	if (style == Style::kJson)
		return as_json(results);
	return as_text(results);
}

void check_chart_name(const std::string &path)
{
	if (!path.ends_with(".svg") && !path.ends_with(".png"))
		throw Error(fmt::format("{}: a chart is to be .svg or .png", path));
}

void draw_chart(const std::vector<Result> &results, const std::string &path)
{
	check_chart_name(path);

	const std::string script = gnuplot_script(results, path);
	std::FILE *pipe = popen("gnuplot", "w");

	if (pipe == nullptr)
		throw Error(fmt::format("gnuplot: {}",
					std::generic_category().message(errno)));

	const bool told =
		std::fwrite(script.data(), 1, script.size(), pipe) == script.size();

	if (pclose(pipe) != 0 || !told)
		throw Error(fmt::format("{}: gnuplot could not draw it; is it installed?",
					path));
}

void write_text(const std::string &path, const std::string &text)
{
	const auto close = [](std::FILE *file) {
		std::fclose(file);
	};
	std::unique_ptr<std::FILE, decltype(close)> file;
	std::FILE *to = stdout;

	if (!path.empty()) {
		file.reset(std::fopen(path.c_str(), "wb"));
		to = file.get();
	}
	if (to == nullptr ||
	    std::fwrite(text.data(), 1, text.size(), to) != text.size() ||
	    std::fflush(to) != 0)
		throw Error(fmt::format("{}: {}", path.empty() ? "standard output" : path,
					std::generic_category().message(errno)));
}

} // namespace pagedaemon::sim
