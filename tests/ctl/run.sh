#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs the tests built in DIR. The last line counts: "N passed, N failed, N skipped".
# usage: run.sh DIR
set -u
out=$1

"$out/unit" --gtest_color=no >"$out/unit.log" 2>&1
status=$?
cat "$out/unit.log"

count() {
	grep -c "^\[ *$1 *\] [A-Za-z]*\.[A-Za-z0-9_]* (" "$out/unit.log"
}
passed=$(count OK)
failed=$(count FAILED)
skipped=$(count SKIPPED)
# A sanitizer's report ends the run in the middle of a test.
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
	failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
