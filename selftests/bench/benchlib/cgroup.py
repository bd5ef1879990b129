# SPDX-License-Identifier: GPL-2.0
"""A memory cgroup of a run, inside the machine, and what its files say."""

import os
import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PD = Path("/sys/kernel/mm/pagedaemon")


def flat(path):
    """A file of "name value" lines."""
    pairs = (line.split() for line in Path(path).read_text().splitlines())
    return {p[0]: int(p[1]) for p in pairs if len(p) == 2}


def stall_us(path):
    """PSI: total of each line."""
    lines = (line.split() for line in Path(path).read_text().splitlines())
    return {words[0]: int(words[-1].split("=")[1]) for words in lines}


def device_number(path):
    st = os.stat(path)
    dev = st.st_rdev or st.st_dev
    return f"{os.major(dev)}:{os.minor(dev)}"


def swap_device():
    lines = Path("/proc/swaps").read_text().splitlines()[1:]
    return device_number(lines[0].split()[0]) if lines else None


class Cgroup:
    """Made new for a run; attached if it has a policy."""

    def __init__(self, name, limit, policy=None, knobs=(), children=()):
        self.name, self.dir = name, ROOT / name
        self.policy, self.children = policy, [self.dir / child for child in children]
        self.dir.mkdir()
        try:
            self.set_up(limit, knobs)
        except OSError:
            self.remove()
            raise

    def set_up(self, limit, knobs):
        (self.dir / "memory.max").write_text(str(limit))
        if self.children:
            (self.dir / "cgroup.subtree_control").write_text("+memory +cpu +io")
        for child in self.children:
            child.mkdir()
        if self.policy:
            (PD / "attach").write_text(f"/{self.name} {self.policy}")
            for knob, value in knobs:
                (PD / self.name / "knobs" / knob).write_text(value)

    def enter(self):
        """For a child between fork and exec."""
        (self.dir / "cgroup.procs").write_text(str(os.getpid()))

    def io(self):
        """Bytes read and written, by device number."""
        result = {}
        for line in (self.dir / "io.stat").read_text().splitlines():
            device, *pairs = line.split()
            result[device] = {k: int(v) for k, v in (p.split("=") for p in pairs)}
        return result

    def sample(self):
        """All that is counted, as it stands."""
        result = {
            "stat": flat(self.dir / "memory.stat"),
            "events": flat(self.dir / "memory.events"),
            "psi": stall_us(self.dir / "memory.pressure"),
            "cpu": flat(self.dir / "cpu.stat"),
            "io": self.io(),
            "peak": int((self.dir / "memory.peak").read_text()),
        }
        if self.policy:
            result["pd"] = flat(PD / self.name / "stats")
            result["pd_state"] = (PD / self.name / "state").read_text().strip()
        return result

    def remove(self):
        if (PD / self.name).exists():
            (PD / "detach").write_text(f"/{self.name}")
        (self.dir / "cgroup.kill").write_text("1")
        for directory in filter(Path.exists, (*self.children, self.dir)):
            # A task is gone for its parent a little before it is for the cgroup.
            for _ in range(200):
                try:
                    directory.rmdir()
                    break
                except OSError:
                    time.sleep(0.05)
            else:
                raise RuntimeError(f"cannot remove {directory}")
