#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: whatever meets the module, in whatever order, while data is in use: no page
# is lost, nothing is miscounted, nothing hangs, and everything can be taken away
# again. What meets it is drawn from a seed: attach, detach, policies, knobs, limits,
# cgroups that come and go, tasks that move, MGLRU on and off, swap, caches, memory and
# processors taken away, huge pages, other tasks, kills, and the module itself.
#
# Each action has a number, in $PD_OUT/torture-SEED.log and in the kernel's log. One
# seed is one sequence of actions with their arguments, on every kernel; how far it
# gets is for the machine to say.
#
# The unmodified kernel kills inside a cgroup when lru_gen/enabled is toggled under
# pressure, and where a limit is set below what can be taken away. A killed job is
# counted and started anew. Bad data is a failure always, and so is a kill after all
# has been set back.
#
# usage: torture.sh [SECONDS (60)] [SEED (SEED of the environment, else 1)]
# From the environment: ACTIONS, the number of the last action; MODULE=n does all of it
# without the module, to see what the kernel does alone; PLANT, see src/hooks/plant.h.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

seconds=${1:-60}
seed=${2:-${SEED:-1}}
last_action=${ACTIONS:-999999}
with_module=${MODULE:-y}
huge=/sys/kernel/mm/transparent_hugepage
cpu1=/sys/devices/system/cpu/cpu1/online
blocks=(/sys/devices/system/memory/memory[0-9]*)
swap=$(awk 'NR == 2 { print $1 }' /proc/swaps)
log=$PD_OUT/torture-$seed.log
exec {log_fd}>"$log"
echo "# seed $seed" | tee "/proc/self/fd/$log_fd"

# The generator. Sets $r to one of 0..N-1; $one to one of the arguments.
rng=$((seed * 2654435761 + 12345))
pick() { # N
	rng=$(((rng * 6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff))
	r=$(((rng >> 30) % $1))
}

one_of() { # WORD...
	pick $#
	one=${*:r + 1:1}
}

bad=() killed=0 number=0
wrong() { # WHAT
	bad+=("action $number: $*")
	echo "   wrong: $*" >&"$log_fd"
}

must() { # COMMAND...
	# No process of its own: on a machine under pressure each takes a second.
	"$@" >/tmp/must 2>&1 || wrong "$* ended with $?: $(</tmp/must)"
}

# Says what comes before it comes: a machine that stops has said it.
say() {
	number=$((number + 1))
	printf '   at %s\n%d %s\n' "${EPOCHREALTIME%????}" "$number" "$*" >&"$log_fd"
	echo "torture $seed: $number $*" >/dev/kmsg
}

# What may take long goes on beside the next actions; of each kind one at a time.
# What is next waits for it for twenty seconds, then it is killed: in a cgroup far above
# its limit there is no end to expect. Only a victim has to be killed by the kernel.
declare -A beside=()
exec {never}<> <(:)
ended() { # KIND
	local rc=0 pid=${beside[$1]-} end=$((SECONDS + 20))
	[ -n "$pid" ] || return 0
	[ "$1" != victim ] || end=$((SECONDS + 120))
	while kill -0 "$pid" 2>/dev/null; do
		if [ "$SECONDS" -ge "$end" ]; then
			[ "$1" != victim ] || wrong "victim: nobody kills it"
			kill -KILL "$pid"
			break
		fi
		read -r -t 0.1 -u "$never"
	done
	wait "$pid" || rc=$?
	unset "beside[$1]"
	case $1/$rc in
	*/3) wrong "$1: data was not what was written: $(</tmp/beside."$1")" ;;
	# What is too much for its cgroup must be killed there.
	victim/137) ;;
	victim/*) wrong "victim: ended with $rc: $(</tmp/beside."$1")" ;;
	# Refused, not there any more, out of time, killed: all in order.
	*) [ "$rc" = 0 ] || echo "   $1 ended with $rc" >&"$log_fd" ;;
	esac
}

besides() { # KIND COMMAND...
	local kind=$1
	shift
	ended "$kind"
	"$@" >"/tmp/beside.$kind" 2>&1 &
	beside[$kind]=$!
}

all_ended() {
	local kind
	for kind in "${!beside[@]}"; do
		ended "$kind"
	done
}

put() { # VALUE FILE
	printf '%s\n' "$1" >"$2"
}

run_in() { # CGROUP COMMAND...: becomes the command
	echo "$BASHPID" >"$cgroot/$1/cgroup.procs" && exec "${@:2}"
}

# Cgroups: torture, with leaves that come and go, all but the first; and victim.
leaves=(a b c d)
declare -A there=() att=()

make_leaf() { # LEAF
	must mkdir "$cgroot/torture/$1"
	must put 24M "$cgroot/torture/$1/memory.max"
	there[torture/$1]=y
}

# Sets $one to one of the cgroups that can be attached.
any_cgroup() {
	local all=(torture victim) leaf
	for leaf in "${leaves[@]}"; do
		[ -z "${there[torture/$leaf]-}" ] || all+=("torture/$leaf")
	done
	one_of "${all[@]}"
}

any_leaf() {
	any_cgroup
	case $one in
	torture/*) ;;
	*) one=torture/a ;;
	esac
}

# What is in use, and verified: kind, file, size; where it is.
work=(
	"anon - 8M" "anon - 8M" "shmem - 3M" "rw $scratch/t_rw 6M"
	"mmap $scratch/t_mmap 4M" "thp - 6M" "lock - 1M" "fork - 2M"
	"direct $scratch/t_direct 3M" "cut $scratch/t_cut 3M"
	"mmap /tmp/t_mmap 2M" "cut /tmp/t_cut 2M" "stream"
)
where=() pids=()

begin_work() { # WHICH
	local words
	read -r -a words <<<"${work[$1]}"
	if [ "${words[0]}" = stream ]; then
		words=(stream "$scratch/t_stream" 16M 1000000 1)
	else
		words=(churn "${words[@]}" "$(($1 + 1))" 0)
	fi
	cg_start "/tmp/work.$1" "${where[$1]}" "$pdwork" "${words[@]}"
	pids[$1]=$job
}

# Who was killed begins anew; who ended otherwise is wrong.
look_after() {
	local i rc
	for i in "${!work[@]}"; do
		! kill -0 "${pids[i]}" 2>/dev/null || continue
		rc=0
		wait "${pids[i]}" || rc=$?
		if [ "$rc" = 137 ]; then
			killed=$((killed + 1))
			echo "   ${work[i]} was killed" >&"$log_fd"
		else
			wrong "${work[i]} in ${where[i]} ended with $rc: $(tail -n 3 "/tmp/work.$i")"
		fi
		begin_work "$i"
	done
}

attached_to() { # CGROUP
	[ -n "${att[$1]-}" ]
}

# Actions. Each draws all it needs, says what it does, and does it.
knob_names=() knob_min=() knob_max=()
while IFS=, read -r name min max; do
	knob_names+=("$name") knob_min+=($((min))) knob_max+=($((max)))
done < <(sed -n 's/ull//g; s/^PD_KNOB(\([a-z_]*\), [^,]*, \([^,]*\), \([^,]*\),.*/\1,\2,\3/p' \
	include/pagedaemon/knobs.def)

act_attach() {
	local cg how
	any_cgroup; cg=$one
	one_of freebsd dragonfly netbsd mach clockpro; how=$one
	if attached_to "$cg"; then
		say "policy $cg $how"
		[ "$with_module" != y ] || must put "$how" "$(pd_dir "$cg")/policy"
	else
		say "attach $cg $how"
		[ "$with_module" != y ] || must attach "$cg" "$how"
	fi
	att[$cg]=$how
}

act_detach() {
	any_cgroup
	say "detach $one"
	if attached_to "$one"; then
		[ "$with_module" != y ] || must detach "$one"
		att[$one]=''
	fi
}

act_knob() {
	local cg knob value
	any_cgroup; cg=$one
	pick ${#knob_names[@]}; knob=$r
	one_of auto auto min max some some some
	value=$one
	pick 41; value_bits=$r
	pick $((1 << value_bits))
	case $value in
	min) value=${knob_min[knob]} ;;
	max) value=${knob_max[knob]} ;;
	some)
		value=$((knob_min[knob] + r))
		[ "$value" -le "${knob_max[knob]}" ] ||
			value=$((knob_min[knob] + r % (knob_max[knob] - knob_min[knob] + 1)))
		;;
	esac
	say "knob $cg ${knob_names[knob]} $value"
	if [ "$with_module" = y ] && attached_to "$cg"; then
		case ${knob_names[knob]} in
		# Three that may contradict each other.
		anonmin | filemin | execmin)
			put "$value" "$(pd_dir "$cg")/knobs/${knob_names[knob]}" 2>/dev/null ;;
		*) must put "$value" "$(pd_dir "$cg")/knobs/${knob_names[knob]}" ;;
		esac
	fi
}

act_leaf() {
	local leaf i pid
	one_of "${leaves[@]:1}"; leaf=$one
	if [ -z "${there[torture/$leaf]-}" ]; then
		say "mkdir torture/$leaf"
		make_leaf "$leaf"
		return
	fi
	say "rmdir torture/$leaf"
	for i in "${!work[@]}"; do
		[ "${where[i]}" != "torture/$leaf" ] || where[i]=torture/a
	done
	must until_true 60 vacate "torture/$leaf"
	must until_true 30 not attached "torture/$leaf"
	unset "there[torture/$leaf]" "att[torture/$leaf]"
}

# Tasks that have children meanwhile move in several rounds.
vacate() { # CGROUP
	local pid
	while read -r pid; do
		echo "$pid" >"$cgroot/torture/a/cgroup.procs"
	done <"$cgroot/$1/cgroup.procs" 2>/dev/null
	rmdir "$cgroot/$1" 2>/dev/null
}

act_move() {
	local which
	pick ${#work[@]}; which=$r
	any_leaf
	say "move $which (${work[which]%% *}) to $one"
	where[which]=$one
	# Killed just now: it will begin there.
	echo "${pids[which]}" >"$cgroot/$one/cgroup.procs" 2>/dev/null
}

act_limit() {
	local cg file
	any_cgroup; cg=$one
	one_of max max high min low swap.max; file=memory.$one
	case $file in
	memory.max) one_of 16M 24M 32M 40M ;;
	memory.high) one_of max max 10M 16M 24M 40M ;;
	memory.swap.max) one_of max max max 16M 4M ;;
	*) one_of 0 0 2M 8M ;;
	esac
	say "limit $cg $file $one"
	[ "$cg" = victim ] || besides "limit" put "$one" "$cgroot/$cg/$file"
}

act_reclaim() {
	local cg
	any_cgroup; cg=$one
	one_of 256K 1M 4M 16M 64M
	say "reclaim $cg $one"
	besides reclaim put "$one" "$cgroot/$cg/memory.reclaim"
}

act_lru_gen() {
	one_of n y 7
	say "lru_gen $one"
	[ ! -e "$lru_gen" ] || must put "$one" "$lru_gen"
}

act_swap() {
	one_of off on on
	say "swap$one"
	# It says no where memory is short, and where it is so already.
	[ -z "$swap" ] || besides swap timeout 15 "swap$one" "$swap"
}

act_drop() {
	one_of 1 2 3
	say "drop_caches $one"
	besides drop put "$one" /proc/sys/vm/drop_caches
}

act_compact() {
	say compact_memory
	besides compact put 1 /proc/sys/vm/compact_memory
}

act_sync() {
	say sync
	besides sync timeout 15 sync
}

act_cpu() {
	one_of 0 1
	say "cpu1 $one"
	[ ! -e "$cpu1" ] || must put "$one" "$cpu1"
}

# Blocks of the kernel's own memory refuse, once what can move has moved.
act_memory() {
	local block
	pick 1000; block=${blocks[r % ${#blocks[@]}]-}
	one_of offline offline online
	say "memory block $r $one"
	[ -z "$block" ] || besides memory take_memory "$block" "$one"
}

take_memory() { # BLOCK offline|online
	local other
	# One at a time: the machine is small.
	for other in "${blocks[@]}"; do
		[ "$(<"$other/state")" = online ] || echo online >"$other/state"
	done
	[ "$2" = online ] || printf offline | timeout 15 tee "$1/state"
	[ "$2" = online ] || echo "$(<"$1/state")" "${1##*/}" >>/tmp/blocks
}

act_huge() {
	local enabled defrag
	one_of always madvise madvise; enabled=$one
	one_of always madvise defer; defrag=$one
	# Not 0: khugepaged then never sleeps where one processor is left, and whoever
	# waits for RCU tasks, as to take a tracer's hook away, waits for ever. Linux does
	# so without the module, 6.1 and 6.12.
	one_of 1 10 10000
	say "huge pages $enabled, defrag $defrag, scan each $one ms"
	if [ -e "$huge" ]; then
		must put "$enabled" "$huge/enabled"
		must put "$defrag" "$huge/defrag"
		must put "$one" "$huge/khugepaged/scan_sleep_millisecs"
	fi
}

act_storm() {
	any_leaf
	say "storm $one"
	besides storm run_in "$one" "$pdwork" churn fork - 512K 99 2
}

act_victim() {
	say victim
	besides victim run_in victim "$pdwork" churn anon - 24M 98 0
}

act_reload() {
	local hook cg how
	one_of ftrace shrinker; hook=$one
	any_cgroup; cg=$one
	one_of none freebsd dragonfly netbsd mach clockpro; how=$one
	say "reload hook=$hook, cgroup=$cg policy=$how"
	att=()
	if [ "$how" = none ]; then
		set --
	else
		set -- "cgroup=/$cg" "policy=$how"
		att[$cg]=$how
	fi
	if [ "$with_module" = y ]; then
		must unload
		must is "$(pd_threads)" = ""
		must insmod "$pd_ko" "hook=$hook" ${PLANT:+plant="$PLANT"} "$@"
	fi
}

act_calm() {
	pick 10
	say "calm 0.$r s"
	sleep "0.$r"
}

# Are the counts right? All has to stand still for it, and where more is used than the
# limits allow a daemon does not.
act_audit() {
	local out file limits=()
	any_leaf
	say "audit $one"
	all_ended
	kill -STOP "${pids[@]}" 2>/dev/null
	for file in {torture,"$one"}/memory.{high,max}; do
		limits+=("$(<"$cgroot/$file")" "$cgroot/$file")
		put max "$cgroot/$file"
	done
	out=$(same_as_walk "$one" 2>&1) || wrong "counts of $one and a walk differ: $out"
	kill -CONT "${pids[@]}" 2>/dev/null
	besides limit put_each "${limits[@]}"
}

put_each() { # [VALUE FILE]...
	while [ $# -gt 0 ]; do
		put "$1" "$2"
		shift 2
	done
}

# How often each comes: what concerns the module most. Most of the time something
# is attached.
deck=()
for card in attach:9 detach:4 knob:8 leaf:3 move:5 limit:7 reclaim:4 lru_gen:4 swap:4 \
	drop:3 compact:2 sync:1 cpu:2 memory:3 huge:2 storm:3 victim:2 reload:2 calm:5 audit:1; do
	for ((i = 0; i < ${card#*:}; i++)); do
		deck+=("${card%:*}")
	done
done

# Beginning.
[ ! -e "$huge" ] || echo madvise >"$huge/enabled"
set_mglru "${MGLRU:-n}"
"$pdwork" write "$scratch/t_stream" 16M 1 >/dev/null
rm -f /tmp/blocks
if [ "$with_module" = y ] && ! load_module ${PLANT:+plant="$PLANT"}; then
	not_ok "the module loads"
	finish
fi
cg_make torture 48M
echo +memory >"$cgroot/torture/cgroup.subtree_control"
# What is in use shall leave us a processor, and wait for us, not we for it.
echo 10 >"$cgroot/torture/cpu.weight"
cg_make victim 4M
echo 0 >"$cgroot/victim/memory.swap.max"
for leaf in "${leaves[@]}"; do
	make_leaf "$leaf"
done
[ "$with_module" != y ] || attach torture "$policy"
att[torture]=$policy
for i in "${!work[@]}"; do
	where[i]=torture/${leaves[i % ${#leaves[@]}]}
	begin_work "$i"
done

begin=$SECONDS
while [ $((SECONDS - begin)) -lt "$seconds" ] && [ "$number" -lt "$last_action" ] &&
	[ ${#bad[@]} = 0 ]; do
	one_of "${deck[@]}"
	"act_$one"
	look_after
done
say "end after $((SECONDS - begin)) s"
number=$((number - 1))
all_ended
note "$number actions in $((SECONDS - begin)) s, $killed jobs killed in torture," \
	"$(events victim oom_kill) in victim; $(sort /tmp/blocks 2>/dev/null | uniq -c |
		awk '{ print $1 " times " $2 ": " $3 "," }' | tr '\n' ' ')"
check "$number actions of seed $seed: nothing is lost, and nothing fails that must not" \
	is ${#bad[@]} -eq 0
[ ${#bad[@]} = 0 ] || printf '# %s\n' "${bad[@]:0:10}"
# The kernel alone, with its LRUs toggled under pressure: 40 to 50 in eight minutes.
check "no more jobs are killed than where the module is not" \
	is "$killed" -le $((2 + (SECONDS - begin) / 10))
check "nobody is killed for want of memory in the whole machine" \
	not grep -q 'Out of memory: Killed' <(dmesg)

# All set back, nobody has a reason to be killed.
for block in "${blocks[@]}"; do
	[ ! -e "$block/state" ] || [ "$(<"$block/state")" = online ] || echo online >"$block/state"
done
[ ! -e "$cpu1" ] || echo 1 >"$cpu1"
[ -z "$swap" ] || grep -q "^$swap " /proc/swaps || swapon "$swap"
[ ! -e "$huge" ] || echo madvise >"$huge/enabled"
members=()
for cg in "${!there[@]}"; do
	members+=("$cg")
done
for cg in torture "${members[@]}"; do
	for file in max high swap.max; do
		echo max >"$cgroot/$cg/memory.$file"
	done
	echo 0 >"$cgroot/$cg/memory.min"
	echo 0 >"$cgroot/$cg/memory.low"
done
set_mglru "${MGLRU:-n}"
look_after
for cg in torture victim "${members[@]}"; do
	! attached_to "$cg" || check "detach of $cg" detach "$cg"
done
[ "$with_module" != y ] || check "attach of all" attach torture "${att[torture]:-freebsd}"
for i in "${!work[@]}"; do
	[ "${work[i]}" = stream ] || await_line filled "/tmp/work.$i" ||
		note "${work[i]} is slow to fill"
done
check "the limit comes back" put 48M "$cgroot/torture/memory.max"
before=$(events torture oom_kill) killed=0
sleep 8
look_after
[ "$with_module" != y ] || note "the module freed $(stat_of torture freed) pages since"
check "with everything set back nobody is killed" is "$(events torture oom_kill)/$killed" = "$before/0"

# The tries of a walk that finds something else take long: where it shall, one is
# enough to know.
counts() { # OF WHAT CGROUP...
	local what=$1
	shift
	[ "${PLANT:+$ktap_bad}" = 1 ] || check "counts of $what" same_as_walk "$@"
}

kill -STOP "${pids[@]}"
if [ "$with_module" = y ]; then
	counts "pages equal what a walk finds, attached" torture "${members[@]}"
	for cg in "${members[@]}"; do
		counts "pages of $cg equal what a walk finds, attached" "$cg"
	done
	check "detach of all" detach torture
fi
check "no thread is left" is "$(pd_threads)" = ""
for cg in "${members[@]}"; do
	counts "pages of $cg equal what a walk finds, detached" "$cg"
done
kill -CONT "${pids[@]}"
jobs_started=("${pids[@]}")
check_jobs "no page is lost: all data is what was written"
for cg in "${members[@]}"; do
	check "$cg can be removed" cg_remove "$cg"
done
cg_remove torture
cg_remove victim
[ "$with_module" != y ] || check "the module unloads" unload
rm -f "$scratch"/t_* /tmp/t_*
finish
