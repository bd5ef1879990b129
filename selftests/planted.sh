#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: torture.sh can fail. A bug that is planted (plant=lose, plant=dirty) it finds
# in each of two runs with one seed, in which the same comes in the same order; without
# a bug it passes. Only in debug builds can a bug be planted.
#
# usage: planted.sh [SECONDS of each run (30)]
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh

seconds=${1:-30}
seed=3

if ! modinfo -F parm "$pd_ko" | grep -q ^plant:; then
	load plant=lose
	check "no bug can be planted here" \
		grep -q "pagedaemon: unknown parameter 'plant' ignored" <(dmesg)
	check "there is no such parameter" not test -e /sys/module/pagedaemon/parameters/plant
	check "the module unloads" unload
	finish
fi
load plant=lose
check "a debug build loads with plant=lose" loaded
unload
check "and refuses what is none" not load plant=weed

# torture NAME: a run, its output and its actions in $PD_OUT/planted/NAME
torture() {
	local dir=$PD_OUT/planted/$1
	mkdir -p "$dir"
	PD_OUT=$dir bash selftests/torture.sh "$seconds" "$seed" >"$dir/torture" 2>&1
}

failures() { # NAME
	grep -A 20 '^not ok' "$PD_OUT/planted/$1/torture"
}

# Actions of the first and of the second run, as far as both came.
same_actions() { # NAME NAME
	local a b n
	a=$(actions "$1") b=$(actions "$2")
	n=$(($(wc -l <<<"$a") < $(wc -l <<<"$b") ? $(wc -l <<<"$a") : $(wc -l <<<"$b")))
	[ "$n" -ge 3 ] || { echo "$n actions are none to compare"; return 1; }
	diff <(head -n "$n" <<<"$a") <(head -n "$n" <<<"$b")
}

actions() { # NAME
	grep '^[0-9]' "$PD_OUT/planted/$1/torture-$seed.log" | grep -v ' end after '
}

finds() { # NAME PATTERN
	failures "$1" | grep -q -E "$2" || { tail -n 40 "$PD_OUT/planted/$1/torture"; return 1; }
}

declare -A symptom=(
	[lose]='^# .*memory.stat [0-9]+, walk [0-9]+'
	[dirty]='is not its generation'
)
for plant in lose dirty; do
	for run in 1 2; do
		PLANT=$plant torture $plant-$run
		check "plant=$plant is found, run $run" finds $plant-$run "${symptom[$plant]}"
	done
	check "both runs with plant=$plant did the same" same_actions $plant-1 $plant-2
done
torture none
check "without a planted bug torture.sh passes" not failures none
finish
