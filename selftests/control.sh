#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: the control surface does what docs/sysfs-kernel-mm-pagedaemon says.
# Whatever is malformed is refused with the errno that is written there, one
# line in the log, and no change; attachments come and go with the module, the
# cgroup and its memory controller, whoever is using their files meanwhile.
#
# usage: control.sh [PART...], where a part is a function below
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
events=/sys/kernel/tracing/events/pagedaemon
top=pdt

# shellcheck disable=SC2317 # the trap calls it
cleanup() {
	! loaded || unload
	local i
	for ((i = 0; i < 5; i++)); do
		find "$cgroot/$top"* -depth -type d -exec rmdir {} \; 2>/dev/null
	done
}

long() { # CHARACTER COUNT
	printf "%$2s" '' | tr ' ' "$1"
}

same_modes() {
	(cd "$pd" && find . -printf '%M %u %P\n' | LC_ALL=C sort -k3)
}

knob_names() {
	sed -n 's/^PD_KNOB(\([a-z_]*\),.*/\1/p' include/pagedaemon/knobs.def
}

# Fields of a knob in knobs.def: its default, least and greatest value.
knob_bounds() { # NAME
	local args
	args=$(sed -n "s/^PD_KNOB($1, \\([^\"]*\\), \".*/\\1/p" include/pagedaemon/knobs.def)
	args=${args//PD_AUTO/-1}
	IFS=, read -r def min max <<<"${args//ull/}"
	def=$((def)) min=$((min)) max=$((max))
}

# --- Loading -----------------------------------------------------------------

loading() {
	cg_make $top 64M
	local how
	while IFS='|' read -r how err pattern params; do
		expect_refusal "loading with $how is refused with $err and leaves nothing behind" \
			"$err" "$pattern" "load $pd_ko $params"
	done <<END
an unknown hook|EINVAL|hook= "kprobe": unknown; expected one of auto ftrace shrinker|hook=kprobe
an empty hook|EINVAL|hook= "": unknown|hook=
a cgroup that is not there|ENOENT|cgroup= "/nope": no such cgroup|cgroup=/nope
the root cgroup|EINVAL|cgroup= "/": is the root|cgroup=/
a relative path|EINVAL|cgroup= "$top": is not an absolute|cgroup=$top
two words for a cgroup|EINVAL|too many words|"cgroup=/$top freebsd"
an unknown policy|EINVAL|policy= "linux": unknown policy; expected one of|cgroup=/$top policy=linux
an empty policy|EINVAL|policy= "": is empty|cgroup=/$top policy=
a policy for nothing|EINVAL|policy= "freebsd": is of no use alone|policy=freebsd
END
	check "a refused load leaves no module" not loaded

	load cgroup=/$top policy=freebsd
	check "cgroup= and policy= attach at once" attached $top
	check "the policy of policy= is in force" \
		grep -qw '\[freebsd\]' "$pd/$top/policy"
	unload
	check "unloading while attached leaves no directory" not test -e "$pd"
	check "unloading while attached leaves no thread" is "$(pd_threads)" = ""
	for how in auto ftrace shrinker; do
		load hook=$how
		case $how in
		auto) check "hook=auto takes one of the two ways" \
			grep -qx 'ftrace\|shrinker' $pd/hook ;;
		*) check "hook=$how is what the file hook says" is "$(<$pd/hook)" = $how ;;
		esac
		unload
	done
	rmdir $cgroot/$top
}

# The memory controller can move to a cgroup v1 hierarchy and back, if no
# cgroup uses it and the kernel still has that.
version_one() {
	local v1=/mnt/v1 name="a memory controller on cgroup v1"
	mkdir $v1
	load
	echo -memory >$cgroot/cgroup.subtree_control
	if ! mount -t cgroup -o memory v1 $v1 2>/dev/null; then
		skip "attaching with $name is refused" "this kernel has none"
	else
		mkdir $cgroot/$top
		expect_refusal "attaching with $name is refused with ENODEV" ENODEV \
			"memory controller is not on cgroup v2" "write $pd/attach /$top"
		unload
		expect_refusal "loading with $name is refused with ENODEV" ENODEV \
			"memory controller is not on cgroup v2" "load $pd_ko "
		! loaded || unload
		rmdir $cgroot/$top
		umount $v1
		check "the memory controller comes back to cgroup v2" until_true 20 \
			grep -qw memory $cgroot/cgroup.controllers
	fi
	! loaded || unload
	echo +memory >$cgroot/cgroup.subtree_control
}

# --- What is there -------------------------------------------------------------

files() {
	cg_make $top 64M
	load
	check "files of the module have the documented modes" diff - <(same_modes) <<END
drwxr-xr-x root 
--w------- root attach
--w------- root detach
-r--r--r-- root hook
-r--r--r-- root policies
-r--r--r-- root stats
END
	check "policies lists freebsd" grep -qw freebsd $pd/policies
	attach $top
	check "files of a cgroup have the documented modes" diff <( {
		printf '%s\n' "drwxr-xr-x root $top" "drwxr-xr-x root $top/knobs" \
			"-rw-r--r-- root $top/policy" "-r--r--r-- root $top/state" \
			"-r--r--r-- root $top/stats" "-r--r--r-- root $top/pairs"
		knob_names | sed "s|^|-rw-r--r-- root $top/knobs/|"
	} | LC_ALL=C sort -k3) <(same_modes | grep " $top")
	check "without a policy the first one is in force" \
		is "$(tr -d '[]' <$pd/$top/policy | cut -d' ' -f1)" = "$(cut -d' ' -f1 $pd/policies)"
	check "policy lists what policies lists" \
		is "$(tr -d '[]' <$pd/$top/policy)" = "$(<$pd/policies)"
	check "policy has one name in brackets" \
		is "$(grep -o '\[[a-z0-9_]*\]' $pd/$top/policy | wc -l)" = 1
	check "state is active" is "$(<$pd/$top/state)" = active
	check "the module's stats count one domain" is "$(value domains $pd/stats)" = 1
	check "stats are lines of a name and a number" \
		not grep -vqE '^[a-z_]+ -?[0-9]+$' $pd/$top/stats
	check "stats hold gauges, then counters, as the .def files list them" diff \
		<(sed -n 's/^PD_[A-Z]*(\([a-z_]*\),.*/\1/p' src/control/gauges.def \
			include/pagedaemon/counters.def) <(cut -d' ' -f1 $pd/$top/stats)
	check "stats show the limit" is "$(value limit $pd/$top/stats)" = 16384
	check "no name of stats comes twice" is "$(cut -d' ' -f1 $pd/$top/stats | sort | uniq -d)" = ""
	detach $top
	check "detaching removes the directory" not attached $top
	check "and the module's stats count none" is "$(value domains $pd/stats)" = 0
	check "and its threads are gone" is "$(pd_threads)" = ""
	unload
	rmdir $cgroot/$top
}

# --- What is refused -----------------------------------------------------------

refusals() {
	cg_make $top 64M
	echo +memory >$cgroot/$top/cgroup.subtree_control
	cg_make $top/db 32M
	cg_make "$top!db" 32M
	mkdir -p $cgroot/$top.off/child
	load
	attach $top/db
	local what err pattern text
	while IFS='|' read -r what err pattern text; do
		expect_refusal "attaching $what is refused with $err" \
			"$err" "attach \".*\": .*$pattern" "write $pd/attach $text"
	done <<END
nothing but a newline|EINVAL|is empty|\\n
blanks|EINVAL|is empty|  \\t \\n
a whole page|EINVAL|longer than 4095 bytes|/$(long a 4095)
more than a page|EINVAL|longer than 4095 bytes|/$(long a 8000)
a path too long for a directory name|EINVAL|too long for a directory name|/$(long a 256)
the same in parts|EINVAL|too long for a directory name|/$(long a 128)/$(long b 128)
a NUL|EINVAL|control character|/$top\\x00
a NUL within|EINVAL|control character|/pd\\x00t
binary|EINVAL|control character|/\\xff\\xfe\\x00\\x01\\x80
an escape sequence|EINVAL|control character|/$top\\x1b[31m
two lines|EINVAL|control character|/$top\\n/$top
three words|EINVAL|too many words|/$top freebsd now
a relative path|EINVAL|not an absolute path|$top
a directory name of ours|EINVAL|not an absolute path|$top!db
a path with ..|EINVAL|has . or ..|/$top/../$top
a path with .|EINVAL|has . or ..|/./$top
the root cgroup|EINVAL|is the root cgroup|/
the root cgroup, with slashes|EINVAL|is the root cgroup|///
an unknown policy|EINVAL|unknown policy; expected one of [a-z]|/$top linux
part of a policy's name|EINVAL|unknown policy|/$top freebs
a cgroup that is not there|ENOENT|no such cgroup|/$top/nope
a cgroup whose parent is not there|ENOENT|no such cgroup|/nope/nope
bytes that are no text|ENOENT|no such cgroup|/\\xff\\xfe
a file of a cgroup|ENOENT|no such cgroup|/$top/memory.max
what is attached|EEXIST|already attached|/$top/db
what is attached, with more slashes|EEXIST|already attached|//$top///db/
a cgroup of the same directory name|EEXIST|another attached cgroup has the same name|/$top!db
a cgroup without memory controller|ENODEV|no memory controller; expected .memory|/$top.off/child
END
	while IFS='|' read -r what err pattern text; do
		expect_refusal "detaching $what is refused with $err" \
			"$err" "detach \".*\": .*$pattern" "write $pd/detach $text"
	done <<END
nothing but a newline|EINVAL|is empty|\\n
more than a page|EINVAL|longer than 4095 bytes|/$(long a 8000)
binary|EINVAL|control character|/\\x01\\x02
two words|EINVAL|too many words|/$top/db freebsd
a relative path|EINVAL|not an absolute path|$top/db
the root cgroup|EINVAL|is the root cgroup|/
a cgroup that is not there|ENOENT|no such cgroup|/$top/nope
a cgroup that is not attached|ENOENT|is not attached|/$top
END
	while IFS='|' read -r what pattern text; do
		expect_refusal "switching to $what is refused with EINVAL" EINVAL \
			"$top!db/policy \".*\": .*$pattern" "write $pd/$top!db/policy $text"
	done <<END
nothing but a newline|is empty|\\n
an unknown policy|unknown policy|linux
a name in brackets|unknown policy|[freebsd]
two policies|too many words|freebsd freebsd
more than a page|longer than 4095 bytes|$(long f 8000)
binary|control character|freebsd\\x00
END
	local knob
	for knob in $(knob_names); do
		knob_bounds "$knob"
		while IFS='|' read -r what text; do
			[ -n "$what" ] || continue
			expect_refusal "$knob refuses $what" EINVAL \
				"$top!db/knobs/$knob \".*\": .*expected $min to $max " \
				"write $pd/$top!db/knobs/$knob $text"
		done <<END
nothing but a newline|\\n
garbage|lots
a negative number|-1
one more than its greatest value|$((max + 1))
$( ((min == 0)) || echo "one less than its least value|$((min - 1))")
END
	done
	while IFS='|' read -r what text; do
		expect_refusal "a knob refuses $what" EINVAL "update_period \".*\": .*expected 0 to" \
			"write $pd/$top!db/knobs/update_period $text"
	done <<END
hexadecimal|0x10
a plus sign|+1
a suffix|1k
a fraction|1.5
two numbers|1 2
a huge number|$(long 9 200)
2 to the 64th, plus one|18446744073709551617
the number that stands for auto|18446744073709551615
more than a page|$(long 1 8000)
more than a page of zeros|$(printf %08000d 0)
binary|\\x00\\xff\\x01
auto and more|automatic
END
	unload
	rmdir "$cgroot/$top!db" $cgroot/$top/db $cgroot/$top $cgroot/$top.off/child $cgroot/$top.off
}

# --- What is taken ---------------------------------------------------------------

knobs() {
	cg_make $top 64M
	load
	attach $top
	local knob file bad="" fixed="" auto=""
	echo 50 >$pd/$top/knobs/anonmin
	echo 40 >$pd/$top/knobs/filemin
	expect_refusal "floors of more than 95 % together are refused" EINVAL \
		"contradicts other knobs" "write $pd/$top/knobs/execmin 6\n"
	check "those that were taken stay" is \
		"$(cat $pd/$top/knobs/{anon,file,exec}min | xargs)" = "50 40 5"
	printf auto | tee $pd/$top/knobs/{anon,file}min >/dev/null
	for knob in $(knob_names); do
		knob_bounds "$knob"
		# Floors have a bound together: they are tested alone.
		[[ $knob != *min || $knob = free_min ]] || max=$((max > 75 ? 75 : max))
		file=$pd/$top/knobs/$knob
		local before
		before=$(<"$file")
		((def == -1)) || [ "$before" = "$def" ] || fixed+=" $knob=$before"
		for v in $min $max; do
			echo "$v" >"$file"
			[ "$(<"$file")" = "$v" ] || bad+=" $knob=$(<"$file"), not $v"
		done
		printf auto >"$file"
		[ "$(<"$file")" = "$before" ] || auto+=" $knob=$(<"$file"), not $before"
	done
	check "knobs start with the defaults of knobs.def" is "$fixed" = ""
	check "knobs take their bounds and show them" is "$bad" = ""
	check "auto brings the default back" is "$auto" = ""

	local target
	target=$(<$pd/$top/knobs/free_target)
	echo 128M >$cgroot/$top/memory.max
	check "computed knobs follow the limit" is "$(<$pd/$top/knobs/free_target)" -gt "$target"
	echo 100 >$pd/$top/knobs/free_target
	echo 64M >$cgroot/$top/memory.max
	check "knobs that were set do not" is "$(<$pd/$top/knobs/free_target)" = 100
	echo freebsd >$pd/$top/policy
	check "switching policy keeps the knobs" is "$(<$pd/$top/knobs/free_target)" = 100
	unload
	rmdir $cgroot/$top
}

names() {
	local deep=$top i name="attached by its path"
	load
	cg_make $top 64M
	for i in a b c; do
		echo +memory >$cgroot/$deep/cgroup.subtree_control
		deep+=/$i
		cg_make $deep 32M
	done
	attach $deep freebsd
	check "a nested cgroup's directory has ! for /" test -d "$pd/$top!a!b!c"
	echo "//$top//a/b///c/" >$pd/detach
	check "slashes that mean nothing mean nothing" is "$(value domains $pd/stats)" = 0

	local longest
	longest=$(long x 250)
	mkdir "$cgroot/$longest"
	echo "/$longest" >$pd/attach
	check "a name of 250 characters can be $name" test -d "$pd/$longest"
	echo "/$longest" >$pd/detach
	rmdir "$cgroot/$longest"

	mkdir "$cgroot/$top-ä%s%n"
	echo "/$top-ä%s%n" >$pd/attach
	check "a name with % and letters beyond ASCII can be $name" test -d "$pd/$top-ä%s%n"
	echo "/$top-ä%s%n" >$pd/detach
	rmdir "$cgroot/$top-ä%s%n"

	for i in 1 2 3 4; do
		cg_make $top.$i 32M
		attach $top.$i freebsd
	done
	check "several cgroups are attached at once" is "$(value domains $pd/stats)" = 4
	check "each has a directory" is "$(find $pd -maxdepth 1 -name "$top.?" | wc -l)" = 4
	echo 33 >$pd/$top.2/knobs/max_launder
	check "each has knobs of its own" \
		is "$(cat $pd/$top.?/knobs/max_launder | paste -sd' ')" = "32 33 32 32"
	detach $top.2
	check "one is detached, the others stay" \
		is "$(cd $pd && echo $top.?)" = "$top.1 $top.3 $top.4"
	unload
	rmdir $cgroot/$top.? $cgroot/$top/a/b/c $cgroot/$top/a/b $cgroot/$top/a $cgroot/$top
}

# --- What goes away ----------------------------------------------------------------

# shellcheck disable=SC2317 # until_true calls it
gone() { # CGROUP
	! attached "$1"
}

removal() {
	load
	cg_make $top 64M
	attach $top
	rmdir $cgroot/$top
	check "removing the cgroup detaches it" until_true 10 gone $top
	check "and ends its threads" until_true 10 is "$(pd_threads)" = ""

	local i failed=""
	for ((i = 0; i < 20; i++)); do
		cg_make $top 64M
		attach $top || failed+=" attach $i"
		# The one of the round before may still be on its way out.
		rmdir $cgroot/$top
	done 2>/tmp/removal
	check "a cgroup removed and made anew can be attached at once, 20 times" \
		is "$failed$(</tmp/removal)" = ""
	check "none is left" until_true 10 gone $top

	for ((i = 0; i < 20; i++)); do
		cg_make $top 64M
		attach $top
		detach $top 2>/dev/null &
		rmdir $cgroot/$top
		wait $!
	done
	check "removing and detaching at a time, 20 times, ends in detached" \
		until_true 10 gone $top

	cg_make $top max
	echo +memory >$cgroot/$top/cgroup.subtree_control
	cg_make $top/db 32M
	attach $top/db
	echo -memory >$cgroot/$top/cgroup.subtree_control
	check "taking the memory controller away detaches" until_true 10 gone $top/db
	echo +memory >$cgroot/$top/cgroup.subtree_control
	check "giving it back allows to attach again" attach $top/db
	rmdir $cgroot/$top/db
	rmdir $cgroot/$top
	unload
	check "unloading right after removal leaves no thread" is "$(pd_threads)" = ""
}

# Files in the directory of a cgroup that is being detached.
contention() {
	load
	cg_make $top 64M
	local pids=() i stop=/tmp/stop
	rm -f $stop
	for i in 1 2; do
		while [ ! -e $stop ]; do
			cat $pd/*/stats $pd/*/state $pd/*/knobs/*
			for knob in "$pd"/*/knobs/max_launder; do echo 20 >"$knob"; done
		done >/dev/null 2>&1 &
		pids+=($!)
		while [ ! -e $stop ]; do
			for file in "$pd"/*/policy; do echo freebsd >"$file"; done
		done >/dev/null 2>&1 &
		pids+=($!)
	done
	while [ ! -e $stop ]; do
		attach nope
		detach nope
	done 2>/dev/null &
	pids+=($!)
	local failed=""
	for ((i = 0; i < 25; i++)); do
		attach $top || failed+=" attach $i"
		detach $top || failed+=" detach $i"
	done 2>&1
	check "attaching and detaching goes on while others use the files, 25 times" \
		is "$failed" = ""
	attach $top
	check "so does unloading" unload
	touch $stop
	wait "${pids[@]}"
	check "nothing is left" not test -e $pd
	rmdir $cgroot/$top
}

# --- Traces ----------------------------------------------------------------------

traces() {
	local trace=/sys/kernel/tracing/trace bt=tools/bpftrace/pd_verdicts.bt
	load
	echo >$trace
	echo 1 >$events/pd_attach/enable
	echo 1 >$events/pd_detach/enable
	cg_make $top 64M
	attach $top
	detach $top
	attach $top
	rmdir $cgroot/$top
	until_true 10 gone $top
	check "attaching and detaching are traced with their reasons" diff - \
		<(sed -n 's/.*: \(pd_[a-z]*: .*\)/\1/p' $trace) <<END
pd_attach: cgroup=$top policy=$policy
pd_detach: cgroup=$top why=detached
pd_attach: cgroup=$top policy=$policy
pd_detach: cgroup=$top why=cgroup removed
END
	echo 0 >$events/enable

	check "pd_verdicts.bt knows the names of all verdicts, reasons and types" diff \
		<(grep -oE '\{ [0-9]+, "[a-z_]+" \}' $events/pd_verdict/format |
			tr -d '{,}" ' | sort -u | grep -vE 'active$') \
		<(grep -oE '@(verdict|reason|type)\[[0-9]+\] = "[a-z_]+"' $bt |
			sed 's/.*\[\([0-9]*\)\] = "\(.*\)"/\1\2/' | grep -vE 'active$' | sort -u)

	cg_make $top 32M
	attach $top
	dd if=/dev/zero of=/mnt/scratch/control bs=1M count=64 2>/dev/null
	sync
	echo 1 >$events/pd_verdict/enable
	echo 3 >/proc/sys/vm/drop_caches
	cg_exec $top cat /mnt/scratch/control >/dev/null
	check "verdicts are traced" \
		grep -qE "cgroup=$top id=0x[0-9a-f]+ pfn=0x[0-9a-f]+ nr_pages=[0-9]+ type=file queue=inactive .* verdict=free reason=clean" $trace
	echo 0 >$events/enable
	echo >$trace
	if ! command -v bpftrace >/dev/null; then
		skip "pd_verdicts.bt counts verdicts" "no bpftrace"
	else
		bpftrace_start /tmp/verdicts $bt $top
		cg_exec $top cat /mnt/scratch/control >/dev/null
		bpftrace_stop
		check "pd_verdicts.bt ends well" is $? -eq 0
		check "pd_verdicts.bt counts verdicts" \
			grep -qE '^@pages\[free, clean, file\]: [1-9]' /tmp/verdicts
		check "pd_verdicts.bt counts them by activity count" \
			grep -qE '^\(\.\.\., 1\) +[1-9]' /tmp/verdicts
	fi
	detach $top
	rm /mnt/scratch/control
	until_true 10 rmdir $cgroot/$top
	unload
}

trap cleanup EXIT
wanted() { # PART [PARTS ASKED FOR...]
	[ $# = 1 ] || [[ " ${*:2} " == *" $1 "* ]]
}

! wanted version_one "$@" || version_one
! wanted loading "$@" || loading
! wanted files "$@" || files
! wanted refusals "$@" || refusals
! wanted knobs "$@" || knobs
! wanted names "$@" || names
! wanted removal "$@" || removal
! wanted contention "$@" || contention
! wanted traces "$@" || traces
finish
