# SPDX-License-Identifier: GPL-2.0
"""The workloads: what each is, what files it reads, what is known of it."""

from dataclasses import dataclass

from . import PAGE

LIMIT = 32 << 20


@dataclass(frozen=True)
class Workload:
    name: str
    text: str
    # Name and size of each file, in parts of the limit.
    files: tuple = ()
    limit: int = LIMIT
    # Its accesses follow from the seed: Belady's misses can be computed.
    known: bool = True
    # Command in the tree of real programs, or of pdwork; "": pdwork bench NAME.
    command: tuple = ()
    tree: bool = False
    # The daemon can be ahead: it waits for no disk before it can free.
    keeps_up: bool = True
    # Cgroups below the limit; the program puts its tasks there.
    children: tuple = ()

    @property
    def frames(self):
        return self.limit // PAGE

    def file_pages(self):
        return {name: int(share * self.frames) for name, share in self.files}


STREAM = ("stream", 8)

# The program cuts the set of ten-passes into files of equal size.
WORKLOADS = (
    Workload("ten-passes", "ten passes over 16 files, together 1.43 times the limit",
             tuple((f"set.{i}", 1.43 / 16) for i in range(16))),
    Workload("hot-mmap-stream", "mapped hot set of half the limit, and a stream",
             (("data", 0.5), STREAM)),
    Workload("zipf-mmap", "mapped file of twice the limit, Zipf's distribution",
             (("data", 2),)),
    Workload("zipf-stream", "mapped file of twice the limit, Zipf's distribution, and a stream",
             (("data", 2), ("stream", 4))),
    Workload("pread-stream", "pread() at random in half the limit, and a stream",
             (("data", 0.5), STREAM)),
    Workload("hot-anon-stream", "anonymous hot set of half the limit, and a stream",
             (STREAM,)),
    Workload("anon-zipf-swap", "anonymous memory of 1.5 times the limit, Zipf's distribution, swap",
             keeps_up=False),
    Workload("writers-hot", "writes at random over twice the limit, and a hot set of half of it",
             (("rewritten", 2), ("data", 0.5))),
    Workload("text-stream", "program text of an eighth of the limit, at intervals, and a stream",
             (("data", 0.125), STREAM)),
    Workload("stream", "one stream of eight times the limit", (STREAM,)),
    Workload("phase-change", "mapped hot set of half the limit that changes three times",
             (("data", 4),)),
    Workload("two-tenants", "Zipf's distribution over the limit, and a stream, in two cgroups",
             (("data", 1), ("stream", 4)), children=("database", "backup")),
    Workload("alloc-latency", "allocations in a full cgroup, at a pace",
             (STREAM,), known=False),
    Workload("build", "make with gcc, of C programs", known=False, tree=True,
             command=("make", "-s", "-B", "-C", "/build/src")),
    Workload("database", "SQLite, a table of twice the limit: reads by key, and scans",
             known=False, tree=True,
             command=("sqlite3", "-batch", "-cmd", ".output /dev/null", "/database",
                      ".read /queries.sql")),
    Workload("fault-loop", "page faults, no pressure", known=False, limit=64 << 20,
             command=("fault", "16M", "6")),
)

BY_NAME = {w.name: w for w in WORKLOADS}
