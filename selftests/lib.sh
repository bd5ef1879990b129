# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What all self-tests share. Sourced inside the virtual machine, as root, in
# the repository's directory: KTAP, the module, cgroups, writes that are to be
# refused.
#
# From the environment: PD_MODULE, the module for this kernel; HOOK=ftrace or
# shrinker, for all loads that do not say otherwise.

# shellcheck disable=SC2034 # for who sources this
pd=/sys/kernel/mm/pagedaemon
cgroot=/sys/fs/cgroup
# The policy that attach names where a test does not say.
policy=${POLICY:-clockpro}
lib_dir=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

# KTAP. The plan comes last, with finish.
ktap_number=0 ktap_bad=0

ktap_result() { # LINE
	[ "$ktap_number" -gt 0 ] || echo "TAP version 13"
	ktap_number=$((ktap_number + 1))
	echo "${1/ - / $ktap_number - }"
}

ok() { # SENTENCE
	ktap_result "ok - $1"
}

not_ok() { # SENTENCE [WHAT WAS WRONG]
	ktap_result "not ok - $1"
	ktap_bad=1
	[ -z "${2-}" ] || printf '# %s\n' "${2//$'\n'/$'\n'# }"
}

skip() { # SENTENCE REASON
	ktap_result "ok - $1 # SKIP $2"
}

note() {
	printf '# %s\n' "$*"
}

check() { # SENTENCE COMMAND...: its output and exit status are shown if it fails
	local out rc=0 sentence=$1
	shift
	out=$("$@" 2>&1) || rc=$?
	if [ "$rc" = 0 ]; then
		ok "$sentence"
	else
		# A shell does not say here that a signal ended a command: 128 and more do.
		not_ok "$sentence" "failed with $rc: $*${out:+$'\n'$out}"
	fi
}

skip_all() { # REASON
	printf 'TAP version 13\n1..0 # SKIP %s\n' "$1"
	exit 0
}

finish() {
	echo "1..$ktap_number"
	exit "$ktap_bad"
}

# For check: what was compared is the message.
is() { # A -eq|-le|=|... B
	test "$1" "$2" "$3" || { echo "'$1' $2 '$3' is not so"; return 1; }
}

not() { # COMMAND...
	! "$@" || { echo "succeeded: $*"; return 1; }
}

# until_true SECONDS COMMAND...: try until it succeeds
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}

# The module. Over the wire each load would read it anew: keep a copy.
pd_ko=/tmp/pagedaemon.ko
[ -e "$pd_ko" ] || [ -z "${PD_MODULE-}" ] || cp "$PD_MODULE" "$pd_ko"

load() { # [PARAMETER...]
	insmod "$pd_ko" ${HOOK:+hook="$HOOK"} "$@"
}

loaded() {
	[ -d /sys/module/pagedaemon ]
}

unload() {
	rmmod pagedaemon
}

# Directory of a cgroup, which is named without the leading slash.
pd_dir() { # CGROUP
	echo "$pd/${1//\//!}"
}

attach() { # CGROUP [POLICY], else the POLICY of the environment, else the default
	echo "/$1 ${2-${POLICY-}}" >"$pd/attach"
}

detach() { # CGROUP
	echo "/$1" >"$pd/detach"
}

attached() { # CGROUP
	[ -d "$(pd_dir "$1")" ]
}

not_attached() { # CGROUP
	! attached "$1"
}

# Kernel threads of all domains. In few processes: under load each takes time.
pd_threads() {
	cat /proc/[0-9]*/comm 2>/dev/null | grep '^pagedaemon/'
}

# Control groups.
cg_make() { # CGROUP [LIMIT]
	mkdir "$cgroot/$1" && echo "${2:-max}" >"$cgroot/$1/memory.max"
}

# cg_exec CGROUP COMMAND...: run it there, in the foreground
cg_exec() {
	local cg=$1
	shift
	# A subshell becomes the command: no charge of ours goes there.
	(echo "$BASHPID" >"$cgroot/$cg/cgroup.procs" && exec "$@")
}

# rmdir, once the last task is gone for good.
cg_remove() { # CGROUP
	local cg=$cgroot/$1
	[ -d "$cg" ] || return 0
	echo 1 >"$cg/cgroup.kill"
	until_true 20 rmdir "$cg" 2>/dev/null
}

# value NAME FILE: of a flat "name value" file
value() {
	awk -v name="$1" '$1 == name { print $2 }' "$2"
}

# Writes whose errno and log lines matter: one helper process does them all.
tell() { # REQUEST, see selftests/refusals.py; sets $reply_errno, $reply_log, $reply_changes
	if [ -z "${errno_pid-}" ]; then
		coproc ERRNO { exec python3 "$lib_dir/refusals.py"; }
		errno_pid=${ERRNO_PID?}
	fi
	printf '%s\n' "$1" >&"${ERRNO[1]}"
	IFS=$'\t' read -r reply_errno reply_log reply_changes <&"${ERRNO[0]}"
}

# expect_refusal SENTENCE ERRNO PATTERN REQUEST: it fails with that errno, the
# log gets one line that matches, and everything is as it was before.
expect_refusal() {
	tell "$4"
	if [ "$reply_errno" != "$2" ]; then
		not_ok "$1" "expected $2, got $reply_errno; $reply_log"
	elif [ "${reply_log%% *}" != 1 ]; then
		not_ok "$1" "expected one line in the log, got $reply_log"
	elif ! [[ $reply_log =~ $3 ]] || [[ $reply_log != *"; expected "* ]]; then
		not_ok "$1" "expected a line with '$3' and what would be right, got $reply_log"
	elif [ -n "$reply_changes" ]; then
		not_ok "$1" "it changed $reply_changes"
	else
		ok "$1"
	fi
}

# bpftrace_start OUTPUT SCRIPT [ARGUMENT...]: trace until bpftrace_stop. Fails if
# tracing has not begun after two minutes: compiling is slow under emulation.
# A SIGINT that does not find bpftrace (0.17) in epoll_wait() is lost, and it
# traces for ever; that the process of -p is gone it finds whenever that happens.
bpftrace_start() {
	local out=$1
	shift
	sleep infinity &
	bpftrace_leader=$!
	bpftrace -p "$bpftrace_leader" "$@" >"$out" 2>&1 &
	bpftrace_pid=$!
	until_true 120 grep -q ^Tracing "$out"
}

bpftrace_stop() { # its exit status is bpftrace's
	kill "$bpftrace_leader"
	wait "$bpftrace_pid"
}
