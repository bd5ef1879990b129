#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows, by what the tracepoints say in the same scenes, how the policies
# differ: a dirty page goes round once more (FreeBSD, DragonFly) or not at all
# (NetBSD, Mach, CLOCK-Pro); anonymous pages decay half as fast as file pages (DragonFly);
# NetBSD's floor keeps program text beside a stream, and NetBSD's scan ends after
# 16 reactivations while swap is full; Mach pauses between bursts, and longer
# when the disk is slow. (switch.sh goes from one to the other under load.)
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

set_mglru "${MGLRU:-n}"
tracing=/sys/kernel/tracing
stream=$scratch/stream
dirty=$scratch/dirty
text=$scratch/text
"$pdwork" write "$stream" 64M 1 >/dev/null
"$pdwork" write "$text" 1M 2 >/dev/null
drop_caches
# Nobody but the daemon shall write: the flusher threads wait.
echo 100000 >/proc/sys/vm/dirty_writeback_centisecs
echo 100000 >/proc/sys/vm/dirty_expire_centisecs
echo 90 >/proc/sys/vm/dirty_background_ratio
echo 95 >/proc/sys/vm/dirty_ratio
load_module
echo 24576 >"$tracing/buffer_size_kb"
# Where tasks find no CPU for the daemon they meet the same pages over and over: of
# what does not fit the beginning shall stay.
echo 0 >"$tracing/options/overwrite"

check "all policies are there" is "$(<$pd/policies)" = "clockpro freebsd dragonfly netbsd mach"

trace_on() { # EVENT...
	echo >"$tracing/trace"
	local event
	for event; do
		echo 1 >"$tracing/events/pagedaemon/pd_$event/enable"
	done
}
trace_off() {
	echo 0 >"$tracing/events/pagedaemon/enable"
	cp "$tracing/trace" /tmp/trace
	echo >"$tracing/trace"
	note "$(grep -o 'entries-in-buffer/.*' /tmp/trace)"
}
in_trace() { # AWK PROGRAM over pd_verdict, with f["pfn"] and so on set
	awk '/ pd_verdict: / {
		delete f
		for (i = 1; i <= NF; i++) if ((at = index($i, "="))) f[substr($i, 1, at - 1)] = substr($i, at + 1)
		split(f["act"], act, "->")
		'"$1"'
	} END { '"$2"' }' /tmp/trace
}
stream() { # CGROUP PASSES: of pages that are nobody else's
	echo 1 >/proc/sys/vm/drop_caches
	cg_exec "$1" "$pdwork" stream "$stream" 64M "$2" >/dev/null
}

# Dirty pages: how often each went round before it was written.
for policy in freebsd dragonfly netbsd mach clockpro; do
	cg=laps_$policy
	cg_make $cg 32M
	attach $cg $policy
	cg_exec $cg "$pdwork" write "$dirty" 12M 9 >/dev/null
	trace_on verdict
	stream $cg 2
	sleep 1
	trace_off
	# pages written, laps of those that were
	read -r written laps most < <(in_trace '
		if (f["type"] != "file") next
		if (f["reason"] == "second_lap") lap[f["pfn"]]++
		if (f["verdict"] ~ /^launder/ && !(f["pfn"] in seen)) {
			seen[f["pfn"]]; written++; laps += lap[f["pfn"]] > 0
			if (lap[f["pfn"]] > most) most = lap[f["pfn"]]
		}' 'print written + 0, laps + 0, most + 0')
	note "$policy: $written dirty pages to be written, $laps of them after a lap, $most laps at most"
	check "$policy writes dirty pages" is "$written" -gt 30
	case $policy in
	freebsd | dragonfly)
		check "$policy: each has gone round exactly once before" \
			is "$laps/$most" = "$written/1" ;;
	*)
		check "$policy: none has gone round before" is "$laps" -eq 0 ;;
	esac
	check "$policy: what was written is right" "$pdwork" check "$dirty" 12M 9
	detach $cg
	cg_remove $cg
	rm -f "$dirty"
done

# Decay, of pages without a reference.
cg_make decay 32M
attach decay dragonfly
# Else the inactive queue is long enough, and nobody looks at the active one.
echo 6000 >$pd/decay/knobs/inactive_target
cg_start /tmp/anon decay "$pdwork" churn anon - 8M 1 0
await_line filled /tmp/anon
cg_start /tmp/text decay "$pdwork" text "$text" 1M 100000
await_line round /tmp/text
kill -STOP "${jobs_started[@]}"
trace_on verdict
stream decay 3
trace_off
decay_of() { # TYPE: visits without a reference, least and most of what they cost
	in_trace 'if (f["queue"] != "active" || f["references"] > 0 || act[1] < 3 ||
		f["type"] !~ /^('"$1"')$/) next
		d = act[1] - act[2]; n++
		if (n == 1 || d > hi) hi = d
		if (n == 1 || d < lo) lo = d' 'print n + 0, lo + 0, hi + 0'
}
note "decay, visits least most: anon $(decay_of anon), file $(decay_of 'file|exec')"
read -r n lo hi < <(decay_of anon)
check "dragonfly: anonymous pages lose 1 at each visit" is "$((n > 0)) $lo $hi" = "1 1 1"
read -r n lo hi < <(decay_of 'file|exec')
check "dragonfly: file pages lose 2" is "$((n > 0)) $lo $hi" = "1 2 2"
kill -CONT "${jobs_started[@]}"
check_jobs "they end well"
detach decay
cg_remove decay

# Program text beside a stream of ten times the limit.
for floor in 5 0; do
	cg_make text 32M
	attach text netbsd
	echo $floor >"$pd/text/knobs/execmin"
	# Else the ceiling of file pages would turn the scan on them alone.
	echo 100 >"$pd/text/knobs/filemax"
	drop_caches
	cg_start /tmp/text text "$pdwork" text "$text" 1M 100000000
	await_line round /tmp/text
	stream text 5
	resident=$("$pdwork" resident "$text" | awk '$1 == "resident" { print $2 }')
	note "execmin $floor: $resident of 256 pages of text stay, exec $(stat_of text exec)," \
		"protected $(stat_of text kept_protected)"
	if [ $floor = 5 ]; then
		check "netbsd: a floor of 5 % keeps program text beside a stream (MGLRU ${MGLRU:-n})" \
			is "$resident" -ge 250
	else
		check "netbsd: without it the text is gone" is "$resident" -lt 64
	fi
	check_jobs "it ends well"
	detach text
	cg_remove text
done

# Swap full.
cg_make full 32M
attach full netbsd
echo 0 >"$cgroot/full/memory.swap.max"
cg_start /tmp/anon full "$pdwork" churn anon - 26M 1 0
await_line filled /tmp/anon
trace_on verdict pass_begin pass_end
stream full 2
trace_off
most=$(awk '
	/ pd_pass_begin: / && /direct=0/ { n = 0; mine = $1 }
	/ pd_verdict: / && /reason=swap_full/ && $1 == mine { n++; if (n > most) most = n }
	END { print most + 0 }' /tmp/trace)
note "full: at most $most reactivations in a pass; kept_swap_full $(stat_of full kept_swap_full)"
check "netbsd: dirty pages are reactivated while swap is full" is "$most" -gt 0
check "netbsd: 16 of them end a scan" is "$most" -le 16
check_jobs "nothing is lost"
detach full
cg_remove full

# A slow disk.
device=$(stat -c '%Hd:%Ld' "$scratch")
pause_of() { # BYTES PER SECOND: how many pauses, and their time for each page written
	cg_make burst 32M
	attach burst mach
	echo "$device wbps=$1" >"$cgroot/burst/io.max"
	cg_exec burst "$pdwork" write "$dirty" 8M 9 >/dev/null
	cg_exec burst "$pdwork" stream "$stream" 64M 12 >/dev/null
	note "wbps=$1: $(grep -E 'pause|laundered|writeback|^dirty ' $pd/burst/stats | xargs)"
	echo "$(stat_of burst pauses) $(($(stat_of burst pauses_us) /
		($(stat_of burst laundered_file) + $(stat_of burst laundered_anon) + 1)))" >/tmp/pauses
	echo "$device wbps=max" >"$cgroot/burst/io.max"
	detach burst
	cg_remove burst
	rm -f "$dirty"
}
pause_of max
read -r fast fast_us </tmp/pauses
pause_of $((256 << 10))
read -r slow slow_us </tmp/pauses
note "pauses: fast disk $fast, $fast_us us for each page; slow disk $slow, $slow_us us"
check "mach pauses between bursts" is "$slow" -gt 0
check "mach: the pauses adapt to a slow disk" is "$slow_us" -gt $((fast_us * 5 / 4))

check "no thread is left" is "$(pd_threads)" = ""
check "the module unloads" unload
rm -f "$stream" "$text"
finish
