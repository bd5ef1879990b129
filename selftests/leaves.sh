#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: a limit on a parent with three leaves, one of them made after the attach,
# costs its tasks what it would cost them in a single cgroup of that size: as many
# refaults, as much stalled time. The same work each time, counted in pages; runs
# alternate in one boot, medians count. (tree.sh removes leaves and protects them.)
#
# From the environment: POLICY, the default one if not given; RUNS.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

runs=${RUNS:-5}
set_mglru "${MGLRU:-n}"
"$pdwork" write "$scratch/leaves_stream" 32M 1 >/dev/null
load_module

# run NAME CGROUP-OF-A CGROUP-OF-B CGROUP-OF-C: the work in cgroup /leaves and below.
# Files and memory, wanted at random, of which three quarters fit: neither everything
# nor nothing is a refault. One also streams.
run() {
	local name=$1 cgs=("${@:2}") i pids=() stream
	head -c 4096 /dev/zero >/tmp/leaves_step
	for i in 0 1 2; do
		stream=()
		[ "$i" != 1 ] || stream=(stream="$scratch/leaves_stream" stream_size=32M stream_per_16=8)
		cg_exec "${cgs[i]}" "$pdwork" hot file="$scratch/leaves_$i" size=20M \
			mode=pread+mmap+anon rounds=8 seed="$((i + 1))" "${stream[@]}" \
			step=/tmp/leaves_step tasks=3 >"/tmp/leaf_$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || not_ok "the work of $name is done" "a task ended with $?"
	done
	note "$name: misses $(awk '$1 == "misses" { print $2 }' /tmp/leaf_[012] | xargs)," \
		"refaults $(refaults leaves), max $(events leaves max)," \
		"stalled $(psi_us leaves) us, passes $(stat_of leaves passes)," \
		"direct_passes $(stat_of leaves direct_passes), pairs $(stat_of leaves queue_pairs)"
	refaults leaves >>"/tmp/refaults_$name"
	awk '$1 == "misses" { n += $2 } END { print n }' /tmp/leaf_[012] >>"/tmp/misses_$name"
	events leaves max >>"/tmp/max_$name"
	psi_us leaves >>"/tmp/stalled_$name"
	check "nobody was killed in $name" is "$(events leaves oom_kill)" -eq 0
}

single() {
	drop_caches
	cg_make leaves 48M
	attach leaves
	run single leaves leaves leaves
	detach leaves
	cg_remove leaves
}

tree() {
	local leaf
	drop_caches
	cg_make leaves 48M
	echo +memory >"$cgroot/leaves/cgroup.subtree_control"
	cg_make leaves/a
	cg_make leaves/b
	attach leaves
	cg_make leaves/c
	run tree leaves/a leaves/b leaves/c
	detach leaves
	for leaf in a b c; do
		cg_remove leaves/$leaf
	done
	cg_remove leaves
}

for ((i = 0; i < runs; i++)); do
	single
	tree
done

no_more() { # WHAT: than 15 % above
	local one three
	one=$(median <"/tmp/$1_single")
	three=$(median <"/tmp/$1_tree")
	echo "$1: single $one ($(least_greatest <"/tmp/$1_single"))," \
		"tree $three ($(least_greatest <"/tmp/$1_tree"))"
	is $((three * 100)) -le $((one * 115))
}
note "$(no_more refaults)"
note "$(no_more misses)"
note "$(no_more stalled)"
note "$(no_more max)"
check "three leaves have as many refaults as a single cgroup, within 15 %" no_more refaults
check "their hot pages are missed as often, within 15 %" no_more misses
check "their tasks stall no longer, within 15 %" no_more stalled
check "the module unloads" unload
rm -f "$scratch"/leaves_* /tmp/refaults_* /tmp/misses_* /tmp/max_* /tmp/stalled_* /tmp/leaf_* /tmp/leaves_step
finish
