# SPDX-License-Identifier: GPL-2.0
"""Scan cost, inside the machine: CPU time for each page that reclaim looks at.

A cgroup is filled with clean file pages that were read once, an eighth more than it takes,
so that reclaim is at work in it; then a quarter of its limit is reclaimed with
memory.reclaim, the kernel's way or ours. The pages come from holes of a sparse file: what it
costs to read them is none of our business here. Nor is how much of what is freed fits into the
page allocator's per-CPU lists: they are kept as short as they can be, else all that a small
cgroup gives fits, and next to nothing of what a large one gives.
"""

import json
import os
import subprocess
import time
from pathlib import Path

from . import NATIVE
from .cgroup import Cgroup, flat

SIZES = (64 << 20, 256 << 20, 1 << 30, 4 << 30)
MANY = 64
NEIGHBOUR = 4 << 20
# From here on one policy will do, and one run: filling takes long, and little varies.
LARGE = 1 << 30
SPARSE = Path("/mnt/scratch/sparse")
PER_CPU_LISTS = Path("/proc/sys/vm/percpu_pagelist_high_fraction")
# One page in so many of a zone; the kernel keeps four batches at least.
SMALLEST_FRACTION = (1 << 31) - 1


def fill(cgroup, size):
    """By a task there: pages belong to who read them first."""
    subprocess.run(["dd", f"if={SPARSE}", "of=/dev/null", "bs=128K",
                    f"count={size // (128 << 10)}"], check=True, preexec_fn=cgroup.enter,
                   stderr=subprocess.DEVNULL)


def filling(size):
    return size * 9 // 8


def counts(cgroup):
    """Pages looked at and freed so far, and the daemon's CPU time."""
    stat = flat(cgroup.dir / "memory.stat")
    daemon = cgroup.sample()["pd"]["daemon_cpu_us"] if cgroup.policy else 0
    return {"scanned": stat["pgscan"] + stat["pgrefill"], "freed": stat["pgsteal"],
            "daemon_us": daemon}


def reclaim(cgroup, size):
    """What it took; the CPU time is ours, who write, and the daemon's."""
    before = counts(cgroup)
    begin = time.thread_time_ns()
    try:
        with (cgroup.dir / "memory.reclaim").open("wb", buffering=0) as request:
            request.write(str(size).encode())
    except BlockingIOError:
        pass  # less than wanted was freed: the counts say how much
    task_us = (time.thread_time_ns() - begin) / 1000
    after = counts(cgroup)
    took = {name: after[name] - before[name] for name in after}
    took["cpu_us"] = task_us + took.pop("daemon_us")
    if not took["scanned"]:
        raise RuntimeError("nothing was scanned")
    took["ns_per_page"] = 1000 * took["cpu_us"] / took["scanned"]
    took["ns_per_freed"] = 1000 * took["cpu_us"] / max(took["freed"], 1)
    return took


def measure(variant, size, attached, drop_caches):
    """One figure: in a cgroup of this size, with so many attached, itself included."""
    drop_caches()
    policy = None if variant in NATIVE else variant
    cgroups = [Cgroup("scan", size, policy)]
    try:
        for i in range(attached - 1):
            cgroups.append(Cgroup(f"neighbour{i}", NEIGHBOUR, policy))
            fill(cgroups[-1], NEIGHBOUR // 4)
            # The next one's pages are to be its own.
            drop_file_cache()
        fill(cgroups[0], filling(size))
        return reclaim(cgroups[0], size // 4)
    finally:
        for cgroup in cgroups:
            cgroup.remove()


def drop_file_cache():
    with SPARSE.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def points(config):
    """Cheapest first: a run that is ended early has most of them."""
    for size in config["sizes"]:
        yield size, 1
    yield config["sizes"][0], MANY


def chosen(variants, size):
    policies = [v for v in variants if v not in NATIVE]
    return [v for v in variants if v in NATIVE or v in policies[:1] or size < LARGE]


def run(config, out, set_mglru, drop_caches, order):
    with SPARSE.open("wb") as file:
        file.truncate(filling(max(config["sizes"])))
    PER_CPU_LISTS.write_text(str(SMALLEST_FRACTION))
    with (out / "scan.jsonl").open("w") as log:
        for size, attached in points(config):
            variants = chosen(config["variants"], size)
            for turn in range(config["runs"] if size < LARGE else 1):
                for variant in order(variants, turn):
                    set_mglru(variant != "lru")
                    took = measure(variant, size, attached, drop_caches)
                    log.write(json.dumps({"variant": variant, "size": size, "run": turn,
                                          "attached": attached, **took}) + "\n")
                    log.flush()
                    print(f"{size >> 20:5} MB {attached:2} attached {variant:10}"
                          f" scanned {took['scanned']:8} freed {took['freed']:8}"
                          f" {took['ns_per_page']:7.0f} ns a page looked at"
                          f" {took['ns_per_freed']:7.0f} a page freed", flush=True)
    return 0
