# SPDX-License-Identifier: GPL-2.0
"""What the project promises of its figures, held against results.json."""

import math
from dataclasses import dataclass

from . import DEFAULT, NATIVE, POLICIES, advice
from .workloads import BY_NAME

# Less than this is the clock's and the counters' noise: ratios of it say nothing.
PSI_FLOOR_US = 1000
EXCESS_FLOOR = 0.001
LATENCY = "alloc-latency"


@dataclass
class Verdict:
    promise: str
    passed: bool | None  # None: nothing to judge by
    figures: str


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def median(results, workload, variant, figure):
    return results[workload][variant][figure]["median"]


def lower_native(results, workload, figure):
    return min(median(results, workload, v, figure) for v in NATIVE)


def judged(results):
    """Workloads with everything that a comparison needs."""
    return [w for w, variants in results.items() if {*NATIVE, DEFAULT} <= variants.keys()]


def ratios(results, figure, floor=0):
    """{workload: ours to the lower of the kernel's two}; none where both are noise."""
    found = {}
    for workload in judged(results):
        theirs, ours = lower_native(results, workload, figure), median(
            results, workload, DEFAULT, figure)
        if max(theirs, ours) > floor:
            found[workload] = max(ours, floor) / max(theirs, floor, 1e-9)
    return found


def each(pairs, form="{:.2f}"):
    return ", ".join(f"{name} {form.format(value)}" for name, value in pairs.items()) or "none"


def excess(results, belady):
    shares = {}
    for workload in judged(results):
        if belady.get(workload):
            theirs = min(results[workload][v]["excess"] for v in NATIVE)
            if theirs > 0.05:
                ours = results[workload][DEFAULT]["excess"]
                shares[workload] = max(ours, EXCESS_FLOOR) / theirs
    mean = geometric_mean([*shares.values()])
    return Verdict("excess relative to the better of LRU and MGLRU, where that is above 5 %: "
                   "geometric mean at most 0.6", None if mean is None else mean <= 0.6,
                   f"{mean:.2f}: {each(shares)}" if mean else "no such workload")


def no_worse(results, belady):
    """Where nothing is known of the best, the kernel's own misses are the measure."""
    more = {}
    for workload in judged(results):
        least = belady.get(workload)
        theirs = lower_native(results, workload, "misses")
        base = least or theirs
        if workload in (LATENCY, "fault-loop") or not base:
            continue
        if least and (theirs - least) / least > 0.05:
            continue
        more[workload] = 100 * (median(results, workload, DEFAULT, "misses") - theirs) / base
    return Verdict("on every other workload misses at most 1 % of Belady's above theirs",
                   all(m <= 1 for m in more.values()) if more else None, each(more, "{:+.2f} %"))


def stalls(results):
    found = ratios(results, "psi_some_us", PSI_FLOOR_US)
    mean = geometric_mean([*found.values()])
    return Verdict("PSI some: geometric mean at most 0.3 of the lower of both, none above 1",
                   None if mean is None else mean <= 0.3 and max(found.values()) <= 1,
                   f"{mean:.2f}: {each(found)}" if mean else "no stalls")


def limit_events(results):
    bad, behind = {}, {}
    for workload in judged(results):
        n = median(results, workload, DEFAULT, "max_events")
        if n:
            (bad if BY_NAME[workload].keeps_up else behind)[workload] = n
    return Verdict("`max` events: median 0 wherever background reclaim can keep up",
                   not bad if results else None,
                   f"above 0: {each(bad, '{:.0f}')}; where it cannot: {each(behind, '{:.0f}')}")


def cpu(data):
    """
    Of all that runs, as nothing but the workload does: who writes for the kernel's reclaim is
    nobody's task. Counted in instructions: time shows what else a host does.
    """
    results = {w: variants for w, variants in (data.get("cpu") or data["results"]).items()
               if all("machine_cpu_us" in f for f in variants.values())}
    found = ratios(results, "machine_cpu_us")
    own = {w: r for w, r in ratios(results, "cpu_us").items() if r > 1.10}
    return Verdict("CPU, all that the machine does for it: each workload at most 1.10 times the "
                   "lower of both", max(found.values()) <= 1.10 if found else None,
                   f"{each(found)}; tasks and daemon alone above that: {each(own)}")


def latency(data):
    """
    Counted in instructions, if it was: where ticks take half a millisecond, as emulated, they
    are most of the slowest hundredth, and what else the host does is the rest.
    """
    found = {}
    for clock, results in (("counted", data.get("cpu")), ("elapsed", data["results"])):
        only = {w: variants for w, variants in (results or {}).items() if w == LATENCY}
        found |= {clock: ratio for ratio in ratios(only, "latency_p99_ns").values()}
    return Verdict("p99 of allocations at most half of the lower of both",
                   next(iter(found.values())) <= 0.5 if found else None,
                   each(found) if found else "not run")


def ten_passes(results, belady):
    promise = "ten passes over 1.43 times the limit: the best policy has at most 0.6 times " \
              "the misses of LRU and of MGLRU"
    variants = results.get("ten-passes", {})
    ours = {p: variants[p]["misses"]["median"] for p in POLICIES if p in variants}
    if not ours or not {*NATIVE} <= variants.keys():
        return Verdict(promise, None, "not run")
    best = min(ours, key=ours.get)
    ratio = ours[best] / lower_native(results, "ten-passes", "misses")
    least = belady["ten-passes"] / lower_native(results, "ten-passes", "misses")
    return Verdict(promise, ratio <= 0.6, f"{best} {ratio:.2f}, Belady {least:.2f}")


def advised(advices, results):
    found = advice.judged(advices, results)
    wrong = ", ".join(w for w, right in found.items() if not right) or "none"
    return Verdict("`pagedaemonctl advise` names the best policy for at least 8 workloads",
                   sum(found.values()) >= 8 if found else None,
                   f"right for {sum(found.values())} of {len(found)}; wrong: {wrong}"
                   if found else "not run")


def growth_of(costs):
    return max(costs) / min(costs) if len(costs) > 1 else None


def scan_cost(costs):
    by_point = {}
    for cost in costs:
        by_point.setdefault((cost["size"], cost["attached"]), {})[cost["variant"]] = \
            cost["ns_per_page"]["median"]
    points = {k: v for k, v in by_point.items() if {*NATIVE, DEFAULT} <= v.keys()}
    dear = {f"{size >> 20} MB, {n} attached": v[DEFAULT] / min(v[k] for k in NATIVE)
            for (size, n), v in points.items()}
    growth = {name: growth_of([v[name] for v in by_point.values() if name in v])
              for name in (DEFAULT, *NATIVE)}
    return [Verdict("CPU per scanned page at most the kernel's own",
                    max(dear.values()) <= 1 if dear else None, each(dear)),
            Verdict("and flat, within 10 %, from 64 MB to 4 GB and from 1 cgroup to 64",
                    growth[DEFAULT] and growth[DEFAULT] <= 1.10,
                    "dearest to cheapest: " +
                    ", ".join(f"{name} {by:.3f}" for name, by in growth.items() if by)
                    if growth[DEFAULT] else "not run")]


def verdicts(data):
    results, belady = data["results"], data["belady"]
    return [excess(results, belady), no_worse(results, belady), stalls(results),
            limit_events(results), cpu(data), latency(data),
            ten_passes(results, belady), advised(data.get("advice", {}), results),
            *scan_cost(data.get("scan", []))]


WORDS = {True: "pass", False: "FAIL", None: "not measured"}


def failed(found):
    return any(v.passed is False for v in found)
