#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: attach, pressure, detach, over and over, with rmdir and rmmod among
# them, loses no page, leaves no thread, and gives MGLRU back its pages; counts
# of pages still equal what a walk finds. The pressure is of all kinds at once:
# a stream, files rewritten through write() and through mappings, anonymous and
# shared memory beyond the limit, mlocked memory, huge pages where there are any.
#
# usage: cycle.sh [ROUNDS]. Without, as many of 200 as SECONDS_OF_CYCLES (20) allow.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

rounds=${1:-200}
seconds=${SECONDS_OF_CYCLES-20}
[ $# = 0 ] || seconds=7200
set_mglru "${MGLRU:-n}"
cg_make cycle 16M
load_module

kinds=(stream anon shmem rw mmap mlock)
if [ -e /sys/kernel/mm/transparent_hugepage/enabled ]; then
	echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
	kinds+=(thp)
fi
pressure cycle 1 "${kinds[@]}"

# Ends an attachment that has pages of its own and nobody to care for them.
doom() {
	cg_make doomed 6M
	attach doomed || wrong "cannot attach"
	cg_exec doomed "$pdwork" write "$scratch/doomed" 3M 9 >/dev/null || wrong "cannot write"
	cg_exec doomed "$pdwork" churn anon - 4M 8 1 >/dev/null || wrong "lost anonymous pages"
	rmdir "$cgroot/doomed" || wrong "cannot rmdir an attached cgroup"
	until_true 10 not_attached doomed || wrong "still attached after rmdir"
	"$pdwork" check "$scratch/doomed" 3M 9 >/dev/null || wrong "lost file pages"
}

begin=$SECONDS
# Each kind once at least, however slow the machine.
for ((round = 1; round <= rounds && (round <= 4 || SECONDS - begin < seconds); round++)); do
	case $((round % 10)) in
	2) doom ;;
	3)
		attach cycle || wrong "cannot attach"
		echo 0 >"$pd/cycle/knobs/lowmem_period"
		sleep 0.2
		unload || wrong "cannot unload while attached"
		load_module || wrong "cannot load"
		;;
	4)
		unload || wrong "cannot unload"
		load_module cgroup=/cycle policy="$policy" || wrong "cannot load and attach"
		sleep 0.2
		detach cycle || wrong "cannot detach"
		;;
	*)
		attach cycle || wrong "cannot attach"
		# Each pass asks the kernel's caches, and so our shrinker, as well.
		echo 0 >"$pd/cycle/knobs/lowmem_period"
		sleep 0.2
		detach cycle || wrong "cannot detach"
		;;
	esac
	[ -z "$(pd_threads)" ] || wrong "a thread is left: $(pd_threads)"
	if [ $((round % 5)) = 0 ] && mglru_on && [ "$(lru_gen_pages cycle)" = 0 ]; then
		wrong "no page is in MGLRU's generations"
	fi
done
note "$((round - 1)) rounds in $((SECONDS - begin)) s"

check_rounds "attach, pressure, detach, $((round - 1)) times, with rmdir and rmmod among them"
check "nobody was killed" is "$(events cycle oom_kill)" -eq 0
kill -STOP "${jobs_started[@]}"
check "counts of pages equal what a walk finds, detached" same_as_walk cycle
if mglru_on; then
	check "its pages are in MGLRU's generations" is "$(lru_gen_pages cycle)" -gt 100
fi
attach cycle
check "and attached" same_as_walk cycle
if mglru_on; then
	check "they have left the generations" is "$(lru_gen_pages cycle)" -eq 0
fi
kill -CONT "${jobs_started[@]}"
check_jobs "no page is lost: all data is what was written"
detach cycle
check "no thread is left" is "$(pd_threads)" = ""
cg_remove cycle
check "the module unloads" unload
rm -f "$scratch"/cycle.* "$scratch/doomed"
finish
