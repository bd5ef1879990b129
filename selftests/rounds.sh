#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: attaching and detaching as fast as it goes, two cgroups at a time and each
# under pressure, and loading and unloading under the same, lose no page, leave no
# thread, and leak nothing: neither cgroups nor the kernel's memory.
#
# usage: rounds.sh [ROUNDS [LOADS]]: of each cgroup, of the module. Without, as many
# of 1024 and 256 as ROUNDS_SECONDS (6) and LOADS_SECONDS (6) allow.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

rounds=${1:-1024} loads=${2:-256}
rounds_seconds=${ROUNDS_SECONDS-6} loads_seconds=${LOADS_SECONDS-6}
[ $# -lt 1 ] || rounds_seconds=7200
[ $# -lt 2 ] || loads_seconds=7200
set_mglru "${MGLRU:-n}"

now_us() {
	echo "${EPOCHREALTIME/./}"
}

has_freed() { # CGROUP
	[ "$(stat_of "$1" freed)" -gt 0 ]
}

# One of two processes that do the same: how long each round took goes to
# FILE.us, what went wrong to FILE.
go_round() { # CGROUP ROUNDS SECONDS FILE
	local begin=$SECONDS us
	for ((round = 1; round <= $2 && (round <= 8 || SECONDS - begin < $3); round++)); do
		us=$(now_us)
		attach "$1" || wrong "cannot attach"
		us=$(($(now_us) - us))
		# Mostly at once; now and then when the daemon has been at work.
		[ $((round % 8)) != 0 ] || until_true 30 has_freed "$1" || wrong "frees nothing"
		us=$((us - $(now_us)))
		detach "$1" || wrong "cannot detach"
		echo $(($(now_us) + us)) >>"$4.us"
		[ $((round % 64)) != 0 ] || [ -z "$(threads_of "$1")" ] || wrong "a thread is left"
	done 2>>"$4.errors"
	[ ${#bad[@]} = 0 ] || printf '%s\n' "${bad[@]/#/$1, }" >>"$4"
	cat "$4.errors" >>"$4"
}

both_go_round() { # ROUNDS SECONDS
	local cg pids=()
	rm -f /tmp/round_[ab]*
	for cg in rounds_a rounds_b; do
		go_round $cg "$1" "$2" "/tmp/${cg/rounds/round}" &
		pids+=($!)
	done
	wait "${pids[@]}"
	cat /tmp/round_[ab]
}

go_load() { # LOADS SECONDS FILE
	local begin=$SECONDS us
	for ((round = 1; round <= $1 && (round <= 2 || SECONDS - begin < $2); round++)); do
		us=$(now_us)
		load_module cgroup=/rounds_a policy="$policy" || wrong "cannot load"
		attach rounds_b || wrong "cannot attach"
		unload || wrong "cannot unload"
		echo $(($(now_us) - us)) >>"$3"
		[ -z "$(pd_threads)" ] || wrong "a thread is left"
	done
}

say_times() { # WHAT FILE...
	local what=$1
	shift
	note "$what: $(cat "$@" | wc -l), us each: median $(cat "$@" | median)," \
		"$(cat "$@" | least_greatest)"
}

# Objects of each general cache, and kB of memory for each processor and of stacks,
# when all that is kept in store has been given back. The jobs are stopped. Names that
# somebody has looked up are kept in store, too: each slab of them has an object of a
# general cache, which says whose they are.
kernel_memory() { # FILE
	local cache
	sync
	echo 2 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/kmalloc-*/shrink; do
		echo 1 >"$cache"
	done
	# With the objects of a slab: those in use by a processor count as full.
	awk '/^kmalloc-/ && !/^kmalloc-cg/ { print $1, $2, $5 }' /proc/slabinfo >"$1"
	awk '$1 == "Percpu:" || $1 == "KernelStack:" { print $1, $2, 0 }' /proc/meminfo >>"$1"
}

# Has none of them grown by LEAST or more since FILE was written?
has_not_grown() { # FILE LEAST
	kernel_memory /tmp/memory.now
	awk -v least="$2" -v cpus="$(nproc)" '
		NR == FNR { before[$1] = $2; next }
		$2 - before[$1] >= least + cpus * $3 { print $1 ": " before[$1] " -> " $2; bad = 1 }
		END { exit bad }' "$1" /tmp/memory.now
}

# What is freed by RCU may take seconds. One object, or one kB of memory, in each second
# round is a leak; so are some hundred, however few the rounds.
check_memory() { # SENTENCE FILE ROUNDS
	until_true 20 has_not_grown "$2" $(($3 / 2 + 200)) >/dev/null
	check "$1" has_not_grown "$2" $(($3 / 2 + 200))
}

dying() {
	value nr_dying_descendants "$cgroot/cgroup.stat"
}

# shellcheck disable=SC2317 # until_true calls it
as_before() { # DYING
	drop_caches
	[ "$(dying)" -le "$1" ]
}

dying_before=$(dying)
for cg in rounds_a rounds_b; do
	cg_make $cg 12M
done
pressure rounds_a 1 stream shmem rw
pressure rounds_b 11 anon rw
slow_down "30000 100000" rounds_a rounds_b

# The first rounds fill the kernel's stores.
load_module
both_go_round 8 60 >/dev/null
unload
go_load 1 60 /dev/null
load_module
kill -STOP "${jobs_started[@]}"
kernel_memory /tmp/memory.before
kill -CONT "${jobs_started[@]}"

failures=$(both_go_round "$rounds" "$rounds_seconds")
done_rounds=$(cat /tmp/round_[ab].us | wc -l)
say_times "rounds of attach and detach, of two at a time" /tmp/round_[ab].us
check "attach and detach of two cgroups at a time, $done_rounds rounds" is "$failures" = ""
check "and those were some" is "$done_rounds" -ge 16
check "no thread is left" is "$(pd_threads)" = ""
kill -STOP "${jobs_started[@]}"
check_memory "kernel memory has not grown with the rounds" /tmp/memory.before "$done_rounds"
kernel_memory /tmp/memory.before
for cg in rounds_a rounds_b; do
	check "counts of pages of $cg equal what a walk finds" same_as_walk $cg
done
kill -CONT "${jobs_started[@]}"
unload

rm -f /tmp/loads
bad=()
go_load "$loads" "$loads_seconds" /tmp/loads
done_loads=$((round - 1))
say_times "loads and unloads with two cgroups attached" /tmp/loads
check_rounds "load, attach two, unload, $done_loads times"
kill -STOP "${jobs_started[@]}"
check_memory "kernel memory has not grown with the loads" /tmp/memory.before "$done_loads"
for cg in rounds_a rounds_b; do
	check "counts of pages of $cg equal what a walk finds" same_as_walk $cg
done
kill -CONT "${jobs_started[@]}"
check "nobody was killed" \
	is "$(events rounds_a oom_kill) $(events rounds_b oom_kill)" = "0 0"
slow_down max rounds_a rounds_b
check_jobs "no page is lost: all data is what was written"
check "no thread is left" is "$(pd_threads)" = ""
check "no module is left" not loaded
cg_remove rounds_a
cg_remove rounds_b
# What they said is in memory, which is theirs.
rm -f "$scratch"/rounds_* /tmp/rounds_*
# Each processor keeps some slots of swap that were freed, and they a cgroup.
while read -r dev _; do
	swapoff "$dev" && swapon "$dev"
done < <(tail -n +2 /proc/swaps)
check "the kernel lets go of the cgroups" until_true 20 as_before "$dying_before"
finish
