#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: toggling MGLRU for the system, drop_caches, compaction, memory.reclaim,
# swapoff and swapon while an attached cgroup is under pressure lose nothing:
# anonymous, mapped and buffered file data come back as written, counters equal
# a walk of the pages, and MGLRU is left again after each toggle.
#
# The unmodified kernel OOM-kills inside a cgroup when lru_gen/enabled is toggled
# under pressure: pages are between lists while reclaim looks for them. Such a
# kill of a job is tolerated here, and counted; what it verified until then
# counts too.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

seconds=${EVENTS_SECONDS:-25}
set_mglru "${MGLRU:-n}"
file=$scratch/events
"$pdwork" write "$file" 48M 3 >/dev/null
drop_caches
load_module
cg_make events 40M
attach events
swap=$(awk 'NR == 2 { print $1 }' /proc/swaps)

cg_start /tmp/anon.log events "$pdwork" churn anon - 24M 1 600
cg_start /tmp/mmap.log events "$pdwork" churn mmap "$scratch/mmap" 16M 2 600
cg_start /tmp/rw.log events "$pdwork" churn rw "$scratch/rw" 16M 3 600

end=$((SECONDS + seconds)) rounds=0
while [ "$SECONDS" -lt "$end" ]; do
	if [ -e "$lru_gen" ]; then
		echo $((rounds % 2)) >"$lru_gen"
	fi
	echo 3 >/proc/sys/vm/drop_caches
	echo 1 >/proc/sys/vm/compact_memory
	echo 2M >"$cgroot/events/memory.reclaim" 2>/dev/null
	if [ $((rounds % 4)) = 1 ] && [ -n "$swap" ]; then
		# May fail for want of memory: then it stays on.
		swapoff "$swap" 2>/dev/null && swapon "$swap"
	fi
	rounds=$((rounds + 1))
done
note "$rounds rounds; $(grep -c '' /proc/swaps) lines in /proc/swaps"
set_mglru "${MGLRU:-n}"

kills=$(events events oom_kill)
if [ "$kills" -gt 0 ]; then
	note "$kills jobs killed for want of memory while MGLRU was toggled"
	# Only a kill is forgiven, never bad data: those that live must verify.
	alive=()
	for pid in "${jobs_started[@]}"; do
		if kill -0 "$pid" 2>/dev/null; then
			alive+=("$pid")
		else
			wait "$pid"
			[ $? = 137 ] || not_ok "a job ended by itself" "${job_of[pid]}: $(tail -n 3 "${log_of[pid]}")"
		fi
	done
	jobs_started=("${alive[@]}")
fi
check "the toggling went on for a while" is "$rounds" -ge 2
check_jobs "anonymous, mapped and buffered data are as written"
cg_exec events "$pdwork" stream "$file" 48M 1 >/dev/null
check "file data is as written" "$pdwork" check "$file" 48M 3
if mglru_on; then
	check "the cgroup has left MGLRU" until_true 10 is "$(lru_gen_pages events)" -eq 0
fi
check "memory.stat counts what a walk finds" same_as_walk events
detach events
check "and after detach" same_as_walk events
cg_remove events
check "the module unloads" unload
rm -f "$file" "$scratch/mmap" "$scratch/rw"
finish
