#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: the daemon's thread has its name and place, sleeps when there is
# nothing to do (no wake-ups but the tick of aging, none at all with
# update_period=0), ages what nobody touches and keeps what is in use; tasks
# that reclaim themselves (memory.high, memory.reclaim) run the same pass and
# stop where told. It begins ahead of need where tasks allocate slowly.
#
# From the environment: POLICY, the default one if not given. FreeBSD's ages what
# nobody touches though memory is plenty; DragonFly's looks every five seconds
# and ages only while pages are wanted; the others have no tick.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

set_mglru "${MGLRU:-n}"
load_module
cg_make daemon 64M
attach daemon
file=$scratch/daemon
"$pdwork" write "$file" 96M 1 >/dev/null
drop_caches
mapfile -t threads < <(threads_of daemon)
thread=${threads[0]-}

name_is() {
	[ "$(<"/proc/$thread/comm")" = "$1" ] || { cat "/proc/$thread/comm"; return 1; }
}
switches() {
	awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$thread/status"
}
# Switches within SECONDS.
switches_in() {
	local before
	before=$(switches)
	sleep "$1"
	echo $(($(switches) - before))
}
asleep() {
	grep -q '^State:.*I (idle)' "/proc/$thread/status" && [ "$(stat_of daemon pass)" = 0 ]
}

check "there is one thread for the one node" is ${#threads[@]} -eq 1
check "it is named after cgroup and node" name_is pagedaemon/daemon/0
check "it runs before any user's process" \
	is "$(sed 's/.*) //' "/proc/$thread/stat" | cut -d' ' -f17)" -eq -20
check "it belongs to the root cgroup" grep -qx "0::/" "/proc/$thread/cgroup"
# PF_LOCAL_THROTTLE, 1 << 20: who cleans is not held back for what is dirty.
check "its writes are not held back for others' dirty pages" \
	is $(($(sed 's/.*) //' "/proc/$thread/stat" | cut -d' ' -f7) >> 20 & 1)) -eq 1

# Drain what attaching and dropping caches set off.
until_true 10 asleep
case $policy in
freebsd) tick="once a second" most=7 ;;
dragonfly) tick="every five seconds" most=3 ;;
*) tick="not at all" most=0 ;;
esac
check "an idle cgroup wakes it $tick, for aging" is "$(switches_in 6)" -le "$most"
echo 0 >"$pd/daemon/knobs/update_period"
sleep 2
check "with update_period=0 nothing wakes it" is "$(switches_in 5)" -eq 0

cg_exec daemon "$pdwork" stream "$file" 48M 1 >/dev/null
check "pages that come far from the limit do not wake it" is "$(switches_in 1)" -eq 0
if [ "$HOOK" != shrinker ]; then
	passes=$(stat_of daemon passes)
	cg_exec daemon "$pdwork" stream "$file" 56M 1 >/dev/null
	adopted() {
		[ "$(stat_of daemon adopted)" -gt 12000 ]
	}
	check "it adopts what has come before the cgroup is full" until_true 10 adopted
	check "which is no pass" is "$(stat_of daemon passes)" -eq "$passes"
fi
cg_exec daemon "$pdwork" stream "$file" 96M 2 >/dev/null
check "pressure does" is "$(stat_of daemon wakeups)" -gt 0
check "when it is over it goes to sleep" until_true 10 asleep
# It may look a few times, to see that nothing is taken.
at_rest() {
	[ "$(switches_in 1)" = 0 ]
}
check "and does not look for long" until_true 5 at_rest
check "and stays asleep" is "$(switches_in 3)" -eq 0
check "there is free memory then" \
	is "$(stat_of daemon free)" -ge "$(stat_of daemon wakeup_thresh)"

# What the daemon asks the kernel's caches for comes to our shrinker, too.
echo 0 >"$pd/daemon/knobs/lowmem_period"
direct=$(stat_of daemon direct_passes)
kicks=$(stat_of daemon kicks_slab)
max=$(events daemon max)
for ((i = 0; i < 24; i++)); do
	cg_exec daemon "$pdwork" write "$file.$i" 1M 3 >/dev/null
	sync "$file.$i"
	until_true 10 asleep
done
case $policy in
dragonfly) ;; # asks for nothing unless it finds nothing
*) check "it asks the kernel's caches" is "$(stat_of daemon kicks_slab)" -gt "$kicks" ;;
esac
# A task that writes a file at once may come to the limit itself, and try a few times.
check "which is no task's pass" is $(($(stat_of daemon direct_passes) - direct)) -le \
	$((4 * ($(events daemon max) - max)))
rm -f "$file".*
echo auto >"$pd/daemon/knobs/lowmem_period"

# Tasks' own reclaim. 64 pages of a CPU's batch of charges may be on the way.
slack=$((2 * 32 * 4096 + 2 * 64 * 4096))
stops_where_told() { # BYTES
	local before gone passes freed status=0
	passes=$(stat_of daemon direct_passes)
	freed=$(stat_of daemon freed_direct)
	before=$(<"$cgroot/daemon/memory.current")
	echo "$1" >"$cgroot/daemon/memory.reclaim" || status=$?
	gone=$((before - $(<"$cgroot/daemon/memory.current")))
	freed=$((($(stat_of daemon freed_direct) - freed) * 4096))
	# The kernel's own objects go, too, some with the last page of theirs.
	note "memory.reclaim $1: $gone bytes gone, $freed of them in our pages"
	[ "$status" = 0 ] || echo "memory.reclaim failed"
	is "$(stat_of daemon direct_passes)" -gt "$passes" && [ "$status" = 0 ] &&
		is "$gone" -ge $(($1 - slack)) && is "$freed" -le $(($1 + slack))
}
for bytes in $((1 << 20)) $((8 << 20)); do
	check "memory.reclaim of $((bytes >> 20)) MB runs passes and stops where told" \
		stops_where_told "$bytes"
done
direct=$(stat_of daemon direct_passes)
echo 16M >"$cgroot/daemon/memory.high"
check "lowering memory.high runs passes in the writer's context" \
	is "$(stat_of daemon direct_passes)" -gt "$direct"
below() {
	[ "$(<"$cgroot/daemon/memory.current")" -le $((16 << 20)) ]
}
check "and gets below it" below
echo max >"$cgroot/daemon/memory.high"

# Aging: cold pages become inactive, hot ones stay active.
echo 1 >"$cgroot/daemon/memory.reclaim" || :
cg_start /tmp/cold daemon "$pdwork" churn anon - 8M 1 0
cold=$job
cg_start /tmp/hot daemon "$pdwork" churn anon - 2M 2 0
await_line filled /tmp/cold
await_line filled /tmp/hot
kill -STOP "$cold"
until_true 10 asleep
passes=$(stat_of daemon passes)
idle=$(stat_of daemon idle_passes)
down=$(stat_of daemon deactivated)
freed=$(stat_of daemon freed)
# The next tick sorts what the kernel's lists have gathered.
active() {
	[ "$(memstat daemon active_anon)" -ge $((10 << 20)) ]
}
# An activity count of 5 and some for the touches of filling: 12 visits do.
echo 2 >"$pd/daemon/knobs/update_period"
check "anonymous pages start active" until_true 10 active
if [ "$policy" = freebsd ]; then
	sleep 26
else
	sleep 11
fi
note "deactivated $(stat_of daemon deactivated), reactivated $(stat_of daemon reactivated)," \
	"active_anon $(memstat daemon active_anon), inactive_anon $(memstat daemon inactive_anon)"
if [ "$policy" = freebsd ]; then
	check "idle aging passes are made" is "$(stat_of daemon idle_passes)" -gt "$idle"
	check "pages that nobody touches become inactive" \
		is $(($(stat_of daemon deactivated) - down)) -ge 2000
	check "they are the cold ones" is "$(memstat daemon inactive_anon)" -ge $((8000 << 10))
	check "those in use stay active" is "$(memstat daemon active_anon)" -ge $((2 << 20))
else
	check "no idle aging passes are made" is "$(stat_of daemon idle_passes)" -eq "$idle"
	check "no page becomes inactive" is "$(stat_of daemon deactivated)" -eq "$down"
fi
check "no other passes are" is "$(stat_of daemon passes)" -eq "$passes"
check "nothing was freed for it" is "$(stat_of daemon freed)" -eq "$freed"
if [ "$policy" = clockpro ]; then
	inactive() {
		[ "$(memstat daemon inactive_anon)" -ge $((1 << 20)) ]
	}
	check "no new memory is inactive" not inactive
	echo 0 >"$pd/daemon/knobs/anon_hot"
	cg_start /tmp/trial daemon "$pdwork" churn anon - 2M 3 0
	await_line filled /tmp/trial
	# It may be on the kernel's lists yet; a knob that is set has the daemon sort them.
	echo 0 >"$pd/daemon/knobs/anon_hot"
	check "with knob anon_hot at 0 it is" until_true 10 inactive
fi
kill -CONT "$cold"
check_jobs "all data is what was written"
check "its counts of pages equal what a walk finds" same_as_walk daemon

# A task that allocates slowly need not wake it: the daemon looks, and begins before.
ahead_of() { # HEADROOM
	local ahead
	echo "$1" >"$pd/slow/knobs/headroom"
	ahead=$(stat_of slow ahead_passes)
	cg_exec slow "$pdwork" bench alloc-latency frames=3072 dir="$scratch" >/dev/null ||
		return
	echo $(($(stat_of slow ahead_passes) - ahead))
}
ln "$file" "$scratch/stream"
cg_make slow 32M
attach slow
drop_caches
cg_exec slow "$pdwork" stream "$file" 48M 1 >/dev/null
ahead=$(ahead_of auto)
spare=$(($(stat_of slow free_target) - $(stat_of slow wakeup_thresh)))
note "$ahead of $(stat_of slow passes) passes ahead of need, $spare pages from target to wake-up"
# Where one batch of charges takes more than that, no look comes in time.
if [ "$spare" -ge 64 ]; then
	check "slow allocations have the daemon begin ahead of need" \
		is $((8 * ahead)) -ge "$(stat_of slow passes)"
else
	check "slow allocations have a daemon work" is "$(stat_of slow passes)" -gt 30
fi
check "with a headroom that was set they do not" is "$(ahead_of 256)" -eq 0
detach slow
cg_remove slow
rm -f "$scratch/stream"

detach daemon
gone() {
	[ ! -d "/proc/$thread" ] && [ -z "$(threads_of daemon)" ]
}
check "after detach the thread is gone" gone
cg_remove daemon
check "the module unloads" unload
rm -f "$file"
finish
