#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: the tracepoints are there, and what they say makes sense: activity
# counts and references within bounds, verdicts and reasons by their names, as
# many pages freed as the counters say, each pass with its end, one event for
# each attach and detach. Use through a mapping is seen, also of one that is to be read
# at random or in sequence, which the kernel's reclaim does not look at.
# tools/bpftrace/pd_verdicts.bt runs on them.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

set_mglru "${MGLRU:-n}"
tracing=/sys/kernel/tracing
trace=/tmp/trace
stream=$scratch/trace
"$pdwork" write "$stream" 64M 1 >/dev/null
load_module

for event in wake pass_begin pass_end verdict launder attach detach; do
	check "there is an event pd_$event" test -e "$tracing/events/pagedaemon/pd_$event/format"
done

# For each event a printk line is made: must not be more than the buffer holds.
echo 32768 >"$tracing/buffer_size_kb"
echo 1 >"$tracing/events/pagedaemon/enable"
cg_make trace 32M
attach trace
cg_start /tmp/anon trace "$pdwork" churn anon - 24M 1 0
await_line filled /tmp/anon
drop_caches
cg_exec trace "$pdwork" stream "$stream" 64M 1 >/dev/null
check_jobs "anonymous memory beside a stream, traced, keeps its data"
counters() {
	for name in freed freed_forced free_refused scan_inactive scan_forced wakeups ahead_passes \
		second_laps; do
		echo "$name $(stat_of trace $name)"
	done
}
sleep 1
counters >/tmp/counters
detach trace
cg_remove trace
echo 0 >"$tracing/events/pagedaemon/enable"
cp "$tracing/trace" "$trace"
echo >"$tracing/trace"
note "$(grep -o 'entries-in-buffer/.*' "$trace")"

complete() {
	local n
	n=$(grep -o 'entries-in-buffer/entries-written: [0-9/]*' "$trace")
	n=${n##* }
	[ "${n%/*}" = "${n#*/}" ] || { echo "lost some of them: $n"; return 1; }
}
check "the buffer holds all events" complete

# What each line of pd_verdict says, against types.h.
sane() {
	local names reasons
	names=$(sed -n '/define PD_VERDICTS/,/^$/s/.*X([A-Z_]*, "\([a-z_]*\)").*/\1/p' \
		include/pagedaemon/types.h | xargs)
	reasons=$(sed -n '/define PD_REASONS/,/^$/s/.*X([A-Z_]*, "\([a-z_]*\)").*/\1/p' \
		include/pagedaemon/types.h | xargs)
	awk -v names="$names" -v reasons="$reasons" -v policy="$policy" '
		BEGIN {
			split(names, a, " "); for (i in a) verdict[a[i]] = 1
			split(reasons, a, " "); for (i in a) reason[a[i]] = 1
			split("anon shmem file exec", a, " "); for (i in a) type[a[i]] = 1
			split("inactive active", a, " "); for (i in a) queue[a[i]] = 1
		}
		function bad(why) { if (wrong++ < 5) print why ": " $0 }
		/ pd_verdict: / {
			delete v
			for (i = 1; i <= NF; i++)
				if (split($i, kv, "=") == 2) v[kv[1]] = kv[2]
			n++
			split(v["act"], act, "->")
			if (act[1] > 64 || act[2] > 64) bad("activity count")
			if (v["refs"] > 5) bad("references")
			if (v["references"] != v["refs"] + v["soft_refs"]) bad("sum")
			if (!(v["verdict"] in verdict)) bad("verdict")
			if (!(v["reason"] in reason)) bad("reason")
			if (!(v["type"] in type)) bad("type")
			if (!(v["queue"] in queue)) bad("queue")
			if (v["cgroup"] != "trace") bad("cgroup")
			if (v["nr_pages"] < 1) bad("pages")
			if (v["queue"] == "active" && v["verdict"] ~ /^(free|launder)$/ &&
			    (policy != "dragonfly" || v["reason"] != "recycled"))
				bad("freed from the active queue")
			if (v["verdict"] == "free" && v["flags"] ~ /dirty|busy|held|writeback|unevictable/)
				bad("freed all the same")
		}
		END { print n + 0, "verdicts,", wrong + 0, "wrong"; exit !n || wrong }' "$trace"
}
check "verdicts have known names and numbers within bounds" sane

sums() {
	awk '
		FNR == NR { want[$1] = $2; next }
		{
			for (i = 1; i <= NF; i++)
				if (split($i, kv, "=") == 2) v[kv[1]] = kv[2]
		}
		/ pd_verdict: / {
			if (v["queue"] == "inactive") scanned += v["nr_pages"]
			if (v["reason"] == "second_lap") laps += v["nr_pages"]
		}
		/ pd_pass_end: / { freed += v["freed"]; ends++ }
		/ pd_pass_begin: / { begins++ }
		/ pd_wake: / { wakes++ }
		function same(what, a, b) {
			print what ": traced", a + 0 ", counted", b + 0
			if (a + 0 != b + 0) wrong = 1
		}
		END {
			# One that somebody else is just taking off the queue is passed over:
			# met, not judged.
			met = want["scan_inactive"] - want["scan_forced"]
			print "pages judged: traced", scanned + 0 ", met", met + 0
			if (scanned > met || (met - scanned) * 1000 > met) wrong = 1
			same("pages freed", freed, want["freed"] - want["freed_forced"])
			same("second laps", laps, want["second_laps"])
			same("wake-ups", wakes, want["wakeups"] + want["ahead_passes"])
			same("passes begun and ended", begins, ends)
			exit wrong
		}' /tmp/counters "$trace"
}
check "they add up to what the counters say" sums
once() { # EVENT PATTERN
	local n
	n=$(grep -c " $1: $2" "$trace")
	[ "$n" = 1 ] || { grep " $1: " "$trace"; return 1; }
}
check "attaching is one event" once pd_attach "cgroup=trace policy=$policy"
check "so is detaching" once pd_detach "cgroup=trace why=detached"
# By the formulas for 32 MiB, see limit.sh.
declare -A thresh_of=([freebsd]=99 [dragonfly]=551 [netbsd]=81 [mach]=141 [clockpro]=10)
aligned() {
	grep -q " pd_wake: .*free=.*wakeup_thresh=${thresh_of[$policy]}\$" "$trace"
}
check "a wake-up says how much was free and what had been wanted" aligned

# How many pages of mapped files were judged as used since the look before? Not by the
# fault that brought them.
pages_used() {
	awk '
		/ pd_verdict: / && / type=(file|exec) / && /[=|]mapped/ && !/first_look/ &&
				/ refs=[1-9]/ {
			match($0, / pfn=[^ ]*/)
			seen[substr($0, RSTART, RLENGTH)]
		}
		END { print length(seen) }' "$tracing/trace"
}
mapped=$scratch/trace_mapped
"$pdwork" write "$mapped" 8M 2 >/dev/null
# Half of them: programs of ours are mapped, too, but not as much.
seen_used() {
	cg_exec used "$pdwork" stream "$stream" 64M 1 >/dev/null
	[ "$(pages_used)" -ge 1024 ]
}
for advice in random sequential; do
	cg_make used 32M
	attach used
	echo 1 >"$pd/used/knobs/update_period"
	# Who wrote it has its pages.
	drop_caches
	cg_start /tmp/used used "$pdwork" text "$mapped" 8M 20 "$advice"
	await_line "round 2 " /tmp/used || note "slow to map"
	echo 1 >"$tracing/events/pagedaemon/pd_verdict/enable"
	check "pages of a mapping to be read in $advice order are seen used" until_true 60 seen_used
	echo 0 >"$tracing/events/pagedaemon/pd_verdict/enable"
	note "$(pages_used) pages; $(tail -n 1 /tmp/used)"
	echo >"$tracing/trace"
	check_jobs "the program that used them ends well"
	detach used
	cg_remove used
done
rm -f "$mapped"

# The script prints a histogram at the end; it takes a while to start.
cg_make trace 32M
attach trace
script=tools/bpftrace/pd_verdicts.bt
if [ ! -e "$script" ]; then
	skip "pd_verdicts.bt runs and prints" "no $script yet"
elif ! command -v bpftrace >/dev/null; then
	skip "pd_verdicts.bt runs and prints" "no bpftrace here"
else
	bpftrace_start /tmp/bt "$script"
	drop_caches
	cg_exec trace "$pdwork" stream "$stream" 64M 1 >/dev/null
	bpftrace_stop
	rc=$?
	cp /tmp/bt "$PD_OUT/" 2>/dev/null
	ran() {
		if [ "$rc" != 0 ] || ! grep -q 'free.*clean\|clean.*free' /tmp/bt; then
			cat /tmp/bt
			return 1
		fi
	}
	check "pd_verdicts.bt runs and prints" ran
	narrow() {
		awk 'length > 80 { print length ": " $0; bad = 1 } END { exit bad }' /tmp/bt
	}
	check "within 80 columns" narrow
fi
detach trace
cg_remove trace
check "the module unloads" unload
rm -f "$stream"
finish
