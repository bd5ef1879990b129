#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: where shrink_lruvec() belongs to a livepatch, hook=ftrace refuses with
# EBUSY, and hook=auto goes by the shrinker, says so, and works - although the
# livepatch has made shrink_lruvec() do nothing. With the memory controller on
# cgroup v1 loading is refused (ENODEV).
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

set_mglru "${MGLRU:-n}"
livepatch=build/selftests/modules-$(uname -r)/pd_test_livepatch.ko
patch=/sys/kernel/livepatch/pd_test_livepatch
settled() {
	[ ! -e "$patch" ] || [ "$(<"$patch/transition")" = 0 ]
}
ended() {
	[ ! -e "$patch" ]
}

if [ ! -e "$livepatch" ]; then
	skip "hook=ftrace refuses where a livepatch owns the function" "no $livepatch"
elif ! insmod "$livepatch"; then
	skip "hook=ftrace refuses where a livepatch owns the function" \
		"this kernel has no livepatching"
else
	check "a livepatch owns shrink_lruvec()" until_true 60 settled
	tell "load $pd_ko hook=ftrace"
	check "hook=ftrace refuses with EBUSY" is "$reply_errno" = EBUSY
	check "one line in the log names the function" \
		is "${reply_log/*shrink_lruvec*/named}" = named
	check "nothing is left behind" is "$reply_changes" = ""
	load hook=auto
	check "hook=auto goes by the shrinker" is "$(<"$pd/hook")" = shrinker
	check "and says so" sh -c "dmesg | grep -q 'pagedaemon: falling back to the shrinker'"
	"$pdwork" write "$scratch/refuse" 24M 1 >/dev/null
	drop_caches
	cg_make refuse 8M
	attach refuse
	check "reclaim works all the same" \
		cg_exec refuse "$pdwork" stream "$scratch/refuse" 24M 2
	check "it is ours" is "$(stat_of refuse freed)" -gt 5000
	check "and nobody is killed" is "$(events refuse oom_kill)" -eq 0
	detach refuse
	cg_remove refuse
	unload
	echo 0 >"$patch/enabled"
	check "the livepatch can go" until_true 60 ended
	until_true 10 rmmod pd_test_livepatch
	rm -f "$scratch/refuse"
	load hook=ftrace
	check "then hook=ftrace is fine" is "$(<"$pd/hook")" = ftrace
	unload
fi

# A controller moves to v1 once no cgroup of v2 has it. Debian's 6.12 has no
# memory controller of v1 any more; its 6.1 does.
find "$cgroot" -mindepth 1 -depth -type d -exec rmdir {} \; 2>/dev/null
echo -memory >"$cgroot/cgroup.subtree_control"
mkdir -p /tmp/v1
v1() {
	mount -t cgroup -o memory none /tmp/v1 2>/dev/null
}
if until_true 10 v1; then
	expect_refusal "on cgroup v1 loading is refused with ENODEV" ENODEV \
		"not on cgroup v2" "load $pd_ko hook=$HOOK"
	check "no module is left" not loaded
	umount /tmp/v1
	until_true 10 sh -c "echo +memory >$cgroot/cgroup.subtree_control" 2>/dev/null
else
	skip "on cgroup v1 loading is refused with ENODEV" \
		"this kernel has no memory controller on cgroup v1"
fi
finish
