#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the fuzz targets in DIR, each for SECONDS, JOBS at a time, over copies of their
# corpora in DIR/corpus. What breaks one stays as DIR/TARGET-crash-* and the like;
# `DIR/TARGET FILE` has it happen again. The last line counts: "N passed, N failed,
# N skipped".
#
# usage: run.sh DIR SECONDS JOBS SEED TARGET...; seed 0 is another one each time
set -uo pipefail
out=$1 seconds=$2 jobs=$3 seed=$4
here=$(dirname "$(realpath "$0")")
shift 4

fuzz() { # TARGET
	local corpus=$out/corpus/$1
	rm -rf "$corpus" "$out/$1.rc"
	rm -f "$out/$1"-*-*
	mkdir -p "$out/corpus"
	cp -r "$here/corpus/$1" "$corpus"
	# Ends by itself; -k is for a target that hangs where no input is to blame.
	timeout -k 10 $((seconds + 300)) "$out/$1" -max_total_time="$seconds" -timeout=10 \
		-seed="$seed" \
		-max_len=4096 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$out/$1-" "$corpus" >"$out/$1.log" 2>&1 </dev/null
	echo $? >"$out/$1.rc"
}

passed=0 failed=0
report() { # TARGET
	local rc runs inputs
	rc=$(cat "$out/$1.rc" 2>/dev/null || echo none)
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$1.log")
	inputs=$(find "$here/corpus/$1" -type f | wc -l)
	if [ "$rc" = 0 ] && [ "$inputs" -gt 0 ] && [ "${runs:-0}" -gt "$inputs" ]; then
		passed=$((passed + 1))
		echo "ok - $1: $runs runs, from $inputs inputs"
		return
	fi
	failed=$((failed + 1))
	echo "not ok - $1: ended with $rc after ${runs:-no} runs, from $inputs inputs"
	grep -E '^broken promise|: runtime error|^==[0-9]+==ERROR|^SUMMARY|^ALARM' "$out/$1.log"
	find "$out" -maxdepth 1 -name "$1-*-*" -printf "reproducer: %p\n"
	tail -n 20 "$out/$1.log" | cut -c 1-200 | sed 's/^/# /'
}

for target; do
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
	fuzz "$target" &
done
wait
for target; do report "$target"; done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
