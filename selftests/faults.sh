#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: whatever allocation or step fails, in loading, attaching, detaching and
# switching policies, the operation is refused or succeeds all the same, and what is
# refused leaves everything as it was; the cgroup has pages of all kinds.
#
# usage: faults.sh [INJECTIONS]. Without, as many as SECONDS_OF_FAULTS (40) allow.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

if [ ! -e /proc/self/fail-nth ] || [ ! -d /sys/kernel/debug/failslab ]; then
	skip_all "no fault injection in this kernel"
fi
seconds=${SECONDS_OF_FAULTS-40}
[ $# = 0 ] || seconds=7200
set_mglru "${MGLRU:-n}"
cg_make faults 8M
cg_start /tmp/anon faults "$pdwork" churn anon - 3M 1 0
cg_start /tmp/rw faults "$pdwork" churn rw "$scratch/faults" 2M 2 0
await_line filled /tmp/anon
await_line filled /tmp/rw
# What matters are its pages; running jobs would take most of the time.
kill -STOP "${jobs_started[@]}"

python3 selftests/faults.py "$pd_ko" faults "${1:-1000000}" "$seconds" >/tmp/faults 2>&1
rc=$?
sed 's/^/# /' /tmp/faults
check "whatever fails, all is as before or done" is "$rc" -eq 0
grep ^wrong /tmp/faults | sed 's/^/# /'
check "each operation had failures injected" is "$(grep -c '^[a-z ]*: [1-9]' /tmp/faults)" -eq 5
least=$(((${1:-15}) - 1))
check "there were enough of them" is "$(sed -n 's/^total //p' /tmp/faults)" -gt "$least"
kill -CONT "${jobs_started[@]}"
check_jobs "no page is lost: all data is what was written"
check "no thread is left" is "$(pd_threads)" = ""
check "no module is left" not loaded
cg_remove faults
rm -f "$scratch/faults"
finish
