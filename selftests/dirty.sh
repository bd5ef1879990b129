#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: dirty file pages take a second lap before they are written (FreeBSD's and
# DragonFly's policies) or none (the others), and are written in aligned clusters;
# anonymous pages go to swap unless a knob forbids it; what comes back is what was
# written; memory.stat counts it all as the kernel would.
#
# From the environment: POLICY, the default one if not given.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

set_mglru "${MGLRU:-n}"
tracing=/sys/kernel/tracing
stream=$scratch/stream
dirty=$scratch/dirty
"$pdwork" write "$stream" 64M 1 >/dev/null
drop_caches
old_writeback='' old_expire=''
# Nobody but the daemon shall write: the flusher threads wait.
for f in writeback expire; do
	declare "old_$f=$(<"/proc/sys/vm/dirty_${f}_centisecs")"
done
# (0 would have them look at once.)
echo 100000 >/proc/sys/vm/dirty_writeback_centisecs
echo 100000 >/proc/sys/vm/dirty_expire_centisecs
echo 90 >/proc/sys/vm/dirty_background_ratio
echo 95 >/proc/sys/vm/dirty_ratio

load_module
cg_make dirty 32M
attach dirty
echo 24576 >"$tracing/buffer_size_kb"
# Where tasks find no CPU for the daemon they meet the same pages over and over: of
# what does not fit the beginning shall stay.
echo 0 >"$tracing/options/overwrite"
echo 1 >"$tracing/events/pagedaemon/pd_launder/enable"
echo 1 >"$tracing/events/pagedaemon/pd_verdict/enable"

stream() {
	cg_exec dirty "$pdwork" stream "$stream" 64M "$1" >/dev/null
}

# Half the cgroup dirty, then a stream: something else to free is at hand.
cg_exec dirty "$pdwork" write "$dirty" 16M 9 >/dev/null
check "16 MB are dirty in the cgroup" is "$(memstat dirty file_dirty)" -ge $((15 << 20))
# A daemon that paces itself (mach) needs more than one look, and with
# hook=shrinker the kernel's own scan finds what is clean first. As long as each
# look brings something it is at work.
written() {
	[ "$(stat_of dirty laundered_file)" -ge 3000 ]
}
for _ in {1..20}; do
	so_far=$(stat_of dirty laundered_file)
	stream 2
	! until_true 3 written || break
	[ "$(stat_of dirty laundered_file)" -gt "$so_far" ] || break
done
cp "$tracing/trace" /tmp/trace
echo >"$tracing/trace"
echo 0 >"$tracing/events/pagedaemon/enable"

case $policy in
freebsd | dragonfly)
	check "dirty file pages take a second lap" is "$(stat_of dirty second_laps)" -ge 3000
	;;
*)
	check "dirty file pages take no second lap" is "$(stat_of dirty second_laps)" -eq 0
	;;
esac
# Each dirty page's first verdict, and that LAUNDER comes only after a lap.
lap_first() {
	awk '
		/ pd_verdict: / && /type=file/ {
			match($0, /pfn=[^ ]*/); pfn = substr($0, RSTART, RLENGTH)
			if (/reason=second_lap/) lapped[pfn] = 1
			# In a later pass than the first there is no second lap.
			if (/verdict=launder/) { n++; if (!lapped[pfn]) bad++ }
		}
		END {
			print n + 0, "pages to be laundered,", bad + 0, "without a lap before"
			exit !n || bad * 10 > n
		}' /tmp/trace
}
case $policy in
freebsd | dragonfly)
	check "nine of ten pages were on it before they were written" lap_first
	;;
esac
note "$(grep -E '^(free|inactive|active|dirty|wakeups|passes|direct_passes|scan_inactive|freed|laundered_file|launder_deferred|pauses) ' \
	"$pd/dirty/stats" | xargs)"
check "the daemon writes them" is "$(stat_of dirty laundered_file)" -ge 3000
# As in the source a cluster grows backwards to an aligned page, then forwards;
# where one before it ended, it cannot but go on from there.
declare -A cluster_of=([freebsd]=16 [dragonfly]=64 [netbsd]=16 [mach]=1 [clockpro]=16)
cluster=${cluster_of[$policy]}
clusters() {
	awk -v cluster="$cluster" '
		/ pd_launder: / {
			for (i = 1; i <= NF; i++)
				if (split($i, kv, "=") == 2) v[kv[1]] = kv[2]
			n++
			failed += v["failed"]
			big += v["pages"] > cluster
			whole += v["pages"] == cluster
			aligned += v["index"] % cluster == 0 || v["index"] in end
			end[v["index"] + v["pages"]] = 1
		}
		END {
			print n + 0, "clusters,", whole + 0, "whole,", aligned + 0, "aligned,",
				big + 0, "too big,", failed + 0, "pages failed"
			exit !n || big || failed || whole < 0.9 * n || aligned < 0.9 * n
		}' /tmp/trace
}
check "in clusters of $cluster, aligned" clusters
note "$(clusters)"
few_dirty() { # the kernel collects the counts of each CPU now and then
	is "$(memstat dirty file_dirty)" -le $(((4096 - 3000) * 4096))
}
check "no more is dirty than was sent round" until_true 5 few_dirty
drop_caches
check "the file is what was written" "$pdwork" check "$dirty" 16M 9

# A random rewrite, through read and write and through a mapping.
cg_start /tmp/rw dirty "$pdwork" churn rw "$scratch/rw" 40M 3 0
cg_start /tmp/mmap dirty "$pdwork" churn mmap "$scratch/mmap" 20M 4 0
await_line filled /tmp/rw
await_line filled /tmp/mmap
sleep 5
check_jobs "files rewritten at random, beyond the limit, hold what was written"
check "nobody was killed" is "$(events dirty oom_kill)" -eq 0

# Anonymous memory, without the dirty pages of those files: nobody but the daemon
# would write them, ten at a time (mach).
drop_caches
swapped_out() {
	value pswpout /proc/vmstat
}
before=$(swapped_out)
laundered=$(stat_of dirty laundered_anon)
cg_start /tmp/anon dirty "$pdwork" churn anon - 48M 5 0
cg_start /tmp/shmem dirty "$pdwork" churn shmem - 8M 6 0
await_line filled /tmp/anon
await_line filled /tmp/shmem
sleep 3
check "anonymous memory beyond the limit goes to swap" \
	is $(($(swapped_out) - before)) -ge 4000
swapped=$(($(swapped_out) - before))
laundered=$(($(stat_of dirty laundered_anon) - laundered))
note "swapped out $swapped, laundered_anon $laundered, freed_forced $(stat_of dirty freed_forced)"
check "nine of ten pages swapped out were counted as laundered" \
	is $((laundered * 10)) -ge $((swapped * 9))
check_jobs "it comes back as it was written"
check "nobody was killed for it" is "$(events dirty oom_kill)" -eq 0

echo 1 >"$pd/dirty/knobs/disable_swap_pageouts"
cg_start /tmp/anon dirty "$pdwork" churn anon - 12M 7 0
await_line filled /tmp/anon
kill -STOP "$job"
before=$(swapped_out)
laundered=$(stat_of dirty laundered_anon)
forced=$(stat_of dirty freed_forced)
stream 3
check "with disable_swap_pageouts=1 a stream beside cold memory swaps nothing out" \
	is "$(swapped_out)" -eq "$before"
check "none of it was laundered" is "$(stat_of dirty laundered_anon)" -eq "$laundered"
check "and none forced out" is "$(stat_of dirty freed_forced)" -eq "$forced"
kill -CONT "$job"
check_jobs "its data is as it was"
echo auto >"$pd/dirty/knobs/disable_swap_pageouts"

# The kernel collects per-CPU counts of a cgroup every two seconds. With
# hook=shrinker its own scan goes first, and takes the few pages that it has
# itself moved to its lists since: those are in its count alone.
alike() { # KERNEL'S OURS
	[ "$1" = "$2" ] ||
		{ [ "$HOOK" = shrinker ] && [ "$1" -gt "$2" ] && [ "$1" -le $(($2 + $2 / 50)) ]; }
}
counted() {
	local stat=$cgroot/dirty/memory.stat name a b
	for name in "pgsteal freed" "pgscan scan_inactive" "pgrefill scan_active"; do
		a=$(value "${name% *}" "$stat")
		b=$(stat_of dirty "${name#* }")
		alike "$a" "$b" || { echo "memory.stat ${name% *} $a, stats ${name#* } $b"; return 1; }
	done
}
counted_soon() {
	until_true 6 counted >/dev/null || counted
}
check "memory.stat counts each page scanned, freed and refilled once" counted_soon
for name in pgactivate pgdeactivate; do
	check "memory.stat's $name rises" is "$(memstat dirty $name)" -gt 0
done
cg_exec dirty "$pdwork" stream "$stream" 16M 1 >/dev/null
check "its counts of pages equal what a walk finds" same_as_walk dirty

detach dirty
cg_remove dirty
check "the module unloads" unload
echo "$old_writeback" >/proc/sys/vm/dirty_writeback_centisecs
echo "$old_expire" >/proc/sys/vm/dirty_expire_centisecs
echo 10 >/proc/sys/vm/dirty_background_ratio
echo 20 >/proc/sys/vm/dirty_ratio
rm -f "$stream" "$dirty" "$scratch/rw" "$scratch/mmap"
finish
