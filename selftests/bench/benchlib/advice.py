# SPDX-License-Identifier: GPL-2.0
"""Does `pagedaemonctl advise` name the policy that is best, from a recording?

Each workload is recorded once, under the default policy. The advice is held against the
runs: what it names is best if no policy had fewer misses, or if the two cannot be told
apart, their runs' spreads overlapping or their medians being less than 0.5 % apart.
"""

import json
import subprocess

from . import DEFAULT, POLICIES, REPO

PROGRAM = REPO / "build/pagedaemonctl"
SAME = 1.005


def recordable(workload):
    """One task's in one cgroup, with a choice to be made."""
    return not workload.children and workload.name != "fault-loop"


def record(command, cgroup, out):
    """Inside the machine: run @command in @cgroup, and leave its trace in @out."""
    done = subprocess.run(
        [PROGRAM, "record", cgroup.dir, "--trace", out, "--buffer", str(64 << 10), "--json",
         "--", *command], check=True, text=True, capture_output=True)
    return json.loads(done.stdout.splitlines()[-1])


def of_trace(trace):
    """What is advised at the recorded limit, and the misses expected of each policy."""
    done = subprocess.run([PROGRAM, "advise", "--json", "--limit", "100%", trace],
                          check=True, text=True, capture_output=True)
    advice = json.loads(done.stdout)
    at = advice["table"][0]
    return {"policy": advice["policy"], "lost": advice["lost_events"],
            "expected": {p: n["misses"] for p, n in at["policies"].items()}}


def collect(directory):
    """{workload: advice} of the traces there."""
    return {path.name.removesuffix(".trace.zst"): of_trace(path)
            for path in sorted(directory.glob("*.trace.zst"))}


def best_by_runs(variants):
    """The policy with the fewest misses, if all were run."""
    ours = {p: variants[p]["misses"] for p in POLICIES if p in variants}
    if len(ours) < len(POLICIES):
        return None
    return min(ours, key=lambda p: (ours[p]["median"], p != DEFAULT))


def is_right(advised, variants):
    best, ours = (variants[p]["misses"] for p in (best_by_runs(variants), advised))
    return ours["median"] <= SAME * best["median"] or ours["least"] <= best["greatest"]


def judged(advice, results):
    """{workload: was the advice right?} of those with runs of every policy."""
    return {w: is_right(a["policy"], results[w]) for w, a in advice.items()
            if best_by_runs(results.get(w, {}))}
