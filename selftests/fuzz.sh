#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: whatever is written to the files of the module, by whole pages of noise
# or by one bit away from what is right, nothing changes but by what is valid, and
# that it reads back as written. Two cgroups under light pressure, one of them
# with a child, are attached, detached, switched and tuned by the same writes.
# selftests/prog/fuzz.c has the model that knows what has to become of each.
#
# usage: fuzz.sh [WRITES [SEED]]. Without WRITES, or with 0, as many as FUZZ_SECONDS
# (15) allow; without SEED, that of the environment, else one from the clock. The seed
# is printed: the same seed makes the same writes.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

writes=${1:-0} seed=${2:-${SEED:-0}}
seconds=0
[ "$writes" -gt 0 ] || seconds=${FUZZ_SECONDS-15}
set_mglru "${MGLRU:-n}"
"$pdwork" write "$scratch/fuzz" 24M 1 >/dev/null
drop_caches

# Limits are the same for all, so that what is computed from them is.
for cg in fuzz_a fuzz_b fuzz_b/kid "fuzz_b!kid" fuzz_twin; do
	[ "$cg" != fuzz_b/kid ] || echo +memory >"$cgroot/fuzz_b/cgroup.subtree_control"
	cg_make "$cg" 16M
done
# The child cannot be attached, for want of a memory controller.
cg_make fuzz_off 16M
mkdir "$cgroot/fuzz_off/kid"

load_module
cg_start /tmp/stream fuzz_a "$pdwork" stream "$scratch/fuzz" 24M 1000000
cg_start /tmp/anon fuzz_a "$pdwork" churn anon - 5M 1 0
cg_start /tmp/rw fuzz_b/kid "$pdwork" churn rw "$scratch/fuzz_rw" 18M 2 0
cg_start /tmp/shmem fuzz_b/kid "$pdwork" churn shmem - 3M 3 0
for kind in anon shmem rw; do
	await_line filled "/tmp/$kind" || note "$kind is slow to fill"
done
# Light pressure: the writes are what this is about.
slow_down "20000 100000" fuzz_a fuzz_b

rc=0
"$pdwork" fuzz "$writes" "$seconds" "$seed" /fuzz_twin /fuzz_a /fuzz_b /fuzz_b/kid \
	"/fuzz_b!kid" /fuzz_off /fuzz_off/kid >/tmp/fuzz.out 2>&1 || rc=$?
sed 's/^/# /' /tmp/fuzz.out
check "nothing changes but by valid writes, and those read back" is $rc = 0
counted() { # NAME LEAST
	is "$(awk -v name="$1" '$1 == name { n = $2 } END { print n + 0 }' /tmp/fuzz.out)" -ge "$2"
}
check "there was much to refuse" counted EINVAL 1000
for what in attach detach policy knob; do
	check "and something to take: $what" counted "taken_$what" 1
done
slow_down max fuzz_a fuzz_b
check "nobody was killed" \
	is "$(events fuzz_a oom_kill) $(events fuzz_b oom_kill)" = "0 0"
check_jobs "no page is lost: all data is what was written"
for dir in "$pd"/fuzz*; do
	[ ! -d "$dir" ] || detach "$(basename "$dir" | sed 's|!|/|')" || detach "$(basename "$dir")"
done 2>/dev/null
check "all can be detached" is "$(value domains "$pd/stats")" = 0
check "no thread is left" is "$(pd_threads)" = ""
check "the module unloads" unload
for cg in fuzz_a fuzz_b/kid fuzz_b "fuzz_b!kid" fuzz_twin fuzz_off/kid fuzz_off; do
	cg_remove "$cg"
done
rm -f "$scratch"/fuzz*
finish
