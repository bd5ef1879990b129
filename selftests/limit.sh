#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: thresholds are FreeBSD's formulas over the cgroup's limit, and follow
# it at once when memory.max, memory.high or a parent's limit changes while
# pages are in use. The numbers are those that the formulas give by hand.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

set_mglru "${MGLRU:-n}"
load_module
cg_make limit 32M
attach limit
file=$scratch/limit
"$pdwork" write "$file" 200M 1 >/dev/null
drop_caches

marks() { # WANTED...: limit min severe target wake inactive, in pages
	local got
	got=$(awk '
		{ v[$1] = $2 }
		END {
			print v["limit"], v["free_min"], v["free_severe"], v["free_target"],
				v["wakeup_thresh"], v["inactive_target"]
		}' "$pd/limit/stats")
	[ "$got" = "$*" ] || { echo "limit min severe target wake inactive are $got, expected $*"; return 1; }
}

knobs_show() { # NAME VALUE...
	while [ $# -gt 0 ]; do
		is "$(<"$pd/limit/knobs/$1")" -eq "$2" || { echo "knob $1"; return 1; }
		shift 2
	done
}

set_limit() { # CGROUP FILE VALUE
	echo "$3" >"$cgroot/$1/memory.$2"
}

check "a limit of 32 MiB" marks 8192 99 79 216 99 324
changes=$(stat_of limit limit_changes)
set_limit limit max 256M
check "raised to 256 MiB, thresholds follow at once" marks 65536 461 298 1439 506 2158
check "the files of the knobs show them, too" knobs_show free_min 461 free_severe 298 \
	free_target 1439 wakeup_thresh 506 inactive_target 2158 cluster_pages 16

cg_exec limit "$pdwork" stream "$file" 200M 1 >/dev/null
check "pages fill it" is "$(<"$cgroot/limit/memory.current")" -gt $((190 << 20))
set_limit limit max 32M
check "lowered to 32 MiB while 200 are in use, thresholds follow at once" \
	marks 8192 99 79 216 99 324
check "the pages above the limit have gone" \
	is "$(<"$cgroot/limit/memory.current")" -le $((32 << 20))
enough() {
	[ "$(stat_of limit free)" -ge "$(stat_of limit wakeup_thresh)" ]
}
check "the daemon goes on until there is free memory again" until_true 10 enough
check "nobody was killed" is "$(events limit oom_kill)" -eq 0
check "each move of the limit was counted" \
	is "$(stat_of limit limit_changes)" -ge $((changes + 2))

set_limit limit max 64M
check "64 MiB" marks 16384 151 111 391 165 586
set_limit limit max 512M
set_limit limit high 64M
check "memory.high counts if it is the smaller one" marks 16384 151 111 391 165 586
set_limit limit high max
check "512 MiB" marks 131072 874 547 2836 957 4254

echo 700 >"$pd/limit/knobs/free_min"
check "a knob overrides what is computed, and what depends on it" \
	marks 131072 700 547 2836 770 4254
set_limit limit max 256M
check "the knobs' files follow the limit as the stats do" \
	knobs_show free_min 700 free_severe 298 free_target 1439 inactive_target 2158
check "a knob that was set stays" marks 65536 700 298 1439 770 2158
echo auto >"$pd/limit/knobs/free_min"
check "auto goes back to what is computed" marks 65536 461 298 1439 506 2158

# A limit above: the smallest on the way to the root is the memory there is.
detach limit
cg_remove limit
cg_make outer 256M
echo +memory >"$cgroot/outer/cgroup.subtree_control"
cg_make outer/limit max
attach outer/limit
outer_limit() {
	is "$(stat_of outer/limit limit)" -eq "$1"
}
check "a limit of the parent counts" outer_limit 65536
set_limit outer max 64M
check "and is followed at once" outer_limit 16384
detach outer/limit
cg_remove outer/limit
cg_remove outer
check "the module unloads" unload
rm -f "$file"
finish
