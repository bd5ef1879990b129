# SPDX-License-Identifier: GPL-2.0
"""results.json and all that is made of it, from what runs left in a directory."""

import json

from . import chart, check, docs, report


def lines(path):
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def about(out, mode):
    path = out / mode / "about.json"
    return json.loads(path.read_text()) if path.exists() else None


def collect(out):
    """Everything known of the last runs there; None if there were none."""
    data = {"loads": about(out, "loads"), "counting": about(out, "cpu"),
            "scanning": about(out, "scan")}
    if not any(data.values()):
        return None
    runs = lines(out / "loads/runs.jsonl")
    for part in ("belady", "advice"):
        data[part] = data["loads"].pop(part, {}) if data["loads"] else {}
    data["results"] = report.by_variant(runs)
    data["runs"] = 1 + max((run["run"] for run in runs), default=-1)
    data["cpu"] = report.by_variant(lines(out / "cpu/runs.jsonl"))
    data["kills"] = report.killed(
        lines(out / "loads/kills.jsonl") + lines(out / "cpu/kills.jsonl"))
    data["scan"] = report.scan_costs(lines(out / "scan/scan.jsonl"))
    report.add_excess(data["results"], data["belady"])
    return data


def write(out, data):
    (out / "results.json").write_text(json.dumps(data, indent=1) + "\n")
    text = report.table(data["results"], data["belady"]) if data["results"] else ""
    for more in (report.kills_table(data["kills"]),
                 report.latency_table(data["results"], data["cpu"]),
                 report.cpu_table(data["cpu"]),
                 report.advice_table(data["advice"], data["results"]),
                 report.scan_table(data["scan"]) if data["scan"] else ""):
        text += "\n" + more if more else ""
    (out / "table.md").write_text(text)
    chart.draw_all(out, data)
    return text


def print_checks(data):
    found = check.verdicts(data)
    for verdict in found:
        print(f"{check.WORDS[verdict.passed]:12} {verdict.promise}\n{'':12} {verdict.figures}")
    return 1 if check.failed(found) else 0


def update_docs(out, data, directory):
    (directory / "performance.md").write_text(docs.page(data))
    # Workloads whose sequence is unknown have none.
    if (out / "excess.svg").exists():
        (directory / "performance.svg").write_bytes((out / "excess.svg").read_bytes())
