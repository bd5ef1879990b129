#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: far from the limit a loop of page faults takes at most 2 % more CPU
# time in an attached cgroup, and at most 1 % more in one that is not attached,
# than without the module. Medians of paired runs.
#
# Time is counted in instructions if the machine runs with one processor and
# --qemu -icount --qemu shift=1,sleep=on; then a handful of pairs is enough. With
# real time many more are needed.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

pairs=${PAIRS:-7}
set_mglru "${MGLRU:-n}"
cg_make overhead 512M

fault() { # NAME: append its CPU time
	cg_exec overhead "$pdwork" fault 16M 6 >/tmp/fault
	value cpu_us /tmp/fault >>"/tmp/cpu_$1"
}

fault warm-up
for ((i = 0; i < pairs; i++)); do
	fault without
	load_module
	fault loaded
	attach overhead
	fault attached
	detach overhead
	unload
done
percent_more() { # NAME: median of what each run took more than its pair without
	paste /tmp/cpu_without "/tmp/cpu_$1" | awk '{ print ($2 - $1) * 10000 / $1 }' | median
}
for name in loaded attached; do
	hundredths=$(percent_more $name)
	declare "more_$name=${hundredths%.*}"
	note "$name: $(printf '%.2f' "${hundredths}e-2") % more;" \
		"us: without $(least_greatest </tmp/cpu_without), $name $(least_greatest <"/tmp/cpu_$name")"
done
# shellcheck disable=SC2154 # declared above
check "with the module loaded, a cgroup that is not attached: at most 1 % more CPU" \
	is "$more_loaded" -le 100
# shellcheck disable=SC2154
check "an attached cgroup far from its limit: at most 2 % more CPU" \
	is "$more_attached" -le 200
cg_remove overhead
rm -f /tmp/cpu_* /tmp/fault
finish
