# SPDX-License-Identifier: GPL-2.0
"""Belady's misses of a workload: the fewest that any policy can have."""

import json
import subprocess

from . import REPO

SIMULATOR = REPO / "build/pagedaemon-sim"


def trace(pdwork, workload, seed):
    """What it accesses: lines of a page number and letters, as the simulator reads them."""
    return subprocess.run(
        [pdwork, "bench", workload.name, f"frames={workload.frames}", f"seed={seed}",
         "print=1"], check=True, text=True, stdout=subprocess.PIPE).stdout


def misses(path, frames):
    done = subprocess.run([SIMULATOR, "run", path, "--policy", "belady", "--frames", str(frames),
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
    return misses(path, workload.frames) - new_pages(accesses)
