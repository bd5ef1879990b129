#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows what docs/security.md says: who may use the files of the module and who may
# not, what a namespace changes, that nothing tells where the kernel is in memory,
# and what becomes of the module where the kernel takes signed modules only. The
# last part cannot be undone until the next boot: no test that loads the module can
# come after it on the same machine.
#
# usage: security.sh [PART...], where a part is a function below. Without, all but
# booted, which is for a machine that was booted with lockdown= or
# module.sig_enforce=1 (tools/vm/run --append).
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

sys=/sys/module/pagedaemon
lockdown=/sys/kernel/security/lockdown
sig_enforce=/sys/module/module/parameters/sig_enforce
tracing=/sys/kernel/tracing
address='ffff[0-9a-f]{12}'
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all
	--inh-caps=-all)

[ -e $lockdown ] || mount -t securityfs securityfs /sys/kernel/security 2>/dev/null

# What can be opened to write and what to read, of all files below a directory:
# lines "write FILE" and "read FILE". Opening is enough to know.
# shellcheck disable=SC2016 # it is for another shell
openable='find "$0" -type f | while read -r file; do
	{ : >>"$file"; } 2>/dev/null && echo "write $file"
	{ : <"$file"; } 2>/dev/null && echo "read $file"
done'

# denied WHAT THE SHELL SAYS COMMAND...: it fails for that reason
denied() {
	local message=$1 out
	shift
	! out=$("$@" 2>&1) || { echo "succeeded: $out"; return 1; }
	[[ $out = *"$message"* ]] || { echo "failed otherwise: $out"; return 1; }
}

# --- Modes -------------------------------------------------------------------------

modes() {
	attach sec
	check "all files belong to root" is "$(find $pd $sys ! \( -uid 0 -gid 0 \))" = ""
	check "nothing can be written by others than root" is "$(find $pd $sys -perm /022)" = ""
	check "files are 0200, 0644 or 0444" is \
		"$(find $pd -type f ! -perm 0200 ! -perm 0644 ! -perm 0444)" = ""
	check "the two that change what is attached are 0200" is \
		"$(find $pd -perm 0200 | sort | xargs)" = "$pd/attach $pd/detach"
	check "only one parameter can be written after loading, by root" is \
		"$(find $sys/parameters -type f -perm /222)" = "$sys/parameters/stall_seconds"
	check "where sections are is for root to read" is \
		"$(find $sys/sections -type f -perm /044)" = ""
	detach sec
}

# --- Users ---------------------------------------------------------------------------

users() {
	attach sec
	bash -c "$openable" $pd >/tmp/root.open
	"${nobody[@]}" bash -c "$openable" $pd >/tmp/nobody.open
	check "root can open what has a mode to write" is \
		"$(grep -c ^write /tmp/root.open)" = "$(find $pd -type f -perm /200 | wc -l)"
	check "and nothing else, although it is root" is \
		"$(grep -c ^read /tmp/root.open)" = "$(find $pd -type f -perm /400 | wc -l)"
	check "somebody else can open nothing to write" is "$(grep ^write /tmp/nobody.open)" = ""
	check "and reads what has a mode to read" is \
		"$(grep -c ^read /tmp/nobody.open)" = "$(find $pd -type f -perm /004 | wc -l)"
	check "to attach is denied" denied "Permission denied" \
		"${nobody[@]}" sh -c "echo /sec >$pd/attach"
	check "to detach is denied" denied "Permission denied" \
		"${nobody[@]}" sh -c "echo /sec >$pd/detach"
	check "to load is denied" denied "ermi" "${nobody[@]}" insmod "$pd_ko"
	check "to unload is denied" denied "ermi" "${nobody[@]}" rmmod pagedaemon
	check "tracepoints are not for others" denied "Permission denied" \
		"${nobody[@]}" ls $tracing/events
	detach sec
	# As with all files of sysfs it is the owner that counts.
	check "root without any capability is still the owner" \
		setpriv --bounding-set=-all --inh-caps=-all sh -c "
			grep -q '^CapEff:.*[1-9a-f]' /proc/self/status && exit 9
			echo /sec >$pd/attach && echo /sec >$pd/detach"
}

# --- Namespaces ------------------------------------------------------------------------

namespaces() {
	local root_of_its_own=("${nobody[@]}" unshare -Ur)
	attach sec
	if ! "${root_of_its_own[@]}" true; then
		skip "root of a user namespace is not root here" "no user namespaces for all"
	else
		check "there is a user namespace with a root of its own" is \
			"$("${root_of_its_own[@]}" id -u)" = 0
		check "which cannot attach" denied "Permission denied" \
			"${root_of_its_own[@]}" sh -c "echo /sec >$pd/attach"
		check "nor set a knob" denied "Permission denied" \
			"${root_of_its_own[@]}" sh -c "echo 1 >$pd/sec/knobs/max_launder"
		"${root_of_its_own[@]}" bash -c "$openable" $pd >/tmp/userns.open
		check "nor open anything to write" is "$(grep ^write /tmp/userns.open)" = ""
		mkdir -p /tmp/sysfs
		if ! "${nobody[@]}" unshare -Urnm mount -t sysfs sysfs /tmp/sysfs 2>/tmp/mount; then
			skip "nor does a sysfs that it mounts help" "$(</tmp/mount)"
		else
			check "nor does a sysfs that it mounts help" denied "Permission denied" \
				"${nobody[@]}" unshare -Urnm sh -c "mount -t sysfs sysfs /tmp/sysfs &&
					echo /sec >/tmp/sysfs/${pd#/sys/}/detach"
		fi
	fi
	# What container runtimes do.
	check "where sysfs is mounted read-only nobody can write, root neither" \
		denied "Read-only file system" unshare -m sh -c "
			mount -o bind,remount,ro /sys && echo /sec >$pd/detach"
	check "all this has changed nothing" is "$(value domains $pd/stats)" = 1
	detach sec
}

# From within a cgroup namespace; $1 is the directory of its root, $2 of the module.
# cgroup v2 has no tasks in a cgroup that gives controllers to its children.
# shellcheck disable=SC2016 # it is for another shell
within='
	mkdir "$1/shell" "$1/inner"
	echo $$ >"$1/shell/cgroup.procs"
	echo +memory >"$1/cgroup.subtree_control"
	echo 16M >"$1/inner/memory.max"
	try() { # FILE PATH
		if message=$({ echo "$2" >"$pd/$1"; } 2>&1); then
			echo "$1 $2: done, $(cd "$pd" && echo sec*)"
		else
			echo "$1 $2: ${message##*: }"
		fi
	}
	pd=$2
	try attach /inner
	try detach /sec_ns/inner
	try detach /sec
	try attach /sec
	try attach /
	try attach /../sec
	try detach /inner
	try attach /inner'

cgroup_namespace() {
	attach sec
	mkdir $cgroot/sec_ns
	cg_exec sec_ns unshare -C bash -c "$within" within $cgroot/sec_ns $pd >/tmp/within 2>&1
	check "paths begin at the root of the writer's cgroup namespace, and cannot leave it" \
		diff /tmp/within - <<-'END'
		attach /inner: done, sec sec_ns!inner
		detach /sec_ns/inner: No such file or directory
		detach /sec: No such file or directory
		attach /sec: No such file or directory
		attach /: Invalid argument
		attach /../sec: Invalid argument
		detach /inner: done, sec
		attach /inner: done, sec sec_ns!inner
	END
	check "names of directories are paths from the root of all" attached sec_ns/inner
	check "by which who is outside can detach" detach sec_ns/inner
	cg_remove sec_ns/inner
	cg_remove sec_ns/shell
	cg_remove sec_ns
	detach sec
}

# --- What is told ------------------------------------------------------------------------

addresses() {
	local event
	for event in "$tracing"/events/pagedaemon/*/enable; do
		echo 1 >"$event"
	done
	echo >$tracing/trace
	attach sec
	# Everything that has something to say.
	"$pdwork" write "$scratch/sec" 24M 1 >/dev/null
	drop_caches
	cg_exec sec "$pdwork" stream "$scratch/sec" 24M 2 >/dev/null
	{
		echo nonsense >$pd/attach
		echo /nope >$pd/detach
		echo linux >$pd/sec/policy
		echo -1 >$pd/sec/knobs/headroom
		insmod "$pd_ko" hook=none
	} 2>/dev/null
	find $pd $sys -type f -print0 | "${nobody[@]}" xargs -0 cat >/tmp/told 2>/dev/null
	check "there is much that all can read" is "$(wc -l </tmp/told)" -gt 100
	check "no address of the kernel is in it" not grep -E "$address" /tmp/told
	check "trace events have been written" grep -q pd_verdict $tracing/trace
	check "no address of the kernel is in them" not grep -E "$address" $tracing/trace
	for event in "$tracing"/events/pagedaemon/*/enable; do
		echo 0 >"$event"
	done
	check "no pointer is in their formats" not grep -lE '%p|\*;' \
		"$tracing"/events/pagedaemon/*/format
	detach sec
	dmesg | grep pagedaemon: >/tmp/said
	check "the log has what was refused" is "$(wc -l </tmp/said)" -ge 4
	check "no address of the kernel is in the module's lines" not grep -E "$address" /tmp/said
	# A pattern that finds nothing where there is something would prove nothing.
	check "and one would be found" grep -qE "^$address" /proc/kallsyms
	rm -f "$scratch/sec"
}

# --- The kernel's own protection -----------------------------------------------------------

protection() {
	check "the kernel is tainted by a module from outside its tree" grep -q O $sys/taint
	if [ -e $sig_enforce ]; then
		check "and by one that is not signed" grep -q E $sys/taint
	else
		skip "and by one that is not signed" "this kernel does not verify modules"
	fi
	check "and by nothing else" is "$(tr -d OE <$sys/taint)" = ""
	if ! command -v readelf >/dev/null; then
		skip "no section is for writing and executing" "no readelf"
	else
		readelf -SW "$pd_ko" >/tmp/sections
		check "there are sections for executing, and for writing" \
			is "$(grep -c ' AX ' /tmp/sections) $(grep -c ' WA ' /tmp/sections)" != "0 0"
		check "none is for both" not grep -E ' W[A-Z]*X[A-Z]* ' /tmp/sections
	fi
}

# expect_no_load ERRNO SENTENCE
expect_no_load() {
	tell "load $pd_ko hook=$HOOK"
	check "$2" is "$reply_errno" = "$1"
	check "nothing is left of it" is "$reply_changes" = ""
	! loaded || unload
}

served() { # does attaching, reclaim and detaching work?
	local freed
	attach sec && cg_exec sec "$pdwork" stream "$scratch/sec" 24M 2 >/dev/null || return
	freed=$(stat_of sec freed)
	detach sec && is "$freed" -gt 1000
}

signed_only() {
	local mode
	"$pdwork" write "$scratch/sec" 24M 1 >/dev/null
	drop_caches
	if [ ! -w $lockdown ]; then
		skip "a loaded module works on under lockdown" "no lockdown in this kernel"
		unload
	else
		for mode in integrity confidentiality; do
			echo $mode >$lockdown
			check "a loaded module works on under lockdown=$mode" served
		done
		check "its tracepoints cannot be read any more" \
			denied "not permitted" cat $tracing/events/pagedaemon/pd_wake/enable
		unload
		expect_no_load EPERM "loading it is refused with EPERM under lockdown"
	fi
	if [ ! -e $sig_enforce ]; then
		skip "loading is refused with EKEYREJECTED where modules must be signed" \
			"this kernel does not verify modules"
	else
		echo 1 >$sig_enforce
		expect_no_load EKEYREJECTED \
			"loading it is refused with EKEYREJECTED where modules must be signed"
	fi
	rm -f "$scratch/sec"
}

# The same by the kernel's command line.
booted() {
	note "$(grep -oE '(lockdown|module.sig_enforce)=[a-z0-9]*' /proc/cmdline)"
	if [ "$(cat $sig_enforce 2>/dev/null)" = Y ]; then
		expect_no_load EKEYREJECTED "loading is refused with EKEYREJECTED"
	elif grep -qE '\[(integrity|confidentiality)\]' $lockdown; then
		expect_no_load EPERM "loading is refused with EPERM"
	else
		not_ok "the machine was booted to take signed modules only"
	fi
}

wanted() { # PART [PARTS ASKED FOR...]
	[ $# = 1 ] || [[ " ${*:2} " == *" $1 "* ]]
}

if [ "$*" = booted ]; then
	booted
	finish
fi
cg_make sec 16M
load_module
! wanted modes "$@" || modes
! wanted users "$@" || users
! wanted namespaces "$@" || namespaces
! wanted cgroup_namespace "$@" || cgroup_namespace
! wanted addresses "$@" || addresses
! wanted protection "$@" || protection
! wanted signed_only "$@" || signed_only
! loaded || unload
cg_remove sec
finish
