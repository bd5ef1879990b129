#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs the suites in PROGRAM, of Google Test, and a COMMAND that is one more test. The
# output is also in PROGRAM.log; the last line counts: "N passed, N failed, N skipped".
# usage: run-suites.sh PROGRAM [COMMAND...]
set -u
program=$1
log=$program.log
shift

"$program" --gtest_color=no >"$log" 2>&1
status=$?
cat "$log"

count() {
	grep -c "^\[ *$1 *\] [A-Za-z]*\.[A-Za-z0-9_]* (" "$log"
}
passed=$(count OK)
failed=$(count FAILED)
skipped=$(count SKIPPED)
# A sanitizer's report ends the run in the middle of a test; or there are no suites.
if [ "$failed" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$passed" -eq 0 ]; }; then
	failed=1
fi

if [ $# -gt 0 ]; then
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
