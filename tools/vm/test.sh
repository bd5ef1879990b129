#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tools/vm/test.sh - the runner's own tests, in TAP. KERNELS="6.12" for fewer
# kernels than all.
#
# shellcheck disable=SC2016 # much is for the guest's shell to expand
set -euo pipefail

here=$(dirname "$(realpath "$0")")
run=("$here/run" --no-module)
read -ra kernels <<<"${KERNELS-6.12 6.1 debug}"
tmp=$(mktemp -d "${TMPDIR:-/var/tmp}/pagedaemon-vmtest.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0 number=0
declare -A later_pid=()

result() { # ok|not ok NAME
	number=$((number + 1))
	echo "$1 $number - $2"
	if [ "$1" = ok ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		sed 's/^/# /' "$tmp/log"
	fi
}

skip() { # NAME REASON
	number=$((number + 1))
	skipped=$((skipped + 1))
	echo "ok $number - $1 # SKIP $2"
}

# What mostly waits is started early; expect_of has its result: later NAME COMMAND...
later() {
	{
		rc=0
		"${@:2}" >"$tmp/later.$1" 2>&1 </dev/null || rc=$?
		echo "$rc" >"$tmp/later.$1.rc"
	} &
	later_pid[$1]=$!
}

expect_of() { # NAME STATUS REGEX, with the NAME of later
	wait "${later_pid[$1]}"
	expect "$1" "$2" "$3" \
		bash -c 'cat "$1"; exit "$(cat "$1.rc")"' - "$tmp/later.$1"
}

expect() { # NAME STATUS REGEX COMMAND...: all of the output must match REGEX
	local rc=0
	"${@:4}" >"$tmp/log" 2>&1 </dev/null || rc=$?
	if [ "$rc" = "$2" ] && [[ $(<"$tmp/log") =~ $3 ]]; then
		result ok "$1"
	else
		echo "exit status $rc, expected $2 and a match for: $3" >>"$tmp/log"
		result "not ok" "$1"
	fi
}

stuck='export PD_OUT=/tmp/stuck SELFTESTS=/tmp/stuck; mkdir $PD_OUT
echo "sleep 1000" >$PD_OUT/hang.sh
echo "echo 1..0" >$PD_OUT/end.sh
selftests/in-vm hang.sh end.sh; rc=$?
cat $PD_OUT/hang.stuck $PD_OUT/end.ktap
exit $rc'

echo "TAP version 13"
later "a hang is ended" \
	"${run[@]}" --timeout 60 -- bash -c 'echo here; sleep 1000'
later "a kernel that does not boot is given up" \
	"${run[@]}" --append rdinit=/nope -- true
later "a self-test that does not end is ended, told of, and the next one runs" \
	"${run[@]}" --env LIMIT=5 -- bash -c "$stuck"

# A log as it may be, and what must not be overlooked, line by line.
benign='[    0.000000] Command line: rcu_cpu_stall_timeout=60 panic=-1
[    0.148396] 	RCU CPU stall warnings timeout set to 60 (rcu_cpu_stall_timeout).
[    0.2] debug: DEBUG: kasan: KernelAddressSanitizer initialized
[    1.0] pagedaemon: db: policy fault_keeps is ejected: no progress; expected
[    1.0] BUG: KCSAN: data-race in folio_batch_move_lru / shrink_folio_list
[    1.0] kmemleak: Kernel memory leak detector initialized (mem pool available: 39020)
[    1.0] pagedaemon: attached to /db, policy netbsd'
oom='[    9.1] python3 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0
[    9.1] CPU: 0 UID: 0 PID: 77 Comm: python3 Not tainted
[    9.1] Call Trace:
[    9.1]  <TASK>
[    9.1] Memory cgroup out of memory: Killed process 77 (python3)
[    9.1] oom_reaper: unable to reap pid:77 (python3)
[    9.1] task:python3         state:D stack:0     pid:77    tgid:77    ppid:1    flags:0x0
[    9.1] Call Trace:
[    9.1]  <TASK>'
splats=(
	'[    3.0] BUG: KASAN: slab-use-after-free in pd_pass+0x12/0x80 [pagedaemon]'
	'[    3.0] BUG: KCSAN: data-race in pd_pass [pagedaemon] / folio_batch_move_lru'
	'[    3.0] UBSAN: shift-out-of-bounds in build/pagedaemon/src/queue/pair.c:7:9'
	'[    3.0] kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)'
	'[    3.0] kernel BUG at mm/swap.c:123!'
	'[    3.0] BUG pd_page (Tainted: G O): Objects remaining in pd_page'
	'[    3.0] WARNING: CPU: 1 PID: 1 at mm/memcontrol.c:1 foo+0x1/0x2'
	'[    3.0] WARNING: possible circular locking dependency detected'
	'[    3.0] WARNING: inconsistent lock state'
	'[    3.0] WARNING: suspicious RCU usage'
	'[    3.0] INFO: task kworker/0:1:9 blocked for more than 120 seconds.'
	'[    3.0] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:'
	'[    3.0] watchdog: BUG: soft lockup - CPU#0 stuck for 61s! [cat:99]'
	'[    3.0] Oops: general protection fault, 0000 [#1] PREEMPT SMP'
	'[    3.0] list_del corruption. prev->next should be ffff'
	'[    3.0] pagedaemon: db: policy mach is ejected: no progress; expected'
	'[    3.0] python3: page allocation failure: order:0, mode:0xcc0'
	'[    3.0] Call Trace:'
)
echo "$benign" >"$tmp/benign"
echo "$oom" >"$tmp/oom"
{ echo "$oom"; echo '[    9.2] Call Trace:'; } >"$tmp/oom2"
expect "a healthy log passes" 0 '^$' "$here/splats" "$tmp/benign"
expect "an OOM report is a splat" 1 '> \[    9.1\] Call Trace' "$here/splats" "$tmp/oom"
expect "an expected OOM report is none" 0 '^$' "$here/splats" --expect-oom "$tmp/oom"
expect "an expected OOM report excuses nothing else" 1 '> \[    9.2\]' \
	"$here/splats" --expect-oom "$tmp/oom2"
for line in "${splats[@]}"; do
	{ echo "$benign"; echo "$line"; } >"$tmp/splat"
	expect "a splat: ${line#*] }" 1 "> .{12}" "$here/splats" "$tmp/splat"
done

# In the guest, on each kernel: what a command may count on.
cat >"$tmp/contract" <<'END'
set -eux
[ "$PWD" = "$1" ]
[ "$(uname -r)" = "$PD_KVER" ]
[ "$HOME $(id -u)" = "/root 0" ]
for c in memory cpu io; do grep -qw $c /sys/fs/cgroup/cgroup.subtree_control; done
mkdir /sys/fs/cgroup/test
[ -e /sys/fs/cgroup/test/memory.reclaim ]
[ -d /sys/kernel/tracing/events/vmscan ]
[ -d /sys/kernel/debug/bdi ]
grep -q ' /sys/fs/bpf bpf' /proc/mounts
grep -q ' /mnt/scratch ext4' /proc/mounts
dd if=/dev/zero of=/mnt/scratch/file bs=1M count=64 conv=fsync status=none
[ "$(awk 'NR == 2 { print $3 }' /proc/swaps)" -gt 1000000 ]
for d in /tmp /run /var/tmp /dev/shm; do echo x >$d/x; done
for d in /etc /usr/bin "$1" "$HOME"; do
	if touch "$d/pagedaemon-was-here"; then exit 9; fi
done
python3 -c 'print("python3", 6 * 7)'
bpftrace --version
modprobe zram || [ "$PD_KERNEL" = debug ]
echo kept >"$PD_OUT/result"
END
for kernel in "${kernels[@]}"; do
	rc=0
	"$here/kernel" "$kernel" >/dev/null || rc=$?
	if [ "$rc" = 3 ]; then
		skip "$kernel: the guest is as promised" "no such kernel here"
		continue
	fi
	start=$(date +%s%N)
	expect "$kernel: boots" 0 '' "${run[@]}" --kernel "$kernel" -- true
	echo "# $kernel: $((($(date +%s%N) - start) / 1000000)) ms from start to end"
	expect "$kernel: the guest is as promised" 0 'python3 42.*bpftrace v' \
		"${run[@]}" --kernel "$kernel" --out "$tmp/out" -- \
		bash -c "$(<"$tmp/contract")" contract "$(realpath "$here/../..")"
	expect "$kernel: --out keeps the log and PD_OUT" 0 "Linux version.*kept" \
		cat "$tmp/out/kernel.log" "$tmp/out/result"
	expect "$kernel: two nodes" 0 '0-1' \
		"${run[@]}" --kernel "$kernel" --numa 2 -- cat /sys/devices/system/node/has_memory
	expect "$kernel: a planted splat fails the run" 99 '> .*BUG: planted' \
		"${run[@]}" --kernel "$kernel" -- bash -c 'echo "BUG: planted" >/dev/kmsg'
	expect "$kernel: a panic ends the run" 98 'sysrq.*ended before' \
		"${run[@]}" --kernel "$kernel" -- bash -c 'echo c >/proc/sysrq-trigger'
done

expect "exit status 7 passes through" 7 '' "${run[@]}" -- bash -c 'exit 7'
expect "a command that is not there" 127 'not found' "${run[@]}" -- no-such-command
expect "arguments and environment arrive as they are" 0 $'<a  b><\'c"><\\$d> <x y>' \
	"${run[@]}" --env "V=x y" -- bash -c 'printf "<%s>" "$@"; echo " <$V>"' - 'a  b' "'c\"" '$d'
expect_of "a kernel that does not boot is given up" 97 'trying again.*did not start'
expect "no swap on demand" 0 '^Filename[^/]*$' "${run[@]}" --swap 0 -- cat /proc/swaps
expect "--mttcg, --cpus, --mem and --append" 0 '^4.*0 kB.*pd_test=1' \
	"${run[@]}" --mttcg --cpus 4 --mem 512M --append pd_test=1 -- bash -c \
	'nproc; awk "/MemTotal/ { print (\$2 < 524288 ? 0 : 1), \$3 }" /proc/meminfo; cat /proc/cmdline'

expect_of "a self-test that does not end is ended, told of, and the next one runs" 1 \
	'hang: ended with 137.*end: ended with 0.*no end after 5 s.*sleep 1000.*1\.\.0.# exit status 0'
oom='mkdir /sys/fs/cgroup/oom; cd /sys/fs/cgroup/oom
echo 32M >memory.max; echo 0 >memory.swap.max
(echo 0 >cgroup.procs; exec head -c 64M /dev/zero >/dev/shm/x)
grep -qx "oom_kill [1-9][0-9]*" memory.events'
expect "an OOM kill fails the run" 99 'invoked oom-killer' "${run[@]}" -- bash -c "$oom"
expect "an OOM kill may be expected" 0 '' "${run[@]}" --expect-oom -- bash -c "$oom"

expect_of "a hang is ended" 124 'here.*no end after 60 seconds: bash'

"${run[@]}" -- bash -c 'echo early; sleep 1000' >"$tmp/1" 2>&1 &
pid=$!
for ((i = 0; i < 60; i++)); do
	! grep -q early "$tmp/1" || break
	sleep 1
done
expect "output comes before the command ends" 0 early cat "$tmp/1"
qemu=$(pgrep -P "$(pgrep -P $pid timeout)")
kill $pid
wait $pid 2>/dev/null || :
sleep 2
expect "a killed runner takes its machine along" 1 '' kill -0 "$qemu"

"${run[@]}" -- bash -c 'echo one >/mnt/scratch/f; sleep 3; cat /mnt/scratch/f; exit 1' >"$tmp/1" &
pid=$!
"${run[@]}" -- bash -c 'echo two >/mnt/scratch/f; sleep 3; cat /mnt/scratch/f; exit 2' >"$tmp/2" &
rc=0
wait $pid || rc=$?
wait $! || rc=$rc$?
expect "parallel runs do not collide" 0 $'^12\none\ntwo$' cat <(echo "$rc") "$tmp/1" "$tmp/2"

echo "1..$number"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
