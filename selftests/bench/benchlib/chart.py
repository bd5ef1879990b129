# SPDX-License-Identifier: GPL-2.0
"""Charts of the results, by gnuplot."""

import subprocess

from . import NATIVE, POLICIES
from .report import label

HEAD = """set terminal svg size 960,420 background "white" noenhanced
set output "{output}"
set style fill solid 0.8 border -1
set grid ytics
set key outside top center horizontal
"""


def draw(script):
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def columns(results, figure):
    """Variants that were run, and a line of values for each workload."""
    variants = [v for v in (*NATIVE, *POLICIES) if any(v in r for r in results.values())]
    rows = []
    for workload, found in results.items():
        values = [figure(found[v]) if v in found else None for v in variants]
        if any(v is not None for v in values):
            rows.append(" ".join([workload, *("NaN" if v is None else f"{v:.6g}" for v in values)]))
    return variants, rows


def bars(out, name, title, ylabel, results, figure):
    """One group of bars for each workload."""
    variants, rows = columns(results, figure)
    if not rows:
        return
    data = out / f"{name}.dat"
    data.write_text("\n".join(rows) + "\n")
    plots = ", ".join(
        f'"{data}" using {i + 2}:xtic(1) title "{label(v)}"' for i, v in enumerate(variants))
    draw(HEAD.format(output=out / f"{name}.svg") + f"""set style data histograms
set xtics rotate by -30
set title "{title}"
set ylabel "{ylabel}"
set yrange [0:*]
plot {plots}
""")


def scan_lines(out, costs):
    """Cost against size, of one attached cgroup."""
    variants = [v for v in (*NATIVE, *POLICIES) if any(c["variant"] == v for c in costs)]
    plots = []
    for variant in variants:
        data = out / f"scan-{variant}.dat"
        data.write_text("".join(
            f"{c['size'] >> 20} {c['ns_per_page']['median']}\n" for c in costs
            if c["variant"] == variant and c["attached"] == 1))
        plots.append(f'"{data}" with linespoints title "{label(variant)}"')
    draw(HEAD.format(output=out / "scan-cost.svg") + f"""set logscale x 4
set yrange [0:*]
set title "CPU time of reclaim for each page scanned"
set xlabel "size of the cgroup, MB"
set ylabel "ns"
plot {', '.join(plots)}
""")


def draw_all(out, data):
    results = data["results"]
    bars(out, "excess", "Pages read beyond Belady's: less is better", "% of Belady's",
         results, lambda f: 100 * f["excess"] if "excess" in f else None)
    bars(out, "stalls", "Time that some task stalled for memory", "ms", results,
         lambda f: f["psi_some_us"]["median"] / 1000)
    bars(out, "cpu", "CPU time of tasks and daemon", "ms", results,
         lambda f: f["cpu_us"]["median"] / 1000)
    if data.get("scan"):
        scan_lines(out, data["scan"])
