#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: switching policies frees nothing by itself. It can be done every second for a
# minute while a cgroup is under pressure: nothing is lost, and the hot set refaults as
# it would under the worse of the policies alone, not more. Then several cgroups at
# once, each with a policy of its own.
#
# What is compared are refaults for each thousand accesses: how many accesses there
# are in a second depends on what else the machine does.
#
# From the environment: SWITCHES, policies to switch through, joined by "+", or several
# such lists, joined by ","; SECONDS_OF_SWITCHES (60), for each list.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

seconds=${SECONDS_OF_SWITCHES:-60}
IFS=, read -r -a switches <<<"${SWITCHES:-freebsd+dragonfly+netbsd+mach+clockpro}"
set_mglru "${MGLRU:-n}"
stream=$scratch/stream
"$pdwork" write "$stream" 64M 1 >/dev/null
drop_caches
load_module

# run NAME SECONDS POLICY...: a hot set beside a stream, with a switch to the next
# policy each second, if there is more than one. Sets $last, and $rate: refaults for
# each thousand accesses.
run() {
	local name=$1 seconds=$2 before after i hot
	shift 2
	echo "$1" >"$pd/switch/policy"
	cg_start /tmp/hot switch "$pdwork" hot file="$scratch/hot" size=8M \
		mode=pread+mmap+anon rounds=0 stream="$stream" stream_size=64M stream_per_16=2
	hot=$job
	await_line warm /tmp/hot || not_ok "the work of $name begins" "$(</tmp/hot)"
	before=$(refaults switch)
	for ((i = 0; i < seconds; i++)); do
		last=${*:i % $# + 1:1}
		[ $# = 1 ] || echo "$last" >"$pd/switch/policy" ||
			not_ok "switch $i of $name" "to $last"
		sleep 1
	done
	after=$(refaults switch)
	kill -TERM "$hot"
	wait "$hot" || not_ok "the work of $name is done" "$(</tmp/hot)"
	unset 'jobs_started[-1]'
	rate=$(((after - before) * 1000 / ($(value accesses /tmp/hot) + 1)))
	note "$name: $(value accesses /tmp/hot) accesses, $(value misses /tmp/hot) misses," \
		"$((after - before)) refaults, $rate for each thousand accesses"
}

# Far from the limit a switch is a change of mind, and no more.
cg_make quiet 64M
attach quiet freebsd
cg_exec quiet "$pdwork" stream "$stream" 20M 1 >/dev/null
before=$(memstat quiet file)
for _ in 1 2; do
	for policy in dragonfly netbsd mach clockpro freebsd; do
		echo "$policy" >"$pd/quiet/policy"
		sleep 0.5
	done
done
check "a switch by itself frees no page" is "$(stat_of quiet freed)" -eq 0
check "and has nobody scan" is "$(stat_of quiet scan_inactive)" -eq 0
check "all pages are still there" is "$(memstat quiet file)" -ge "$before"
detach quiet
cg_remove quiet
# What it leaves in memory would be streamed from there.
drop_caches

cg_make switch 32M
attach switch freebsd
# A page that comes for the first time is no refault.
cg_exec switch "$pdwork" stream "$stream" 64M 1 >/dev/null
# All the while; its data is verified at each touch.
cg_start /tmp/mmap switch "$pdwork" churn mmap "$scratch/mmap" 3M 3 0
cg_start /tmp/anon switch "$pdwork" churn anon - 3M 1 0
await_line filled /tmp/mmap
await_line filled /tmp/anon

declare -A alone
for policy in freebsd dragonfly netbsd mach clockpro; do
	[[ " ${switches[*]//+/ } " == *" $policy "* ]] || continue
	run "$policy alone" 10 "$policy"
	alone[$policy]=$rate
	check "$policy alone has refaults to compare with" is "$rate" -gt 0
done
for list in "${switches[@]}"; do
	worst=0
	for policy in ${list//+/ }; do
		[ "${alone[$policy]}" -le "$worst" ] || worst=${alone[$policy]}
	done
	# shellcheck disable=SC2086 # the list is words
	run "$list" "$seconds" ${list//+/ }
	check "$list: a switch each second for $seconds s brings no storm of refaults" \
		is $((rate * 10)) -le $((worst * 13))
done
check "the last policy is in force" grep -q "\[$last\]" "$pd/switch/policy"
kill -STOP "${jobs_started[@]}"
check "counts of pages equal what a walk finds" same_as_walk switch
kill -CONT "${jobs_started[@]}"
check_jobs "all data is what was written"
check "nobody was killed" is "$(events switch oom_kill)" -eq 0
detach switch
cg_remove switch

# Several cgroups, each with its own.
for policy in freebsd dragonfly netbsd mach clockpro; do
	cg_make own_$policy 16M
	attach own_$policy $policy
done
for policy in freebsd dragonfly netbsd mach clockpro; do
	cg_start /tmp/own_$policy own_$policy "$pdwork" churn anon - 20M 1 10
	cg_start /tmp/own_s_$policy own_$policy "$pdwork" stream "$stream" 64M 1000000
done
sleep 12
for policy in freebsd dragonfly netbsd mach clockpro; do
	check "$policy frees pages of its own cgroup beside the others" \
		is "$(stat_of own_$policy freed)" -gt 500
done
check_jobs "their data is what was written, too"
for policy in freebsd dragonfly netbsd mach clockpro; do
	detach own_$policy
	cg_remove own_$policy
done
check "no thread is left" is "$(pd_threads)" = ""
check "the module unloads" unload
rm -f "$stream" "$scratch/hot" "$scratch/mmap"
finish
