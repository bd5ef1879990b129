#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: on a machine of two nodes a cgroup has a daemon and a queue pair for
# each, both are used, and detaching gives back the pages of both. Run it with
# --numa 2.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

[ -d /sys/devices/system/node/node1 ] || skip_all "the machine has one node"
set_mglru "${MGLRU:-n}"
stream=$scratch/numa
"$pdwork" write "$stream" 64M 1 >/dev/null
drop_caches
load_module
cg_make numa 48M
attach numa

check "there is a daemon for each node" is "$(pd_threads | sort | xargs)" = \
	"pagedaemon/numa/0 pagedaemon/numa/1"
check "there is a queue pair for each node" is "$(stat_of numa queue_pairs)" -eq 2

# Pages come from the node of the processor that asks for them first.
echo 1 >/sys/kernel/tracing/events/pagedaemon/pd_pass_end/enable
for cpu in 0 1; do
	cg_start "/tmp/stream$cpu" numa taskset -c $cpu "$pdwork" stream "$stream" 64M 1000000
	cg_start "/tmp/anon$cpu" numa taskset -c $cpu "$pdwork" churn anon - 12M $((cpu + 1)) 0
done
await_line filled /tmp/anon0
await_line filled /tmp/anon1
sleep 5
kill -STOP "${jobs_started[@]}"
on_node() { # NODE: pages on the cgroup's lists there
	awk -v node="N$1" '
		/^(inactive|active)_(anon|file) / {
			for (i = 2; i <= NF; i++)
				if (split($i, kv, "=") == 2 && kv[1] == node) n += kv[2]
		}
		END { print int(n / 4096) }' "$cgroot/numa/memory.numa_stat"
}
for node in 0 1; do
	check "node $node has pages of it" is "$(on_node $node)" -gt 500
	freed=$(awk -v nid="nid=$node" '
		/ pd_pass_end: / && index($0, nid " ") {
			match($0, /freed=[0-9]+/); n += substr($0, RSTART + 6, RLENGTH - 6)
		}
		END { print n + 0 }' /sys/kernel/tracing/trace)
	check "passes over node $node free pages" is "$freed" -gt 0
done
echo 0 >/sys/kernel/tracing/events/pagedaemon/enable
both() {
	local sum=$(($(on_node 0) + $(on_node 1)))
	local queues=$(($(stat_of numa inactive) + $(stat_of numa active)))
	# Counts of CPUs are collected every two seconds.
	echo "on both nodes $sum, on queues $queues"
	[ $((sum - queues)) -le 64 ] && [ $((queues - sum)) -le 64 ]
}
check "the queues hold the pages of both" until_true 6 both
check "counts of pages equal what a walk finds" same_as_walk numa
detach numa
if mglru_on; then
	check "after detach MGLRU has the pages of both" \
		is "$(lru_gen_pages numa)" -gt $((($(on_node 0) + $(on_node 1)) / 2))
fi
check "no thread is left" is "$(pd_threads)" = ""
check "and counts still equal what a walk finds" same_as_walk numa
kill -CONT "${jobs_started[@]}"
check_jobs "all data is what was written"
cg_remove numa
check "the module unloads" unload
rm -f "$stream"
finish
