#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Have each step of what the module does fail, one after the other.

usage: faults.py MODULE CGROUP INJECTIONS SECONDS

Each operation is done again and again, with the first, the second, ... allocation
in it made to fail, until there are no more; then with each of the functions failing
that the module lets fail. Loading fails by steps only. After a failure everything must
be as before. Runs until so many failures were injected, or for so long; prints a line
for each kind.
"""
import ctypes
import errno
import os
import sys
import time

import refusals

PD = refusals.PD
DEBUG = "/sys/kernel/debug/fail_function"
POLICIES = ("freebsd", "dragonfly", "netbsd", "mach", "clockpro")
# Where the module lets itself be made to fail, and what is returned then.
STEPS = {
    "pd_instance_make": 0,
    "pd_ghosts_make": 0,
    "pd_set_make": -errno.ENOMEM,
    "pd_sets_make": -errno.ENOMEM,
    "pd_daemons_create": -errno.ENOMEM,
}
libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")


def write(path, text):
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def load(fd, params):
    check(libc.syscall(313, fd, params.encode(), 0))


def unload():
    check(libc.syscall(176, b"pagedaemon", os.O_NONBLOCK))


class Operation:
    """Something that can fail: prepare before, do, undo if it did not."""

    def __init__(self, name, do, undo, loaded, attached):
        self.name, self.do, self.undo = name, do, undo
        self.loaded, self.attached = loaded, attached
        self.injected = self.refused = self.rounds = 0
        self.nth = 1


class Faults:
    def __init__(self, module, cgroup):
        self.module = os.open(module, os.O_RDONLY)
        self.cgroup = cgroup
        self.wrong = []
        self.loaded = self.attached = False
        self.turn = self.tries = 0
        self.most = 0

    def prepare(self, op):
        """Bring about what the operation begins with."""
        if self.attached and not (op.attached and op.loaded):
            write(f"{PD}/detach", f"/{self.cgroup}")
            self.attached = False
        if self.loaded and not op.loaded:
            unload()
            self.loaded = False
        if op.loaded and not self.loaded:
            load(self.module, "")
            self.loaded = True
        if op.attached and not self.attached:
            write(f"{PD}/attach", f"/{self.cgroup}")
            self.attached = True

    def policy(self):
        """The policy to ask for, never the one in force."""
        with open(f"{PD}/{self.cgroup}/policy", encoding="ascii") as f:
            words = f.read().split()
        others = [w for w in words if w in POLICIES]
        self.turn += 1
        return others[self.turn % len(others)]

    def snapshot(self, full):
        """
        What there is, with no page on its way: the jobs are stopped, but a daemon may
        look at pages to age them, which are on no queue then, and on another afterwards.
        """
        path = f"{PD}/{self.cgroup}/stats"
        for _ in range(100):
            state = refusals.snapshot(full)
            if path not in state:
                return state
            mode, text = state[path]
            lines = dict(line.split() for line in text.split("\n"))
            queued = int(lines.pop("inactive")) + int(lines.pop("active"))
            state[path] = (mode, f"{queued} pages, {lines}")
            if queued >= self.most:
                self.most = queued
                return state
            time.sleep(0.05)
        self.wrong.append(f"{queued} pages left of {self.most}")
        return state

    def expect_unchanged(self, op, what, before, full):
        after = self.snapshot(full)
        changed = [k for k in before.keys() | after.keys()
                   if before.get(k) != after.get(k)]
        for key in changed[:3]:
            self.wrong.append(f"{op.name}, {what}: {key} was {before.get(key)}, "
                              f"is {after.get(key)}")

    def attempt(self, op, what, inject):
        """One try; returns whether a failure was injected."""
        self.prepare(op)
        args = op.args() if hasattr(op, "args") else ()
        # Threads and functions take long to list: for one in 16.
        self.tries += 1
        full = self.tries % 16 == 0
        before = self.snapshot(full)
        failed = None
        try:
            injected = inject(lambda: op.do(*args))
        except OSError as e:
            failed = e.errno
            injected = True
        op.injected += injected
        if failed is None:
            op.undo()
        else:
            op.refused += 1
            if failed not in (errno.ENOMEM, errno.EINTR, errno.EAGAIN):
                self.wrong.append(f"{op.name}, {what}: {errno.errorcode[failed]}")
            self.expect_unchanged(op, what, before, full)
        return injected

    def with_nth(self, nth):
        def inject(do):
            with open("/proc/thread-self/fail-nth", "r+b", buffering=0) as f:
                f.write(str(nth).encode())
                try:
                    do()
                finally:
                    left = int(f.read())
                    f.write(b"0")
                return not left
        return inject

    def with_step(self, step):
        def inject(do):
            write(f"{DEBUG}/times", "1")
            write(f"{DEBUG}/inject", step)
            write(f"{DEBUG}/{step}/retval", f"{STEPS[step] & (2**64 - 1):#x}")
            try:
                do()
            finally:
                write(f"{DEBUG}/inject", f"!{step}")
            with open(f"{DEBUG}/times", encoding="ascii") as f:
                return f.read().strip() == "0"
        return inject

    def load_round(self, op):
        """
        By the module's own steps: allocations of the kernel's loader, of its
        tracing and of its kprobes must not fail, it does not survive that.
        """
        step = 1
        while True:
            op.args = lambda step=step: (step,)
            before = op.refused
            self.attempt(op, f"step {step}", lambda do: bool(do()))
            if op.refused == before:
                break
            step += 1
        op.rounds += 1

    def round(self, op, seconds):
        """Go on with an operation where the last turn ended, for so long."""
        if not op.loaded:
            self.load_round(op)
            return
        end = time.monotonic() + seconds
        while self.attempt(op, f"allocation {op.nth}", self.with_nth(op.nth)):
            op.nth += 1
            if time.monotonic() > end:
                return
        for step in STEPS:
            self.attempt(op, step, self.with_step(step))
        op.nth = 1
        op.rounds += 1


def main():
    module, cgroup, injections, seconds = sys.argv[1:]
    faults = Faults(module, cgroup)

    def nothing():
        pass

    attach = Operation(
        "attach", lambda: write(f"{PD}/attach", f"/{cgroup}"),
        lambda: write(f"{PD}/detach", f"/{cgroup}"), True, False)
    switch = Operation(
        "switch", lambda name: write(f"{PD}/{cgroup}/policy", name), nothing, True, True)
    switch.args = lambda: (faults.policy(),)
    detach = Operation(
        "detach", lambda: write(f"{PD}/detach", f"/{cgroup}"),
        lambda: write(f"{PD}/attach", f"/{cgroup}"), True, True)
    insert = Operation(
        "load", lambda step: load(faults.module, f"hook=ftrace fail_step={step}"),
        unload, False, False)
    both = Operation(
        "load and attach", lambda step: load(
            faults.module, f"hook=ftrace fail_step={step} cgroup=/{cgroup} policy=mach"),
        unload, False, False)
    operations = (attach, switch, detach, insert, both)

    # Where it strikes is of no interest here, and would fill the log.
    for what in ("failslab", "fail_page_alloc", "fail_function"):
        write(f"/sys/kernel/debug/{what}/verbose", "0")
    for what in ("failslab", "fail_page_alloc"):
        write(f"/sys/kernel/debug/{what}/ignore-gfp-wait", "N")
    write("/sys/kernel/debug/fail_page_alloc/min-order", "0")
    write(f"{DEBUG}/probability", "100")

    end = time.monotonic() + float(seconds)
    while (sum(op.injected for op in operations) < int(injections)
           and time.monotonic() < end and not faults.wrong):
        for op in operations:
            faults.round(op, float(seconds) / 10)
    if faults.attached:
        write(f"{PD}/detach", f"/{cgroup}")
    if faults.loaded:
        unload()
    for op in operations:
        print(f"{op.name}: {op.injected} injected, {op.refused} refused, "
              f"{op.rounds} rounds")
    print(f"total {sum(op.injected for op in operations)}")
    for line in faults.wrong[:20]:
        print(f"wrong: {line}")
    return bool(faults.wrong)


sys.exit(main())
