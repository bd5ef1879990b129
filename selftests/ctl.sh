#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: build/pagedaemonctl does on a live module what pagedaemonctl(8) says. What it
# sets and switches is what the files of the module then hold, what it shows is what
# they hold, what the module refuses it says in words, with exit status 1 and nothing
# changed; and what it records of a cgroup is a trace with that cgroup's pages in it.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

[ -x build/pagedaemonctl ] || skip_all "no build/pagedaemonctl: make ctl"
# Over the wire each start would read it anew.
ctl=/tmp/pagedaemonctl
cp build/pagedaemonctl $ctl

said() { # PATTERN COMMAND...: it succeeds, with a line that matches
	local pattern=$1 out
	shift
	out=$("$@" 2>&1) && grep -Eq -- "$pattern" <<<"$out" && return
	echo "$out"
	return 1
}

refused() { # STATUS PATTERN COMMAND...
	local status=$1 pattern=$2 out rc=0
	shift 2
	out=$("$@" 2>&1) || rc=$?
	[ "$rc" = "$status" ] && grep -Eq -- "$pattern" <<<"$out" && return
	echo "status $rc: $out"
	return 1
}

field() { # EXPRESSION OVER j COMMAND...: of the JSON that it prints
	local expression=$1
	shift
	"$@" | python3 -c "import json, sys; j = json.load(sys.stdin); print($expression)"
}

check "without the module it says that" refused 1 "the module is not loaded" $ctl list
load_module
cg_make ctl 32M
echo +memory >$cgroot/ctl/cgroup.subtree_control
cg_make ctl/db 32M

# --- attach, list, policy, detach ----------------------------------------------

check "list without attached cgroups says so" said "no cgroup is attached" $ctl list
check "attach attaches" said "/ctl/db is attached, policy mach" \
	$ctl attach /ctl/db mach --set burst_max=20
check "and the directory is there" test -d "$(pd_dir ctl/db)"
check "with the knob" is "$(<"$(pd_dir ctl/db)/knobs/burst_max")" = 20
check "attaching again is refused in words" refused 1 "attached already" $ctl attach ctl/db
check "with the kernel's line" refused 1 "kernel log: attach .*already attached" \
	$ctl attach $cgroot/ctl/db
check "so is a cgroup that is not there" refused 1 "no such cgroup: /nope" $ctl attach /nope
check "so is an unknown policy" refused 1 "unknown policy: linux; expected one of clockpro freebsd" \
	$ctl attach /ctl linux
check "so is the root" refused 1 "root cgroup" $ctl attach /
mkdir -p $cgroot/ctl.off/child
check "so is a cgroup without the memory controller" refused 1 "no memory controller" \
	$ctl attach /ctl.off/child
rmdir $cgroot/ctl.off/child $cgroot/ctl.off
check "a command line that makes no sense is another status" refused 2 "KNOB=VALUE" \
	$ctl set /ctl/db burst_max
check "list shows the path, not the directory's name" is \
	"$(field 'j["cgroups"][0]["cgroup"]' $ctl list --json)" = /ctl/db
check "and the limit in pages" is "$(field 'j["cgroups"][0]["limit"]' $ctl list --json)" = 8192
check "policy shows the one in force" said '^\* mach$' $ctl policy /ctl/db
check "policy switches" said '^\* netbsd$' $ctl policy /ctl/db netbsd
check "and the file says so" grep -qw '\[netbsd\]' "$(pd_dir ctl/db)/policy"

# --- knobs and stats ------------------------------------------------------------

knobs=$(pd_dir ctl/db)/knobs
check "set sets several" $ctl set /ctl/db update_period=7 headroom=100
check "and the files hold them" is "$(cat "$knobs"/{update_period,headroom} | xargs)" = "7 100"
check "set with one out of bounds is refused" refused 1 "cluster_pages=65 is out of bounds" \
	$ctl set /ctl/db update_period=9 cluster_pages=65
check "floors that do not fit are refused" refused 1 "95 at most" \
	$ctl set /ctl/db update_period=9 anonmin=50 filemin=50
check "and nothing was set" is "$(<"$knobs/update_period")" = 7
check "set auto goes back" $ctl set /ctl/db update_period=auto headroom=auto
check "and the file holds the default" is "$(<"$knobs/update_period")" = 600
check "get shows each knob there is" is "$(field 'len(j["knobs"])' $ctl get /ctl/db --json)" = \
	"$(find "$knobs" -type f | wc -l)"
check "get shows what the file holds" is "$(field 'j["knobs"][0]["value"]' \
	$ctl get /ctl/db free_target --json)" = "$(<"$knobs/free_target")"
check "stats have all lines of the file" is \
	"$(field 'len(j["gauges"]) + len(j["counters"])' $ctl stats /ctl/db --json)" = \
	"$(wc -l <"$(pd_dir ctl/db)/stats")"
check "and a unit for each" is "$(field '"unknown" in j["units"].values()' \
	$ctl stats /ctl/db --json)" = False
check "stats at intervals ends after that many" is \
	"$($ctl stats /ctl/db --interval 0.2 --count 2 --json | wc -l)" = 2
setpriv --reuid 65534 --clear-groups true 2>/dev/null &&
	check "who is not root is told" refused 1 "only root" \
		setpriv --reuid 65534 --clear-groups $ctl set /ctl/db update_period=9
check "detach detaches" said "/ctl/db is detached" $ctl detach /ctl/db
check "and the directory is gone" not test -e "$(pd_dir ctl/db)"
check "detaching again is refused" refused 1 "/ctl/db is not attached" $ctl detach /ctl/db

# --- record -----------------------------------------------------------------------

file=$scratch/ctl.stream trace=/tmp/ctl.trace
"$pdwork" write "$file" 48M 1 >/dev/null
drop_caches
check "without an attachment there is nothing to record" refused 1 "not attached" \
	$ctl record /ctl/db --trace $trace --seconds 1
$ctl attach /ctl/db freebsd >/dev/null
check "a command that is not there is told" refused 1 "cannot execute /nope" \
	$ctl record /ctl/db --trace $trace -- /nope
check "and leaves no file" is "$(find /tmp -maxdepth 1 -name 'ctl.trace*')" = ""
check "recording a command that reads a file twice" \
	$ctl record /ctl/db --trace $trace --buffer 32768 --json -- \
	"$pdwork" stream "$file" 48M 2
note "$(head -n 8 $trace | xargs -d '\n' printf '%s; ')"
note "$(wc -l <$trace) lines, $(grep -c '^# e' $trace) evictions, $(grep -c '^# r [0-9]' $trace) refaults"
check "the trace says whose it is" grep -qx '# cgroup: /ctl/db' $trace
check "and what the limit was" grep -qx '# limit: 8192 pages' $trace
check "no event was lost" grep -qx '# lost events: 0' $trace
check "each line is a comment, or a page and its kind" not grep -qvE '^(#|[0-9]+ [asfx]w?$)' $trace
pages=$(grep -v '^#' $trace | cut -d' ' -f1 | sort -u | wc -l)
if grep -q '^# r [0-9]' $trace; then
	check "it has the file's 12288 pages, and few others" \
		is "$((pages >= 12288 && pages < 12288 + 1024))" = 1
else
	skip "it has the file's 12288 pages, and few others" "the module does not tell identities"
	note "$pages pages"
fi
check "and evictions, as the file is larger than the limit" grep -q '^# e [0-9]' $trace
check "the same compressed" $ctl record /ctl/db --trace $trace.zst --seconds 0.5
check "can be decompressed" zstd -qt $trace.zst
check "advise names a policy and a limit" said '^policy: [a-z]+: [0-9]+ misses expected' \
	$ctl advise $trace --limit 50% --limit 100% --limit 200%
check "and tells of the recorded limit" is \
	"$(field 'j["recorded_limit"]' $ctl advise $trace --limit 100% --json)" = 8192
check "no instance of tracefs is left" not ls -d /sys/kernel/tracing/instances/pagedaemonctl*
cp $trace "$PD_OUT/" 2>/dev/null
$ctl detach /ctl/db >/dev/null
rm -f "$file"
cg_remove ctl/db
cg_remove ctl

check "the module unloads" unload
finish
