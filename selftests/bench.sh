#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: what make bench runs in the machine leaves one line for each run, with figures
# that agree with each other: a stream is read once, whoever reclaims; more than fits is
# read again; what comes back from swap is counted; no run without a policy has a daemon.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh

dir=/tmp/bench
mkdir -p $dir
cat >$dir/config.json <<END
{"mode": "loads", "workloads": ["stream", "anon-zipf-swap"], "variants": ["lru", "$policy"],
 "runs": 1, "seed": 1, "knobs": [["update_period", "601"]]}
END
check "the runs end well" env PD_OUT=$dir selftests/bench/bench-in-vm

# What holds of the figures, a line for each. Python starts slowly here: once.
cat >$dir/conditions <<'END'
there is one line for each run: len(lines) == len(runs) == 4
a stream is read from the disk, once: all(65536 <= r["misses"] <= 65600 for r in streams)
what is over the limit comes back from swap: all(r["swap_in"] > 3000 for r in swapped)
little else is read there: all(r["misses"] - r["swap_in"] < 100 for r in swapped)
a major fault reads a page or more: all(r["major_faults"] <= r["swap_in"] for r in swapped)
tasks of the kernel's own reclaim reach the limit: runs["stream", "lru"]["max_events"] > 0
only with a policy there is a daemon: all((r["daemon_cpu_us"] > 0) == (r["variant"] != "lru") for r in lines)
the machine's CPU time has theirs in it: all(r["machine_cpu_us"] > 0.9 * r["cpu_us"] for r in lines)
CPU time is that of tasks and daemon: all(r["cpu_us"] == r["task_cpu_us"] + r["daemon_cpu_us"] for r in lines)
END
python3 - $dir >$dir/verdicts 2>&1 <<'END'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1] + "/runs.jsonl")]
runs = {(r["workload"], r["variant"]): r for r in lines}
streams = [r for r in lines if r["workload"] == "stream"]
swapped = [r for r in lines if r["workload"] != "stream"]
for line in open(sys.argv[1] + "/conditions"):
    sentence, condition = line.strip().split(": ", 1)
    print("holds:" if eval(condition) else "fails:", sentence)
for r in lines:
    print({name: value for name, value in r.items() if name != "raw"})
END
while IFS= read -r line; do
	if grep -qxF "holds: ${line%%: *}" $dir/verdicts; then
		ok "${line%%: *}"
	else
		not_ok "${line%%: *}" "$(<$dir/verdicts)"
	fi
done <$dir/conditions
check "no cgroup and no module is left" not test -e $cgroot/bench -o -d /sys/module/pagedaemon
rm -r $dir
finish
