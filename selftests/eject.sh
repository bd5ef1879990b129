#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: whatever is wrong with a policy, it is ended, the reason is in state, log
# and trace, no page comes to harm, the workload goes on under the kernel's own
# reclaim, and the cgroup can be attached again. The policies that misbehave are in
# debug builds only (src/policy/faulty.hh).
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

set_mglru "${MGLRU:-n}"
load_module
grep -q fault_keeps "$pd/policies" || {
	unload
	skip_all "no policies that misbehave in this build"
}
trace=/sys/kernel/tracing
echo 1 >"$trace/events/pagedaemon/pd_eject/enable"
stream=$scratch/eject
"$pdwork" write "$stream" 32M 1 >/dev/null
cg_make eject 16M

# Pages of all kinds, dirty ones and such as cannot go among them.
cg_start /tmp/stream eject "$pdwork" stream "$stream" 32M 1000000
cg_start /tmp/anon eject "$pdwork" churn anon - 8M 1 0
cg_start /tmp/shmem eject "$pdwork" churn shmem - 2M 2 0
cg_start /tmp/rw eject "$pdwork" churn rw "$scratch/eject_rw" 4M 3 0
cg_start /tmp/mlock eject "$pdwork" churn mlock - 512K 4 0
for kind in anon shmem rw mlock; do
	await_line filled "/tmp/$kind" || note "$kind is slow to fill"
done

state() {
	cat "$pd/eject/state"
}
ejected() {
	[ "$(state)" != active ]
}
pgscan() {
	memstat eject pgscan
}
goes_on() {
	[ "$(pgscan)" -gt "$before" ]
}

# ends FOR POLICY: it is ejected for this reason, and the cgroup goes on without.
ends() {
	local before redirected
	dmesg -C
	echo >"$trace/trace"
	attach eject "$2" || return
	until_true 240 ejected || { echo "still $(state)"; grep . "$pd/eject/stats"; return 1; }
	is "$(state)" = "ejected: $1" || return
	# Found by what it was shown, not only once all pages had been taken by force.
	is "$(stat_of eject freed_forced)" -lt 4096 || return
	dmesg | grep -q "eject: policy $2 is ejected: $1;" || { dmesg; return 1; }
	grep -q "pd_eject: cgroup=eject policy=$2 why=$1\$" "$trace/trace" ||
		{ cat "$trace/trace"; return 1; }
	# The kernel reclaims it, and nobody else.
	redirected=$(value hook_redirected "$pd/stats")
	before=$(pgscan)
	until_true 60 goes_on || { echo "nothing is reclaimed"; return 1; }
	is "$(value hook_redirected "$pd/stats")" -eq "$redirected" &&
		is "$(pd_threads)" = ""
}

round=0
stall=/sys/module/pagedaemon/parameters/stall_seconds
while read -r name reason; do
	[ "$name" != fault_naps ] || echo 2 >"$stall"
	check "$name: $reason" ends "$reason" "$name"
	echo 120 >"$stall"
	# Takes seconds: once for each way in which pages may be under way.
	case $name in
	fault_keeps | fault_frees | fault_recycle | fault_enqueue | fault_naps | fault_queue)
		kill -STOP "${jobs_started[@]}"
		check "$name: counts of pages equal what a walk finds" same_as_walk eject
		kill -CONT "${jobs_started[@]}"
		;;
	esac
	# The next one is attached in place of the ejected one, or after a detach.
	[ $((++round % 2)) = 0 ] || detach eject
done <<END
fault_keeps no progress
fault_activate no progress
fault_requeue no progress
fault_no_plan no progress
fault_frees unsafe verdict
fault_recycle unsafe verdict
fault_writes unsafe verdict
fault_verdict invalid verdict
fault_reason invalid verdict
fault_launder invalid verdict
fault_enqueue invalid verdict
fault_count invalid page state
fault_marks invalid watermarks
fault_plan invalid plan
fault_spins invalid pause
fault_sleeps invalid pause
fault_naps daemon stalled
fault_queue queue check failed
END

# A switch to such a policy ends as well; what was ejected cannot be switched.
[ ! -d "$pd/eject" ] || detach eject
attach eject freebsd
echo fault_verdict >"$pd/eject/policy"
check "a switch to one that misbehaves ends, too" until_true 240 ejected
check "an ejected one cannot be switched" not eval "echo freebsd >$pd/eject/policy" 2>/dev/null
check "its files can be read" eval "cat $pd/eject/stats $pd/eject/pairs $pd/eject/policy >/dev/null"
check "it can be attached again" attach eject freebsd
freed=$(stat_of eject freed)
works() {
	[ "$(stat_of eject freed)" -gt "$freed" ]
}
check "and works" until_true 60 works
check "it is active" is "$(state)" = active

# One that is ejected and goes away.
attach eject fault_verdict 2>/dev/null || echo fault_verdict >"$pd/eject/policy"
until_true 240 ejected
check_jobs "all data is what was written"
cg_remove eject
gone() {
	[ ! -d "$pd/eject" ]
}
check "removing an ejected cgroup detaches it" until_true 10 gone
check "nobody was killed" is "$(dmesg | grep -c 'Killed process')" -eq 0
check "no thread is left" is "$(pd_threads)" = ""
echo 0 >"$trace/events/pagedaemon/pd_eject/enable"
check "the module unloads" unload
rm -f "$stream" "$scratch/eject_rw"
finish
