# SPDX-License-Identifier: GPL-2.0
"""From single runs to results.json and tables."""

import statistics
from collections import Counter

from . import NATIVE, advice

FIGURES = (
    "misses", "refaults", "major_faults", "swap_in", "swap_out", "scanned", "reclaimed",
    "max_events", "oom_kills", "psi_some_us", "psi_full_us", "cpu_us", "task_cpu_us",
    "daemon_cpu_us", "machine_cpu_us", "read_bytes", "written_bytes", "elapsed_us",
)
SCAN_FIGURES = ("ns_per_page", "ns_per_freed", "scanned", "freed", "cpu_us")


def spread(values):
    return {"median": statistics.median(values), "least": min(values),
            "greatest": max(values), "runs": len(values)}


def by_variant(runs):
    """{workload: {variant: {figure: spread}}}, variants in one order for all."""
    values = {}
    for run in runs:
        figures = values.setdefault(run["workload"], {}).setdefault(run["variant"], {})
        program = {name: n for name, n in run["program"].items() if name.startswith("latency_")
                   or name == "faults"}
        for name, n in {**{f: run[f] for f in FIGURES if f in run}, **program}.items():
            figures.setdefault(name, []).append(n)
    return {workload: {v: {f: spread(n) for f, n in figures.items()}
                       for v, figures in sorted(variants.items(), key=rank)}
            for workload, variants in values.items()}


def rank(item):
    return (NATIVE.index(item[0]) if item[0] in NATIVE else len(NATIVE)), item[0]


def add_excess(results, belady):
    """Misses beyond Belady's, as a share of his."""
    for workload, variants in results.items():
        least = belady.get(workload)
        for figures in variants.values():
            if least:
                figures["excess"] = (figures["misses"]["median"] - least) / least


def scan_costs(runs):
    """The points of scan cost: [{variant, size, attached, figure: spread}]."""
    values = {}
    for run in runs:
        key = run["size"], run["attached"], run["variant"]
        values.setdefault(key, []).append(run)
    return [{"size": size, "attached": attached, "variant": variant,
             **{f: spread([run[f] for run in group]) for f in SCAN_FIGURES}}
            for (size, attached, variant), group in
            sorted(values.items(), key=lambda kv: (kv[0][0], kv[0][1], rank(kv[0][2:])))]


def label(variant):
    return variant if variant in NATIVE else f"pagedaemon/{variant}"


def show(figure, scale=1):
    if figure is None:
        return "-"
    low, middle, high = (figure[k] / scale for k in ("least", "median", "greatest"))
    if f"{low:.0f}" == f"{high:.0f}":
        return f"{middle:.0f}"
    return f"{middle:.0f} ({low:.0f}..{high:.0f})"


def markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


COLUMNS = (
    ("misses", "misses", 1), ("refaults", "refaults", 1), ("`max` events", "max_events", 1),
    ("PSI some, ms", "psi_some_us", 1000), ("CPU, ms", "cpu_us", 1000),
    ("of it daemon", "daemon_cpu_us", 1000), ("elapsed, ms", "elapsed_us", 1000),
)
MORE_COLUMNS = (
    ("major faults", "major_faults", 1), ("swapped in", "swap_in", 1),
    ("swapped out", "swap_out", 1), ("scanned", "scanned", 1), ("reclaimed", "reclaimed", 1),
    ("read, MB", "read_bytes", 1 << 20), ("written, MB", "written_bytes", 1 << 20),
)


def table(results, belady, columns=COLUMNS):
    """One table with all workloads."""
    excess = columns is COLUMNS
    head = ["workload", "variant", *(c[0] for c in columns)]
    if excess:
        head.insert(3, "excess")
    rows = []
    for workload, variants in results.items():
        if excess and belady.get(workload):
            rows.append([workload, "Belady", str(belady[workload]), "0 %",
                         *[""] * (len(columns) - 1)])
        for variant, f in variants.items():
            row = [workload, label(variant), *(show(f.get(c[1]), c[2]) for c in columns)]
            if excess:
                row.insert(3, f"{100 * f['excess']:.1f} %" if "excess" in f else "")
            rows.append(row)
    return markdown(head, rows)


def killed(kills):
    """{workload: {variant: how often the kernel killed it}}."""
    counts = {}
    for kill in kills:
        counts.setdefault(kill["workload"], Counter())[kill["variant"]] += 1
    return counts


def kills_table(kills):
    rows = [[workload, variant, str(n)] for workload, counts in kills.items()
            for variant, n in sorted(counts.items())]
    return markdown(["workload", "variant", "killed"], rows) if rows else ""


CPU_COLUMNS = (("CPU of the machine, ms", "machine_cpu_us", 1000),
               ("tasks and daemon", "cpu_us", 1000), ("of it daemon", "daemon_cpu_us", 1000),
               ("misses", "misses", 1))


def cpu_table(results):
    """CPU time by instructions."""
    return table(results, {}, CPU_COLUMNS) if results else ""


def latency_table(elapsed, counted):
    names = ("latency_p50_ns", "latency_p99_ns", "latency_max_ns")
    rows = [[clock, label(v), *(show(f[n], 1000) for n in names)]
            for clock, results in (("elapsed", elapsed), ("counted", counted))
            for v, f in results.get("alloc-latency", {}).items() if names[0] in f]
    return markdown(["time", "variant", "p50, µs", "p99, µs", "max, µs"], rows) if rows else ""


def advice_table(advices, results):
    rows = []
    for workload, right in advice.judged(advices, results).items():
        named, variants = advices[workload]["policy"], results[workload]
        best = advice.best_by_runs(variants)
        rows.append([workload, named, str(advices[workload]["expected"][named]),
                     show(variants[named]["misses"]), best, show(variants[best]["misses"]),
                     "yes" if right else "no"])
    return markdown(["workload", "advised", "misses expected", "measured", "best measured",
                     "its misses", "right"], rows) if rows else ""


def scan_table(costs):
    rows = [[f"{c['size'] >> 20} MB", str(c["attached"]), label(c["variant"]),
             show(c["ns_per_page"]), show(c["ns_per_freed"]), show(c["scanned"]),
             show(c["freed"])] for c in costs]
    return markdown(["cgroup", "attached", "variant", "ns per page scanned",
                     "ns per page freed", "scanned", "freed"], rows)
