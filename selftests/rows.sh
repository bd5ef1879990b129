#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows, for rows of docs/behaviours.md that no other self-test covers, that a live
# kernel does what the row says, by counters and tracepoints: a tick that is a pass
# (6), clean active pages recycled (77), slots of active pages freed (81), large
# requests to swap (51), no slot (52), aligned clusters that share their fate (67),
# flushers woken (84).
#
# The scenes stand still: their tasks sleep. A knob then says that so many pages are
# missing, and a few page faults make the kernel look.
#
# usage: rows.sh [ROW]
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

set_mglru "${MGLRU:-n}"
tracing=/sys/kernel/tracing
clean=$scratch/clean
text=$scratch/text
dirty=$scratch/dirty
"$pdwork" write "$clean" 16M 1 >/dev/null
"$pdwork" write "$text" 16M 2 >/dev/null
# Nobody but the daemon shall write: the flusher threads wait.
echo 100000 >/proc/sys/vm/dirty_writeback_centisecs
echo 100000 >/proc/sys/vm/dirty_expire_centisecs
echo 90 >/proc/sys/vm/dirty_background_ratio
echo 95 >/proc/sys/vm/dirty_ratio
# Only what is touched comes back from swap.
echo 0 >/proc/sys/vm/page-cluster
load_module
echo 24576 >"$tracing/buffer_size_kb"
echo 0 >"$tracing/options/overwrite"

knob() { # NAME VALUE
	echo "$2" >"$pd/rows/knobs/$1"
}
begin() { # POLICY [LIMIT]
	drop_caches
	cg_make rows "${2:-64M}"
	attach rows "$1"
	# No aging: each pass is one that was asked for.
	knob update_period 0
}
end() {
	detach rows
	cg_remove rows
}
trace_on() { # EVENT...
	local event
	echo >"$tracing/trace"
	for event; do
		echo 1 >"$tracing/events/$event/enable"
	done
}
trace_off() {
	echo 0 >"$tracing/events/enable"
	cp "$tracing/trace" /tmp/trace
	echo >"$tracing/trace"
	# A row alone is somebody looking into it.
	[ -z "$only" ] || gzip </tmp/trace >"$PD_OUT/trace$1.gz"
}
in_trace() { # EVENT AWK-PROGRAM END, with f["pfn"] and so on set
	awk -v event="$1:" '{ for (at = 1; at <= NF && $at != event; at++); }
		at <= NF {
			delete f
			for (i = at + 1; i <= NF; i++) if ((k = index($i, "=")))
				f[substr($i, 1, k - 1)] = substr($i, k + 1)
			'"$2"'
		} END { '"$3"' }' /tmp/trace
}
# Page faults of somebody who is soon gone: what makes the kernel look.
poke() {
	cg_exec rows "$pdwork" fault 512K 1 >/dev/null
}
free_at_least() { # PAGES
	[ "$(stat_of rows free)" -ge "$1" ]
}
count_at_least() { # COUNTER VALUE
	[ "$(stat_of rows "$1")" -ge "$2" ]
}
asleep() {
	[ "$(stat_of rows pass)" = 0 ]
}
# So many pages are missing, from now on.
lack() { # PAGES
	knob wakeup_thresh $(($(stat_of rows free) + $1))
	poke
}
# Nothing is missing any more.
calm() {
	knob wakeup_thresh auto
	knob free_min auto
	until_true 20 asleep
}
# Have so many pages freed or written, and no more.
want() { # PAGES
	lack "$1"
	until_true 20 asleep
	calm
}
written_out() {
	[ "$(memstat rows file_writeback)" = 0 ]
}
swapped() { # pages of the cgroup in swap
	echo $(($(<"$cgroot/rows/memory.swap.current") / 4096))
}

# Kernel memory is taken, of which no list tells.
row_6() {
	local period passes wakeups freed
	begin dragonfly
	cg_exec rows "$pdwork" stream "$clean" 16M 1 >/dev/null
	cg_exec rows "$pdwork" stream "$text" 16M 1 >/dev/null
	knob wakeup_thresh $(($(stat_of rows free) - 2000))
	for period in 0 600; do
		knob update_period "$period"
		cg_start /tmp/pipes rows "$pdwork" pipes 12M
		await_line begun /tmp/pipes
		until_true 20 asleep
		passes=$(stat_of rows passes)
		wakeups=$(stat_of rows wakeups)
		freed=$(stat_of rows freed)
		kill -CONT "$job"
		await_line taken /tmp/pipes
		check "6 memory is short" is "$(stat_of rows free)" -lt "$(stat_of rows wakeup_thresh)"
		if [ "$period" = 0 ]; then
			sleep 6
			check "6 dragonfly: without ticks nobody notices" \
				is "$(stat_of rows passes)" -eq "$passes"
		else
			check "6 dragonfly: a tick is a pass if memory is short" \
				until_true 20 count_at_least passes $((passes + 1))
			until_true 20 asleep
			check "6 it frees pages" is "$(stat_of rows freed)" -gt "$freed"
		fi
		check "6 nobody had woken it" is "$(stat_of rows wakeups)" -eq "$wakeups"
		check_jobs "6 the work is done"
	done
	end
}

row_77() {
	begin dragonfly
	cg_start /tmp/text rows "$pdwork" text "$text" 16M 100000
	await_line round /tmp/text
	trace_on pagedaemon/pd_verdict
	lack 1000
	until_true 20 count_at_least recycled 900
	calm
	trace_off 77a
	read -r n other < <(in_trace pd_verdict '
		if (f["queue"] == "active" && f["verdict"] == "free") {
			n++
			other += f["reason"] != "recycled" || f["flags"] ~ /dirty/
		}' 'print n + 0, other + 0')
	note "77: $n verdicts, recycled $(stat_of rows recycled), freed $(stat_of rows freed)"
	check "77 dragonfly: while memory is short clean active pages are freed" \
		is "$(stat_of rows recycled)" -ge 900
	check "77 dragonfly: the verdict says so" is "$((n >= 900)) $other" = "1 0"
	check_jobs "77 what was freed comes back"
	end

	# The same pages beside inactive ones that cover what is missing.
	begin dragonfly
	cg_start /tmp/text rows "$pdwork" text "$text" 8M 100000
	await_line round /tmp/text
	cg_exec rows "$pdwork" stream "$clean" 16M 1 >/dev/null
	knob inactive_target 16000
	# A second look is enough to retire a page.
	knob pageout_algorithm 1
	trace_on pagedaemon/pd_verdict
	for _ in 1 2 3 4; do
		want 400
	done
	trace_off 77b
	read -r down < <(in_trace pd_verdict '
		n += f["queue"] == "active" && f["verdict"] == "deactivate"' 'print n + 0')
	note "77: freed $(stat_of rows freed), of them recycled $(stat_of rows recycled);" \
		"deactivated $(stat_of rows deactivated), $down verdicts"
	check "77 dragonfly: pages are freed beside them" is "$(stat_of rows freed)" -ge 1500
	check "77 dragonfly: active ones that retire meanwhile are deactivated" is "$down" -ge 1000
	check "77 dragonfly: none is freed when memory is no longer short" \
		is "$(stat_of rows recycled)" -eq 0
	check_jobs "77 they end well"
	end
}

row_81() {
	local before left dropped keeper
	begin netbsd
	# Else it would follow what is missing, and all pages be inactive.
	knob inactive_target 1000
	cg_start /tmp/keep rows "$pdwork" keep 16M 3
	keeper=$job
	await_line filled /tmp/keep
	for _ in 1 2 3 4 5 6; do
		echo 20M >"$cgroot/rows/memory.reclaim" 2>/dev/null
		[ "$(swapped)" -lt 4000 ] || break
	done
	check "81 memory goes to swap" is "$(swapped)" -ge 3500
	# Pages without a slot are older than those that come back from swap.
	cg_start /tmp/older rows "$pdwork" keep 8M 4
	await_line filled /tmp/older
	kill -USR1 "$keeper"
	await_line "read 1" /tmp/keep
	before=$(swapped)
	check "81 what comes back keeps its slots" is "$before" -ge 3500
	check "81 netbsd: none is freed while swap is not full" is "$(stat_of rows swap_dropped)" -eq 0
	# Full: it has more than it may.
	echo 0 >"$cgroot/rows/memory.swap.max"
	trace_on pagedaemon/pd_verdict
	lack 1000
	until_true 20 count_at_least swap_dropped 2000
	calm
	trace_off 81
	left=$(swapped)
	dropped=$(stat_of rows swap_dropped)
	read -r n other < <(in_trace pd_verdict '
		if (f["verdict"] == "drop_swap") {
			n++
			other += f["queue"] != "active" || f["reason"] != "swap_full"
		}' 'print n + 0, other + 0')
	note "81: $before pages in swap, then $left; swap_dropped $dropped, $n verdicts"
	check "81 netbsd: slots of active pages are freed when swap is full" is "$dropped" -ge 2000
	check "81 netbsd: the verdict says so" is "$((n >= 2000)) $other" = "1 0"
	# Each CPU keeps some slots for the next one who wants any.
	check "81 there are as many fewer in use" is $((before - left)) -ge $((dropped - 64 * $(nproc)))
	check "81 and no fewer than that" is $((before - left)) -le "$dropped"
	echo max >"$cgroot/rows/memory.swap.max"
	echo 20M >"$cgroot/rows/memory.reclaim" 2>/dev/null
	check "81 those pages go to swap anew" is "$(swapped)" -gt "$left"
	check_jobs "81 all is as it was written"
	end
}

swap_disk() {
	awk 'NR == 2 { sub("/dev/", "", $1); print $1 }' /proc/swaps
}

row_51() {
	local stat requests sectors requests_now sectors_now pages before
	idle_disk() { # no request under way
		local -a field
		read -r -a field <"$stat"
		[ "${field[8]}" = 0 ]
	}
	stat=/sys/block/$(swap_disk)/stat
	# No scheduler that would merge what was sent apart.
	echo none >"${stat%stat}queue/scheduler"
	begin netbsd
	cg_start /tmp/keep rows "$pdwork" keep 24M 5
	await_line filled /tmp/keep
	before=$(value pswpout /proc/vmstat)
	read -r _ _ _ _ requests _ sectors _ <"$stat"
	lack 3000
	until_true 20 count_at_least laundered_anon 2500
	calm
	until_true 10 idle_disk
	pages=$(($(value pswpout /proc/vmstat) - before))
	read -r _ _ _ _ requests_now _ sectors_now _ <"$stat"
	requests=$((requests_now - requests)) sectors=$((sectors_now - sectors))
	note "51: $pages pages to swap in $requests requests of $sectors sectors"
	check "51 netbsd: memory goes to swap" is "$pages" -ge 2500
	check "51 netbsd: page by page, each once" is "$sectors" -eq $((pages * 8))
	check "51 netbsd: in requests of 16 pages and more, on average" \
		is "$sectors" -ge $((requests * 16 * 8))
	check_jobs "51 it comes back right"
	end
}

row_52() {
	local failed again good
	begin netbsd
	cg_start /tmp/keep rows "$pdwork" keep 24M 6
	await_line filled /tmp/keep
	# The first pages of a scan get the last slots.
	echo 1M >"$cgroot/rows/memory.swap.max"
	trace_on pagedaemon/pd_verdict
	lack 3000
	until_true 20 count_at_least launder_failed 1000
	until_true 20 count_at_least kept_swap_full 500
	calm
	trace_off 52
	failed=$(stat_of rows launder_failed)
	# Where a page is met that was to be written, and has no slot.
	read -r again good < <(in_trace pd_verdict '
		if (f["type"] != "anon") next
		if (f["pfn"] in out && f["flags"] !~ /swapcache|writeback|busy/) {
			again += f["queue"] == "inactive"
			good += f["queue"] == "active"
		}
		delete out[f["pfn"]]
		if (f["verdict"] == "launder") out[f["pfn"]]' 'print again + 0, good + 0')
	note "52: $failed pages got no slot, in swap $(swapped); of those met again" \
		"$good were active, $again inactive; kept_swap_full $(stat_of rows kept_swap_full)"
	check "52 netbsd: what there are slots for is written" is "$(swapped)" -gt 128
	check "52 netbsd: pages that get no slot are counted" is "$failed" -ge 1000
	check "52 netbsd: they are activated" is "$((good >= 100)) $again" = "1 0"
	check "52 nobody is killed" is "$(events rows oom_kill)" -eq 0
	check_jobs "52 all is as it was written"
	end
}

row_67() {
	local inactive laps written n bad whole
	begin dragonfly
	# Eight pages in the midst of each block; they get their activity as mapped ones.
	knob inactive_target 0
	cg_start /tmp/part rows "$pdwork" part "$dirty" 4M 9 24 8 64 map
	await_line written /tmp/part
	cg_exec rows "$pdwork" stream "$clean" 4M 1 >/dev/null
	want 100
	check_jobs "67 pages are written by way of a mapping"
	# Nobody maps them any more: they retire, and keep what activity is left.
	knob inactive_target 16000
	want 100
	knob inactive_target 0
	# They go round once, behind the rest of those clean ones, and before new ones.
	inactive=$(stat_of rows inactive)
	cg_exec rows "$pdwork" stream "$text" 8M 1 >/dev/null
	laps=$(stat_of rows second_laps)
	want $((inactive + 300))
	laps=$(($(stat_of rows second_laps) - laps))
	# Blocks of the file system itself may be among them, here and below.
	check "67 the dirty pages of a block go round once" is "$laps" -ge 128
	check "67 and nothing else does" is "$laps" -le 136
	# Their neighbours, which have not.
	inactive=$(stat_of rows inactive)
	cg_exec rows "$pdwork" part "$dirty" 4M 9 0 24 64 write >/dev/null
	cg_exec rows "$pdwork" part "$dirty" 4M 9 32 32 64 write >/dev/null
	trace_on pagedaemon/pd_launder pagedaemon/pd_verdict pagedaemon/pd_pass_begin
	want $((inactive - 128 + 500))
	written=$(stat_of rows laundered_file)
	until_true 20 written_out
	trace_off 67a
	read -r n bad whole < <(in_trace pd_launder '
		n++
		bad += f["failed"] > 0 || f["index"] % 64 || f["pages"] > 64
		whole += f["pages"] == 64' 'print n + 0, bad + 0, whole + 0')
	note "67: $n clusters, $whole of 64 pages, $bad not as they should be; $written pages"
	check "67 dragonfly: clusters are whole, aligned blocks of 64 pages" \
		is "$((n >= 4)) $bad $whole" = "1 0 $n"

	# They are dirty anew, and met first as such.
	laps=$(stat_of rows second_laps)
	cg_exec rows "$pdwork" part "$dirty" 4M 9 0 24 64 write >/dev/null
	cg_exec rows "$pdwork" part "$dirty" 4M 9 32 32 64 write >/dev/null
	trace_on pagedaemon/pd_launder pagedaemon/pd_verdict pagedaemon/pd_pass_begin
	want 800
	trace_off 67b
	laps=$(($(stat_of rows second_laps) - laps))
	read -r n bad < <(in_trace pd_verdict '
		if (f["type"] != "file" || f["verdict"] != "launder") next
		n++
		bad += f["act"] != "3->3"' 'print n + 0, bad + 0')
	note "67: $n verdicts to write, $bad with another activity; $laps laps"
	check "67 dragonfly: neighbours take over the lap" is "$((n >= 100)) $((laps <= 8))" = "1 1"
	check "67 dragonfly: and the activity" is "$bad" -le 8
	check "67 what was written is right" "$pdwork" check "$dirty" 4M 9
	end
	rm -f "$dirty"
}

row_84() {
	local holder woken kicks
	holder=build/selftests/modules-$(uname -r)/pd_test_hold_sb.ko
	if [ ! -e "$holder" ]; then
		skip "84 freebsd: the flusher threads are woken if files were skipped" "no $holder"
		return
	fi
	begin freebsd
	cg_exec rows "$pdwork" write "$dirty" 8M 9 >/dev/null
	knob free_min $(($(stat_of rows free) + 1000))
	poke
	until_true 20 count_at_least laundered_file 32
	calm
	check "84 freebsd: while files can be had nobody wakes the flusher threads" \
		is "$(stat_of rows kicks_writeback)" -eq 0
	cg_exec rows "$pdwork" write "$dirty" 8M 9 >/dev/null
	insmod "$holder" path="$scratch"
	trace_on writeback/writeback_start
	written=$(stat_of rows laundered_file)
	knob free_min $(($(stat_of rows free) + 4000))
	poke
	until_true 20 count_at_least kicks_writeback 1
	kicks=$(stat_of rows kicks_writeback)
	woken_up() {
		grep -q 'writeback_start:.* reason=vmscan' "$tracing/trace"
	}
	until_true 5 woken_up
	calm
	rmmod pd_test_hold_sb
	trace_off 84
	woken=$(grep -c 'writeback_start:.* reason=vmscan' /tmp/trace)
	note "84: $kicks kicks, $woken starts; lock_misses $(stat_of rows lock_misses)"
	check "84 files that cannot be had without waiting are skipped" \
		is "$(stat_of rows lock_misses)" -gt 0
	check "84 freebsd: memory being below the minimum, the flusher threads are woken" is "$kicks" -gt 0
	check "84 they begin to write for that reason" is "$woken" -gt 0
	end
	check "84 what was written is right" "$pdwork" check "$dirty" 8M 9
	rm -f "$dirty"
}

only=${1-}
check "the policies are there" grep -q netbsd "$pd/policies"
for row in ${only:-6 77 81 51 52 67 84}; do
	# Something of the time taken, for whoever adds to it.
	SECONDS=0
	"row_$row"
	note "row $row: $SECONDS s"
done
check "no thread is left" is "$(pd_threads)" = ""
check "the module unloads" unload
rm -f "$clean" "$text"
finish
