#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Compiles src/policy with the kernel's code model and checks that the objects
# need nothing that a kernel lacks: no C++ runtime, no constructors, no floating
# point, no header but ours, and that a policy has no data that can be written.
# usage: check-freestanding.sh DIR
set -u
out=$1
root=$(realpath "$(dirname "$0")/../..")
cxx=${CXX:-g++}
bad=0

flags="-std=gnu++20 -ffreestanding -fno-exceptions -fno-rtti
-fno-threadsafe-statics -fno-use-cxa-atexit -fcheck-new -nostdinc -nostdinc++
-Wall -Wextra -Werror -Wframe-larger-than=512 -Wvla
-O2 -m64 -mcmodel=kernel -mno-red-zone -mno-mmx -mno-sse -mno-sse2 -mno-3dnow
-mno-avx -mno-80387 -mno-fp-ret-in-387 -fno-pic -fno-pie -fno-strict-aliasing
-fno-common -fno-delete-null-pointer-checks -fno-asynchronous-unwind-tables
-fcf-protection=none -fno-stack-protector"

complain() {
	echo "check-freestanding: $1" >&2
	bad=1
}

mkdir -p "$out" || exit 1
defined=$out/defined
needed=$out/needed
: >"$defined"
: >"$needed"
for source in "$root"/src/policy/*.cc; do
	name=$(basename "$source" .cc)
	object=$out/$name.o
	# shellcheck disable=SC2086
	if ! $cxx $flags -I"$root/include" -MMD -c -o "$object" "$source"; then
		complain "$name.cc does not compile"
		continue
	fi

	sections=$(objdump -h "$object" |
		grep -oE '\.(init_array|fini_array|ctors|dtors|eh_frame|gcc_except_table|tdata|tbss)')
	[ -z "$sections" ] || complain "$name.cc has sections: $sections"

	writable=$(nm -C "$object" | grep -E '^[0-9a-f]+ [bBdDcCsS] ')
	[ -z "$writable" ] || complain "$name.cc has variables: $writable"

	# The compiler's names of them: ccache makes them relative to where make ran.
	headers=$(sed -e 's/^[^:]*://' -e 's/\\$//' "${object%.o}.d" | xargs realpath |
		grep -v -e "^$root/src/policy/" -e "^$root/include/pagedaemon/")
	[ -z "$headers" ] || complain "$name.cc includes $headers"

	nm --defined-only "$object" | awk '{ print $3 }' >>"$defined"
	nm -u "$object" | awk '{ print $2 }' >>"$needed"
done

# Policies may refer to each other's tables, and to what the kernel has.
missing=$(sort -u "$needed" | grep -vxF -f "$defined" |
	grep -vxE 'mem(cpy|set|move)')
[ -z "$missing" ] || complain "undefined symbols: $missing"

[ "$bad" -eq 0 ] && echo "check-freestanding: ok"
exit "$bad"
