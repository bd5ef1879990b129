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

# pressure CGROUP: the same for whoever bears it; leaves it full of file pages
pressure() {
	cg_exec "$1" "$pdwork" churn anon - 40M 7 2 >/dev/null &&
		cg_exec "$1" "$pdwork" stream "$file" 64M 2 >/dev/null
}

scanned() {
	# 6.1 has the sum only.
	memstat "$1" pgscan
}

as_before() { # NAME BEFORE NOW: within a quarter
	note "$1: without the module $2, with it $3"
	is $((4 * ($3 - $2))) -le "$2" && is $((4 * ($2 - $3))) -le "$2"
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
