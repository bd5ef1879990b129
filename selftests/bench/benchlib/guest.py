# SPDX-License-Identifier: GPL-2.0
"""Inside the machine: prepares files, runs each workload under each variant."""

import json
import os
import subprocess
import time
from pathlib import Path

from . import DEFAULT, NATIVE, PAGE, advice, scan
from .cgroup import Cgroup, device_number, flat, swap_device
from .workloads import BY_NAME

SCRATCH = Path("/mnt/scratch")
TREE = SCRATCH / "tree"
LRU_GEN = Path("/sys/kernel/mm/lru_gen/enabled")
# Over the wire each start would read it anew.
PDWORK = "/tmp/pdwork"
FAILED = 1
# How often a run is tried that the kernel's own reclaim ends.
ATTEMPTS = 3


class Killed(Exception):
    """Without us, the kernel killed a task of the cgroup, which had swap left."""


def sh(*words, **options):
    return subprocess.run(words, check=True, text=True, **options)


def drop_caches():
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3")


def set_mglru(on):
    """The whole system's; only while nothing runs."""
    if LRU_GEN.exists():
        LRU_GEN.write_text("y" if on else "n")


def read_ahead_file():
    """What sets the scratch disk's read-ahead."""
    path = f"/sys/dev/block/{device_number(SCRATCH)}/queue/read_ahead_kb"
    return path if os.path.exists(path) else None


def prepare_files(workloads, out):
    """Real programs, and each file once, as large as the workload that wants most."""
    pages = {}
    for workload in workloads:
        for name, n in workload.file_pages().items():
            pages[name] = max(pages.get(name, 0), n)
    if any(workload.tree for workload in workloads):
        TREE.mkdir()
        # A real tar: busybox's is slow with small files.
        sh("tar", "-xf", str(out / "tree.tar"), "-C", str(TREE))
        for directory in ("tmp", "dev"):
            (TREE / directory).mkdir(exist_ok=True)
        sh("mknod", str(TREE / "dev/null"), "c", "1", "3")
    for number, (name, n) in enumerate(pages.items()):
        sh(PDWORK, "write", str(SCRATCH / name), str(n * PAGE), str(number + 1),
           stdout=subprocess.DEVNULL)


def output_values(text):
    """The "name value" lines of a program."""
    pairs = (line.split() for line in text.splitlines())
    return {p[0]: int(p[1]) for p in pairs if len(p) == 2 and p[1].isdigit()}


def command(workload, seed, cgroup):
    if workload.tree:
        return ["/usr/sbin/chroot", str(TREE), "/usr/bin/env", *workload.command]
    if workload.command:
        return [PDWORK, *workload.command]
    words = [PDWORK, "bench", workload.name, f"frames={workload.frames}",
             f"dir={SCRATCH}", f"seed={seed}"]
    if read_ahead_file():
        words.append(f"readahead={read_ahead_file()}")
    if workload.children:
        words.append(f"cgroup={cgroup.dir}")
    return words


def machine_cpu_us():
    """
    CPU time of everything that runs, kernel threads included, on all processors; None where
    the kernel does not say (CONFIG_SCHEDSTATS).
    """
    path = Path("/proc/schedstat")
    if not path.exists():
        return None
    lines = path.read_text().splitlines()
    return sum(int(line.split()[7]) for line in lines if line.startswith("cpu")) // 1000


def summary(sample, elapsed_us, program):
    """The figures of one run, as the report wants them."""
    stat, io = sample["stat"], sample["io"]
    none = {"rbytes": 0, "wbytes": 0}
    disk = io.get(device_number(SCRATCH), none)
    swap = io.get(swap_device(), none)
    daemon = sample.get("pd", {}).get("daemon_cpu_us", 0)
    return {
        "misses": (disk["rbytes"] + swap["rbytes"]) // PAGE,
        "read_bytes": disk["rbytes"], "written_bytes": disk["wbytes"],
        "swap_in": swap["rbytes"] // PAGE, "swap_out": swap["wbytes"] // PAGE,
        "refaults": stat["workingset_refault_anon"] + stat["workingset_refault_file"],
        "major_faults": stat["pgmajfault"],
        "scanned": stat["pgscan"], "reclaimed": stat["pgsteal"],
        "max_events": sample["events"]["max"], "oom_kills": sample["events"]["oom_kill"],
        "psi_some_us": sample["psi"]["some"], "psi_full_us": sample["psi"].get("full", 0),
        "task_cpu_us": sample["cpu"]["usage_usec"], "daemon_cpu_us": daemon,
        "cpu_us": sample["cpu"]["usage_usec"] + daemon,
        "elapsed_us": elapsed_us, "program": program,
    }


def check_end(done, sample, variant):
    """Raise unless the run came to its end as it should."""
    if sample["events"]["oom_kill"]:
        if variant in NATIVE:
            raise Killed
        raise RuntimeError(f"the kernel killed a task under {variant}: {sample['events']}")
    done.check_returncode()
    if sample.get("pd_state", "active") != "active":
        raise RuntimeError(f"{variant} was ejected: {sample['pd_state']}")


def run_one(workload, variant, seed, knobs):
    native = variant in NATIVE
    set_mglru(variant != "lru")
    drop_caches()
    cgroup = Cgroup("bench", workload.limit, None if native else variant,
                    () if native else knobs, workload.children)
    # A cgroup that has others below it takes no tasks itself.
    enter = None if workload.children else cgroup.enter
    try:
        begin, busy = time.monotonic(), machine_cpu_us()
        done = subprocess.run(command(workload, seed, cgroup), text=True, check=False,
                              preexec_fn=enter, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        elapsed = int((time.monotonic() - begin) * 1e6)
        busy_after = machine_cpu_us()
        sample = cgroup.sample()
    finally:
        cgroup.remove()
    check_end(done, sample, variant)
    result = summary(sample, elapsed, output_values(done.stdout))
    if busy is not None:
        result["machine_cpu_us"] = busy_after - busy
    result["raw"] = sample
    return result


def measure(workload, variant, config, what, kills):
    """run_one(), once more where the kernel's own reclaim killed; @kills has a line of each."""
    for _ in range(ATTEMPTS):
        try:
            return run_one(workload, variant, config["seed"], config["knobs"])
        except Killed:
            kills.write(json.dumps(what) + "\n")
            kills.flush()
            print(f"{what['run']} {workload.name:16} {variant:10} killed by the kernel", flush=True)
    raise RuntimeError(f"killed by the kernel {ATTEMPTS} times")


def record(workload, seed, out):
    """Leave a trace of what it does under the default policy."""
    set_mglru(True)
    drop_caches()
    cgroup = Cgroup("bench", workload.limit, DEFAULT)
    try:
        done = advice.record(command(workload, seed, cgroup), cgroup,
                             out / f"{workload.name}.trace.zst")
        events = flat(cgroup.dir / "memory.events")
    finally:
        cgroup.remove()
    if events["oom_kill"]:
        raise RuntimeError(f"the kernel killed a task while {workload.name} was recorded: {events}")
    print(f"recorded {workload.name:16} accesses {done['accesses']}"
          f" lost events {done['lost_events']}", flush=True)


def order(variants, run):
    """Another one is first in each run, and odd runs go backwards from there."""
    turn = run % len(variants)
    rotated = variants[turn:] + variants[:turn]
    return rotated[:1] + rotated[:0:-1] if run % 2 else rotated


def machine():
    """What figures depend on."""
    cpus = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")]
    memory = flat_kb("/proc/meminfo")["MemTotal"]
    return {"kernel": os.uname().release, "cpu": cpus[0], "cpus": len(cpus),
            "memory_mb": memory >> 10}


def flat_kb(path):
    lines = (line.split() for line in Path(path).read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines}


def main(out):
    config = json.loads((out / "config.json").read_text())
    (out / "machine.json").write_text(json.dumps(machine()))
    sh("cp", os.environ["PD_MODULE"], "/tmp/pagedaemon.ko")
    sh("insmod", "/tmp/pagedaemon.ko", "hook=auto")
    if config["mode"] == "scan":
        failed = scan.run(config, out, set_mglru, drop_caches, order)
    else:
        failed = run_workloads(config, out)
    sh("rmmod", "pagedaemon")
    return failed


def run_workloads(config, out):
    workloads = [BY_NAME[name] for name in config["workloads"]]
    sh("cp", "build/selftests/pdwork", PDWORK)
    prepare_files(workloads, out)
    failed = 0
    with (out / "runs.jsonl").open("w") as log, (out / "kills.jsonl").open("w") as kills:
        for run in range(config["runs"]):
            for workload in workloads:
                for variant in order(config["variants"], run):
                    what = {"workload": workload.name, "variant": variant, "run": run,
                            "seed": config["seed"]}
                    try:
                        result = measure(workload, variant, config, what, kills)
                    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
                        detail = getattr(error, "stdout", None) or ""
                        print(f"{workload.name} {variant}: {error} {detail}", flush=True)
                        failed = FAILED
                        continue
                    log.write(json.dumps({**what, **result}) + "\n")
                    log.flush()
                    print(f"{run} {workload.name:16} {variant:10}"
                          f" misses {result['misses']:7} max {result['max_events']:5}"
                          f" psi_ms {result['psi_some_us'] // 1000:6}"
                          f" cpu_ms {result['cpu_us'] // 1000:6}"
                          f" s {result['elapsed_us'] / 1e6:.1f}", flush=True)
    if config.get("advise"):
        for workload in filter(advice.recordable, workloads):
            record(workload, config["seed"], out)
    return failed
