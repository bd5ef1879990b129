#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: a cgroup that is at its limit is attached and detached while cgroups are made
# and removed below it. Whoever makes one holds the kernel's cgroup_mutex and has its
# memory charged to the cgroup above, so he reclaims there: he must not wait for an
# attach or detach that waits for that mutex. Nor may tasks that want memory meanwhile
# find nothing to take, and be killed.
#
# usage: gate.sh [SECONDS (15)]
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

seconds=${1:-15}
makers=()

# Cgroups made and removed below one, for ever; a line in the log for each.
make_below() { # CGROUP NAME
	while :; do
		mkdir "$cgroot/$1/$2" 2>/dev/null || continue
		rmdir "$cgroot/$1/$2"
		echo made
	done
}

made() {
	cat /tmp/gate.maker.* | wc -l
}

set_mglru "${MGLRU:-n}"
cg_make gate 16M
echo +memory >"$cgroot/gate/cgroup.subtree_control"
mkdir "$cgroot/gate/busy"
load_module
"$pdwork" write "$scratch/gate.stream" 16M 1 >/dev/null
drop_caches
cg_start /tmp/gate.stream gate/busy "$pdwork" stream "$scratch/gate.stream" 16M 1000000
cg_start /tmp/gate.anon gate/busy "$pdwork" churn anon - 10M 1 0
cg_start /tmp/gate.rw gate/busy "$pdwork" churn rw "$scratch/gate.rw" 6M 2 0
await_line filled /tmp/gate.anon || note "slow to fill"
for i in 1 2; do
	make_below gate "new$i" >"/tmp/gate.maker.$i" &
	makers+=("$!")
done

# Not by this shell: what waits for the mutex for ever cannot be killed.
change() {
	local n=0
	while [ ! -e /tmp/gate.stop ]; do
		attach gate || break
		sleep 0.05
		detach gate || break
		n=$((n + 1))
		echo "$n" >/tmp/gate.changes
	done
}

changes() {
	cat /tmp/gate.changes 2>/dev/null || echo 0
}

rm -f /tmp/gate.stop /tmp/gate.changes
change &
changing=$!
begin=$SECONDS moved=$SECONDS last=0
while [ -d "/proc/$changing" ]; do
	sleep 0.5
	now=$(changes)
	[ "$now" = "$last" ] || moved=$SECONDS
	last=$now
	[ $((SECONDS - begin)) -lt "$seconds" ] || touch /tmp/gate.stop
	[ $((SECONDS - moved)) -lt 30 ] || break
done
if [ ! -e /tmp/gate.stop ] || [ -d "/proc/$changing" ]; then
	wrong "neither attached nor detached any more"
	for pid in "$changing" "${makers[@]}"; do
		note "$pid: $(tr '\n' ' ' <"/proc/$pid/stack")"
	done
fi
note "$last times, $(made) cgroups made meanwhile"
check_rounds "attach and detach beside those who make cgroups"
check "cgroups were made" is "$(made)" -ge 1
check "nobody was killed" is "$(events gate oom_kill)" -eq 0
if [ ${#bad[@]} = 0 ]; then
	kill "${makers[@]}"
	wait "${makers[@]}" 2>/dev/null
	check_jobs "no page is lost: all data is what was written"
	rmdir "$cgroot"/gate/new* 2>/dev/null
	cg_remove gate/busy
	cg_remove gate
	check "no thread is left" is "$(pd_threads)" = ""
	check "the module unloads" unload
	rm -f "$scratch"/gate.*
fi
finish
