#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: thresholds are the policy's formulas over the cgroup's limit, and follow
# it at once when memory.max, memory.high or a parent's limit changes while
# pages are in use. The numbers are those that the formulas give by hand.
#
# From the environment: POLICY, the default one if not given.
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

# By limit in MiB, and with 700 for free_min: min severe target wake inactive, in
# pages. NetBSD and Mach compute their inactive target from the pages on the
# queues as they scan; what stands here is what it is at least.
declare -A marks_at marks_700
case $policy in
freebsd)
	marks_at=([32]="99 79 216 99 324" [64]="151 111 391 165 586"
		[256]="461 298 1439 506 2158" [512]="874 547 2836 957 4254")
	marks_700=([256]="700 298 1439 770 2158" [512]="700 547 2836 770 4254")
	cluster_pages=16
	;;
dragonfly)
	marks_at=([32]="99 49 904 551 2048" [64]="140 70 1274 777 4096"
		[256]="386 193 3488 2130 16384" [512]="714 357 6440 3934 32768")
	# Severe is not below the reserve, once any mark has been moved.
	marks_700=([256]="700 200 3488 2444 16384" [512]="700 364 6440 3920 32768")
	cluster_pages=64
	;;
netbsd)
	marks_at=([32]="81 5 108 81 109" [64]="163 5 217 163 218"
		[256]="655 5 873 655 874" [512]="1310 5 1746 1310 1747")
	marks_700=([256]="700 5 873 700 874" [512]="700 5 1746 700 1747")
	cluster_pages=16
	;;
clockpro) # up to what NetBSD has as the least, and nothing wanted inactive: that adapts
	marks_at=([32]="10 5 81 10 0" [64]="20 5 163 20 0"
		[256]="81 5 655 81 0" [512]="163 5 1310 163 0")
	marks_700=([256]="700 5 700 700 0" [512]="700 5 1310 700 0")
	cluster_pages=16
	;;
mach)
	marks_at=([32]="141 50 166 141 0" [64]="223 50 269 223 0"
		[256]="714 50 883 714 0" [512]="1370 50 1702 1370 0")
	marks_700=([256]="700 50 883 700 0" [512]="700 50 1702 700 0")
	cluster_pages=1
	;;
esac

marks() { # MIB [WANTED]
	local got want
	want="$(($1 * 256)) ${2-${marks_at[$1]}}"
	got=$(awk '
		{ v[$1] = $2 }
		END {
			print v["limit"], v["free_min"], v["free_severe"], v["free_target"],
				v["wakeup_thresh"], v["inactive_target"]
		}' "$pd/limit/stats")
	[ "$got" = "$want" ] ||
		{ echo "limit min severe target wake inactive are $got, expected $want"; return 1; }
}

knobs_show() { # NAME VALUE...
	while [ $# -gt 0 ]; do
		is "$(<"$pd/limit/knobs/$1")" -eq "$2" || { echo "knob $1"; return 1; }
		shift 2
	done
}

knobs_are() { # MARKS: as in the tables above
	read -r -a mark <<<"$1"
	knobs_show free_min "${mark[0]}" free_severe "${mark[1]}" free_target "${mark[2]}" \
		wakeup_thresh "${mark[3]}" inactive_target "${mark[4]}" \
		cluster_pages "$cluster_pages"
}

set_limit() { # CGROUP FILE VALUE
	echo "$3" >"$cgroot/$1/memory.$2"
}

check "a limit of 32 MiB" marks 32
changes=$(stat_of limit limit_changes)
set_limit limit max 256M
check "raised to 256 MiB, thresholds follow at once" marks 256
check "the files of the knobs show them, too" knobs_are "${marks_at[256]}"

cg_exec limit "$pdwork" stream "$file" 200M 1 >/dev/null
check "pages fill it" is "$(<"$cgroot/limit/memory.current")" -gt $((190 << 20))
set_limit limit max 32M
check "lowered to 32 MiB while 200 are in use, thresholds follow at once" \
	marks 32
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
check "64 MiB" marks 64
set_limit limit max 512M
set_limit limit high 64M
check "memory.high counts if it is the smaller one" marks 64
set_limit limit high max
check "512 MiB" marks 512

echo 700 >"$pd/limit/knobs/free_min"
check "a knob overrides what is computed, and what depends on it" \
	marks 512 "${marks_700[512]}"
set_limit limit max 256M
check "the knobs' files follow the limit as the stats do" \
	knobs_are "${marks_700[256]}"
check "a knob that was set stays" marks 256 "${marks_700[256]}"
echo auto >"$pd/limit/knobs/free_min"
check "auto goes back to what is computed" marks 256

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
