#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Do what the kernel may refuse, and say how it went.

One request a line on stdin:

    write FILE TEXT     one write(2); TEXT has escapes such as \\n and \\x00
    load MODULE PARAMS  finit_module(2)

One answer a line on stdout, separated by tabs: the name of the errno or OK;
the number of lines that the module wrote to the kernel's log meanwhile, and
the last of them; and what is different since before (files below
/sys/kernel/mm/pagedaemon, their modes and contents, the module's threads, the
functions that ftrace has its hand in).
"""
import ctypes
import errno
import os
import sys

PD = "/sys/kernel/mm/pagedaemon"
# Lines of stats from here on count what happens.
VOLATILE = "deficit"
# The kernel adds up its count of these up to two seconds late, and its flusher
# threads write them whenever they are old enough: it is not the module's to keep.
KERNELS_OWN = "dirty "


def content(path):
    try:
        with open(path, encoding="utf-8", errors="backslashreplace") as f:
            text = f.read()
    except OSError as e:
        return errno.errorcode[e.errno]
    if path == f"{PD}/stats":
        return text.split("\n", maxsplit=1)[0]
    if path.endswith("/pairs"):
        return str(text.count("\n"))
    if path.endswith("/stats"):
        lines = text.split(f"\n{VOLATILE} ", maxsplit=1)[0].split("\n")
        return "\n".join(x for x in lines if not x.startswith(KERNELS_OWN))
    return text


def snapshot(full=True):
    """What there is; with functions and threads, which take longer, if full."""
    state = {}
    for top, _, files in os.walk(PD):
        state[top] = oct(os.stat(top).st_mode)
        for name in files:
            path = os.path.join(top, name)
            mode = os.stat(path).st_mode
            state[path] = (oct(mode), content(path) if mode & 0o444 else None)
    state["module"] = os.path.exists("/sys/module/pagedaemon")
    if not full:
        return state
    for pid in filter(str.isdigit, os.listdir("/proc")):
        comm = content(f"/proc/{pid}/comm").strip()
        if comm.startswith("pagedaemon/"):
            state[f"thread {pid}"] = comm
    functions = "/sys/kernel/tracing/enabled_functions"
    state[functions] = content(functions)
    return state


class Log:
    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)

    def lines(self):
        """Lines of ours since the last call."""
        found = []
        while True:
            try:
                record = os.read(self.fd, 8192).decode(errors="replace")
            except BlockingIOError:
                return found
            except BrokenPipeError:  # overtaken
                continue
            text = record.split(";", maxsplit=1)[1].split("\n")[0]
            # "loading out-of-tree module taints kernel" is not by us.
            if text.startswith("pagedaemon: ") and "taint" not in text:
                found.append(text)


def do(request):
    verb, request = request.split(" ", 1)
    what, *rest = request.split(" ", 1)
    text = rest[0] if rest else ""
    data = text.encode("latin-1").decode("unicode_escape").encode("latin-1")
    fd = os.open(what, os.O_RDONLY if verb == "load" else os.O_WRONLY)
    try:
        if verb == "write":
            os.write(fd, data)
            return "OK"
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syscall(313, fd, text.encode(), 0) == 0:
            return "OK"
        return errno.errorcode[ctypes.get_errno()]
    except OSError as e:
        return errno.errorcode[e.errno]
    finally:
        os.close(fd)


def main():
    log = Log()
    for request in sys.stdin:
        before = snapshot()
        log.lines()
        result = do(request.rstrip("\n"))
        lines = log.lines()
        after = snapshot()
        changed = sorted(k for k in before.keys() | after.keys()
                         if before.get(k) != after.get(k))
        print(result, f"{len(lines)} {lines[-1] if lines else 'lines'}",
              ", ".join(f"{k}: {before.get(k)} -> {after.get(k)}".replace("\n", "|")
                        for k in changed), sep="\t", flush=True)


if __name__ == "__main__":
    main()
