// SPDX-License-Identifier: GPL-2.0
#include "table.hh"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pagedaemon::sim
{
namespace
{

std::string trimmed(const std::string &text)
{
	const std::size_t begin = text.find_first_not_of(" \t\r");

	if (begin == std::string::npos)
		return {};
	return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/* The cells of a row of a Markdown table; none if it is not one. */
std::vector<std::string> cells_of(const std::string &line)
{
	std::vector<std::string> cells;

	if (!line.starts_with('|'))
		return cells;
	for (std::size_t at = 1; at < line.size();) {
		const std::size_t end = std::min(line.find('|', at), line.size());

		cells.push_back(trimmed(line.substr(at, end - at)));
		at = end + 1;
	}
	return cells;
}

std::optional<double> percent_in(const std::string &cell)
{
	double value = 0;
	const char *end = cell.data() + cell.size();
	const auto got = std::from_chars(cell.data(), end, value);

	if (got.ec != std::errc() || got.ptr != end)
		return {};
	return value;
}

std::optional<std::size_t> column_of(const Table &table, const std::string &name)
{
	const auto at = std::find(table.policies.begin(), table.policies.end(), name);

	if (at == table.policies.end())
		return {};
	return static_cast<std::size_t>(at - table.policies.begin());
}

std::string share_in_words(std::optional<double> share)
{
	return share ? fmt::format("{:.1f}", 100 * *share) : "";
}

std::string row_name(const RowSpec &spec)
{
	return fmt::format("{}@{}", spec.trace, spec.frames);
}

std::string as_markdown(const Table &table)
{
	std::string out = "| trace@frames |";
	std::string rule = "|---|";
	std::string last = "| mean share of the gap, % |";

	for (std::size_t i = 0; i < table.policies.size(); i++) {
		out += fmt::format(" {} |", table.policies[i]);
		rule += "---|";
		last += fmt::format(" {} |", share_in_words(mean_gap_share(table, i)));
	}
	out += "\n" + rule + "\n";
	for (const TableRow &row : table.rows) {
		out += fmt::format("| {} |", row_name(row.spec));
		for (const double hits : row.hits)
			out += fmt::format(" {:.2f} |", hits);
		out += "\n";
	}
	return out + last + "\n";
}

std::string as_csv(const Table &table)
{
	std::string out = "trace,frames,policy,hit_percent,gap_share_percent\n";

	for (const TableRow &row : table.rows) {
		for (std::size_t i = 0; i < table.policies.size(); i++)
			out += fmt::format("{},{},{},{:.4f},{}\n",
					   csv_field(row.spec.trace), row.spec.frames,
					   table.policies[i], row.hits[i],
					   share_in_words(gap_share(table, row, i)));
	}
	return out;
}

nlohmann::ordered_json number_or_null(std::optional<double> number)
{
	return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json();
}

std::string as_json(const Table &table)
{
	nlohmann::ordered_json out = {
		{"rows", nlohmann::ordered_json::array()},
		{"mean_gap_share", nlohmann::ordered_json::object()}};

	for (const TableRow &row : table.rows) {
		nlohmann::ordered_json hits, shares;

		for (std::size_t i = 0; i < table.policies.size(); i++) {
			hits[table.policies[i]] = row.hits[i];
			shares[table.policies[i]] =
				number_or_null(gap_share(table, row, i));
		}
		out["rows"].push_back({{"trace", row.spec.trace},
				       {"frames", row.spec.frames},
				       {"hit_percent", hits},
				       {"gap_share", shares}});
	}
	for (std::size_t i = 0; i < table.policies.size(); i++)
		out["mean_gap_share"][table.policies[i]] =
			number_or_null(mean_gap_share(table, i));
	return out.dump(1, '\t') + "\n";
}

} // namespace

std::string column_key(const std::string &heading)
{
	std::string key;

	for (const unsigned char c : heading) {
		if (std::isalnum(c) != 0)
			key += static_cast<char>(std::tolower(c));
	}
	return key;
}

RowSpec parse_row_spec(const std::string &text)
{
	const std::size_t at = text.rfind('@');
	RowSpec spec;

	if (at == std::string::npos || at == 0)
		throw Error(fmt::format("expected TRACE@FRAMES, not \"{}\"", text));

	const char *end = text.data() + text.size();
	const auto got = std::from_chars(text.data() + at + 1, end, spec.frames);

	if (got.ec != std::errc() || got.ptr != end || spec.frames == 0 ||
	    spec.frames > kNone - 16)
		throw Error(fmt::format("\"{}\": that many frames cannot be", text));
	spec.trace = text.substr(0, at);
	return spec;
}

std::vector<RowSpec> read_row_specs(const std::string &path)
{
	std::ifstream file(path);
	std::vector<std::string> headings;
	std::vector<RowSpec> specs;
	std::string line;

	if (!file)
		throw Error(fmt::format("{}: cannot be read", path));
	while (std::getline(file, line)) {
		const std::vector<std::string> cells = cells_of(line);

		if (cells.empty() || cells[0].find('@') == std::string::npos ||
		    column_key(cells[0]) == "traceframes") {
			if (!cells.empty() && !cells[0].starts_with("---"))
				headings = cells;
			continue;
		}

		RowSpec spec = parse_row_spec(cells[0]);

		for (std::size_t i = 1; i < std::min(cells.size(), headings.size());
		     i++) {
			if (const auto hits = percent_in(cells[i]))
				spec.given[column_key(headings[i])] = *hits;
		}
		specs.push_back(std::move(spec));
	}
	if (specs.empty())
		throw Error(fmt::format(
			"{}: no table in it with rows that begin with TRACE@FRAMES",
			path));
	return specs;
}

std::string find_trace(const std::string &directory, const std::string &trace)
{
	std::vector<std::string> found;
	std::error_code error;

	for (const auto &entry : std::filesystem::directory_iterator(directory, error)) {
		const std::string name = entry.path().filename().string();

		if (name == trace || name.starts_with(trace + "."))
			found.push_back(entry.path().string());
	}
	if (error)
		throw Error(fmt::format("{}: {}", directory, error.message()));
	if (found.size() != 1)
		throw Error(fmt::format("{}: {} files are called {} or {}.*, not one",
					directory, found.size(), trace, trace));
	return found[0];
}

std::optional<double> gap_share(const Table &table, const TableRow &row,
				std::size_t policy)
{
	/* Hundredths of a point: less of a gap is noise. */
	constexpr double least = 0.005;
	const auto lru = column_of(table, "lru");
	const auto belady = column_of(table, "belady");

	if (!lru || !belady || row.hits[*belady] - row.hits[*lru] < least)
		return {};
	return (row.hits[policy] - row.hits[*lru]) / (row.hits[*belady] - row.hits[*lru]);
}

std::optional<double> mean_gap_share(const Table &table, std::size_t policy)
{
	double sum = 0;
	std::size_t n = 0;

	for (const TableRow &row : table.rows) {
		if (const auto share = gap_share(table, row, policy)) {
			sum += *share;
			n++;
		}
	}
	if (n == 0)
		return {};
	return sum / static_cast<double>(n);
}

Difference difference(const Table &table, std::size_t policy, double points)
{
	const std::string key = column_key(table.policies[policy]);
	Difference out;

	for (const TableRow &row : table.rows) {
		const auto given = row.spec.given.find(key);

		if (given == row.spec.given.end())
			continue;

		/* Both as printed: two digits. */
		const double ours = std::round(100 * row.hits[policy]);
		const double by = std::abs(ours - std::round(100 * given->second)) / 100;

		out.rows++;
		out.within += by <= points + 1e-9 ? 1 : 0;
		if (by > out.greatest) {
			out.greatest = by;
			out.where = row_name(row.spec);
		}
	}
	return out;
}

std::string show_table(const Table &table, Style style)
{
	if (style == Style::kCsv)
		return as_csv(table);
	if (style == Style::kJson)
		return as_json(table);
	return as_markdown(table);
}

std::string show_differences(const Table &table, double points)
{
	std::string out;

	for (std::size_t i = 0; i < table.policies.size(); i++) {
		const Difference d = difference(table, i, points);

		if (d.rows == 0)
			continue;
		out += fmt::format("{}: within {} of the given column on {} of {} rows",
				   table.policies[i], points, d.within, d.rows);
		if (d.greatest > 0)
			out += fmt::format("; at most {:.2f} off, on {}", d.greatest,
					   d.where);
		out += "\n";
	}
	return out;
}

} // namespace pagedaemon::sim
