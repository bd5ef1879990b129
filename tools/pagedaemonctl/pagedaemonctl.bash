# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion for bash: source it, or put it into
# /usr/share/bash-completion/completions as pagedaemonctl.

_pagedaemonctl_attached() {
	# The names in sysfs will do: each ! may be a /.
	local name
	for name in /sys/kernel/mm/pagedaemon/*/knobs; do
		[ -d "$name" ] || continue
		name=${name%/knobs}
		name=${name##*/}
		echo "/${name//!//}"
	done
}

_pagedaemonctl_cgroups() {
	find /sys/fs/cgroup -mindepth 1 -type d -printf '/%P\n' 2>/dev/null
}

_pagedaemonctl() {
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]-} words=''
	local knobs
	knobs=/sys/kernel/mm/pagedaemon/$(tr / '!' <<<"${COMP_WORDS[2]#/}")/knobs
	case $COMP_CWORD,$command in
	1,*) words="attach detach list policy set get stats record advise" ;;
	2,attach) words=$(_pagedaemonctl_cgroups) ;;
	2,advise) ;;
	2,*) words=$(_pagedaemonctl_attached) ;;
	3,attach | 3,policy) words=$(cat /sys/kernel/mm/pagedaemon/policies 2>/dev/null) ;;
	*,get) words=$(find "$knobs" -type f -printf '%f\n' 2>/dev/null) ;;
	*,set) words=$(find "$knobs" -type f -printf '%f=\n' 2>/dev/null) ;;
	esac
	case $word in
	-*)
		words="--json --help"
		case $command in
		attach) words+=" --set" ;;
		stats) words+=" --interval --count" ;;
		record) words+=" --trace --seconds --buffer" ;;
		advise) words+=" --limit --policy --chart" ;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	[ "$command" != set ] || compopt -o nospace
}

complete -o default -F _pagedaemonctl pagedaemonctl
