# SPDX-License-Identifier: GPL-2.0
"""What `make bench` is made of: workloads, runs in the machine, reports."""

import re
from pathlib import Path

PAGE = 4096
REPO = Path(__file__).resolve().parents[3]
NATIVE = ("lru", "mglru")


def policies():
    """In the order users see them: the first one is the default."""
    text = (REPO / "src/policy/registry.cc").read_text()
    return tuple(re.findall(r"^\t&([a-z0-9]+)_policy,$", text, re.MULTILINE))


def knobs():
    text = (REPO / "include/pagedaemon/knobs.def").read_text()
    return tuple(re.findall(r"^PD_KNOB\((\w+),", text, re.MULTILINE))


POLICIES = policies()
DEFAULT = POLICIES[0]
