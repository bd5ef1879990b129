#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: while one cgroup is attached, another one under pressure behaves as
# without the module. The hook redirects nothing of it, its lists stay with
# MGLRU where the system has that on, its memory.stat counts what the kernel
# does, and it hits its limit as often as before the module was there.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

set_mglru "${MGLRU:-n}"
file=$scratch/neighbour
mine=$scratch/mine
"$pdwork" write "$file" 64M 1 >/dev/null
"$pdwork" write "$mine" 48M 1 >/dev/null

# pressure CGROUP: the same work for whoever bears it, counted in pages and not
# in seconds; leaves it full of file pages. The stream sees to it that there is
# always something clean: a cgroup all of whose pages are on their way to a slow
# swap device is out of memory for the unmodified kernel, and it kills.
pressure() {
	local streaming
	cg_exec "$1" "$pdwork" stream "$file" 64M 8 >/dev/null &
	streaming=$!
	cg_exec "$1" "$pdwork" churn anon - 30M 7 600 40000 >/dev/null || return
	wait "$streaming"
}

scanned() {
	# 6.1 has the sum only.
	memstat "$1" pgscan
}

# What the same work costs varies by some 10 % from one time to the next: what a
# batch finds depends on which writes to swap have ended.
as_before() { # NAME BEFORE NOW: within a half
	is $((2 * ($3 - $2))) -le "$2" && is $((2 * ($2 - $3))) -le "$2"
}

cg_make before 32M
drop_caches
check "without the module the pressure is real" pressure before
max_before=$(events before max)
scan_before=$(scanned before)
cg_remove before

load_module
# Asks the shrinkers of all cgroups, ours too: before anything is counted.
drop_caches
cg_make mine 24M
attach mine
# Something for the daemon to hold while the neighbour works.
cg_exec mine "$pdwork" stream "$mine" 48M 1 >/dev/null
sleep 2
redirected=$(value hook_redirected "$pd/stats")
passed=$(value hook_passed "$pd/stats")
passes=$(($(stat_of mine passes) + $(stat_of mine direct_passes)))

cg_make other 32M
check "with it, an unattached cgroup does its work under pressure" pressure other
check "the hook redirects nothing of it" \
	is "$(value hook_redirected "$pd/stats")" -eq "$redirected"
if [ "$HOOK" = ftrace ]; then
	check "the hook sees its reclaim and lets it pass" \
		is "$(value hook_passed "$pd/stats")" -gt "$passed"
fi
check "the attached cgroup's daemon and queues have nothing to do with it" \
	is "$(($(stat_of mine passes) + $(stat_of mine direct_passes)))" -eq "$passes"
check "its memory.stat counts scanned pages" is "$(memstat other pgscan)" -gt 1000
check "its memory.stat counts reclaimed pages" is "$(memstat other pgsteal)" -gt 1000
note "max events: without the module $max_before, with it $(events other max)"
note "pages scanned: without the module $scan_before, with it $(scanned other)"
check "it hits its limit as often as without the module" \
	as_before "max events" "$max_before" "$(events other max)"
check "as many of its pages are scanned as without the module" \
	as_before "pages scanned" "$scan_before" "$(scanned other)"
if mglru_on; then
	check "its pages are in MGLRU's generations" is "$(lru_gen_pages other)" -gt 1000
	check "the attached cgroup's are not" is "$(lru_gen_pages mine)" -eq 0
else
	skip "its pages are in MGLRU's generations" "MGLRU is off, or this kernel has none"
	skip "the attached cgroup's are not" "MGLRU is off, or this kernel has none"
fi
check "its counts of pages equal what a walk finds" same_as_walk other
cg_remove other
detach mine
if mglru_on; then
	check "the attached cgroup's pages are back after detach" is "$(lru_gen_pages mine)" -gt 1000
fi
cg_remove mine
check "the module unloads" unload
rm -f "$file" "$mine"
finish
