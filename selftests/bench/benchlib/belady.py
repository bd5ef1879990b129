# SPDX-License-Identifier: GPL-2.0
"""Belady's misses of a workload: the fewest that any policy can have."""

import heapq
import json
import subprocess

from . import REPO

SIMULATOR = REPO / "build/pagedaemon-sim"


def trace(pdwork, workload, seed):
    """What it accesses: lines of a page number and letters, as the simulator reads them."""
    return subprocess.run(
        [pdwork, "bench", workload.name, f"frames={workload.frames}", f"seed={seed}",
         "print=1"], check=True, text=True, stdout=subprocess.PIPE).stdout


def misses(pages, frames):
    never = len(pages)
    next_use, last = [never] * len(pages), {}
    for i in range(len(pages) - 1, -1, -1):
        next_use[i] = last.get(pages[i], never)
        last[pages[i]] = i
    cached, farthest, count = {}, [], 0
    for i, page in enumerate(pages):
        if page not in cached:
            count += 1
            while len(cached) >= frames:
                # What was used since it was noted here is noted again further on.
                use, victim = heapq.heappop(farthest)
                if cached.get(victim) == -use:
                    del cached[victim]
        cached[page] = next_use[i]
        heapq.heappush(farthest, (-next_use[i], page))
    return count


def simulated(simulator, path, frames):
    done = subprocess.run([simulator, "run", path, "--policy", "belady", "--frames", str(frames),
                           "--as", "json"], check=True, text=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)[0]["misses"]


def new_pages(accesses):
    """Anonymous pages: the first miss of each reads nothing."""
    return len({page for page, kind in accesses if kind[-1] == "a"})


def of_workload(pdwork, workload, seed, keep):
    """Pages that have to be read. The trace stays in the directory @keep."""
    text = trace(pdwork, workload, seed)
    path = keep / f"{workload.name}.txt"
    path.write_text(text)
    accesses = [line.split() for line in text.splitlines()]
    if SIMULATOR.exists():
        count = simulated(SIMULATOR, path, workload.frames)
    else:
        count = misses([int(page) for page, _ in accesses], workload.frames)
    return count - new_pages(accesses)
