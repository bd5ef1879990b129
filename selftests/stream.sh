#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: a 64 MB file read from end to end, twice, in a 32 MB cgroup stalls
# nobody once the cgroup has a page daemon, while the same under the kernel's
# own reclaim hits the limit over and over. Five runs each, alternating, in one
# boot; medians count.
#
# Run it with two processors or more, each with a host thread of its own
# (--mttcg), on a machine that does nothing else: the daemon needs a CPU to
# itself to free pages as fast as the reader takes them. Events are counted over
# all five runs of the kernel: one run cannot have many more than
# 2 * 64 MB - 32 MB worth of pages, divided by the 32 that each event frees.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

runs=5
set_mglru "${MGLRU:-n}"
mglru_on && mglru=on || mglru=off
file=$scratch/stream
"$pdwork" write "$file" 64M 1 >/dev/null
load_module

# run NAME ATTACH: appends events and stalled time to max_NAME and psi_NAME
run() {
	local cg=stream_$1 max psi
	drop_caches
	cg_make "$cg" 32M
	[ "$2" = 0 ] || attach "$cg"
	cg_exec "$cg" "$pdwork" stream "$file" 64M 2 >/tmp/run
	max=$(events "$cg" max)
	psi=$(psi_us "$cg")
	note "$1: max $max, stalled $psi us, $(tr '\n' ' ' </tmp/run)$(
		[ "$2" = 0 ] || echo "daemon_cpu_us $(stat_of "$cg" daemon_cpu_us)" \
			"direct_passes $(stat_of "$cg" direct_passes)")"
	[ "$2" = 0 ] || detach "$cg"
	cg_remove "$cg"
	echo "$max" >>"/tmp/max_$1"
	echo "$psi" >>"/tmp/psi_$1"
}

for ((i = 0; i < runs; i++)); do
	run kernel 0
	run daemon 1
done
unload

max_daemon='' psi_daemon='' psi_kernel=''
kernel_max=$(awk '{ n += $1 } END { print n }' /tmp/max_kernel)
for f in max psi; do
	declare "${f}_kernel=$(median </tmp/${f}_kernel)" "${f}_daemon=$(median </tmp/${f}_daemon)"
	note "$f: kernel ${f/psi/us} $(median </tmp/${f}_kernel) ($(least_greatest </tmp/${f}_kernel))," \
		"daemon $(median </tmp/${f}_daemon) ($(least_greatest </tmp/${f}_daemon)), MGLRU $mglru"
done
check "the kernel's own reclaim hits the limit over 1,000 times in five runs (MGLRU $mglru)" \
	is "$kernel_max" -gt 1000
check "with a page daemon the median run does not hit the limit once (MGLRU $mglru, $HOOK)" \
	is "$max_daemon" -eq 0
check "tasks stall for less than a twentieth of the kernel's time (MGLRU $mglru, $HOOK)" \
	is $((psi_daemon * 20)) -lt "$psi_kernel"
rm -f "$file" /tmp/max_* /tmp/psi_*
finish
