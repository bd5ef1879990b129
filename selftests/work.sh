# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the self-tests about memory share: cgroups, workloads, the module,
# figures. Sourced after lib.sh, inside the virtual machine.
#
# From the environment: HOOK=ftrace|shrinker, MGLRU=y|n (the whole system's).

# shellcheck disable=SC2034 # for who sources this
HOOK=${HOOK:-ftrace}
scratch=/mnt/scratch
lru_gen=/sys/kernel/mm/lru_gen/enabled
lru_gen_debug=/sys/kernel/debug/lru_gen
# Over the wire each start would read it anew.
pdwork=/tmp/pdwork
[ -x "$pdwork" ] || cp build/selftests/pdwork "$pdwork"

load_module() { # [PARAMETER...]
	load hook="$HOOK" "$@"
}

# What runs in the background: process ids, and by process id what and its log.
jobs_started=() job_of=() log_of=()

set_mglru() { # y|n, if this kernel has it
	[ ! -e "$lru_gen" ] || echo "$1" >"$lru_gen"
}

mglru_on() {
	[ -e "$lru_gen" ] && [ $(($(<"$lru_gen") & 1)) = 1 ]
}

# cg_start LOG CGROUP COMMAND...: as cg_exec, in the background; sets $job
cg_start() {
	local log=$1 cg=$2
	shift 2
	# Not by way of cg_exec: signals shall reach the command, not a shell.
	(echo "$BASHPID" >"$cgroot/$cg/cgroup.procs" && exec "$@") >"$log" 2>&1 &
	job=$!
	jobs_started+=("$job")
	job_of[job]="$*"
	log_of[job]=$log
}

# pressure CGROUP SEED KIND...: jobs of these kinds, with files named after the
# cgroup. All together want 44 MB. Returns when their data is there.
pressure() {
	local cg=$1 seed=$2 kind logs=()
	shift 2
	for kind; do
		set -- "$cg" "$pdwork"
		case $kind in
		stream)
			"$pdwork" write "$scratch/$cg.stream" 16M 1 >/dev/null
			# What is cached is charged to who wrote it, not to who reads it.
			drop_caches
			set -- "$@" stream "$scratch/$cg.stream" 16M 1000000
			;;
		anon) set -- "$@" churn anon - 10M "$seed" 0 ;;
		shmem) set -- "$@" churn shmem - 3M "$seed" 0 ;;
		rw) set -- "$@" churn rw "$scratch/$cg.rw" 6M "$seed" 0 ;;
		mmap) set -- "$@" churn mmap "$scratch/$cg.mmap" 4M "$seed" 0 ;;
		mlock) set -- "$@" churn mlock - 512K "$seed" 0 ;;
		thp) set -- "$@" churn thp - 4M "$seed" 0 ;;
		esac
		cg_start "/tmp/$cg.$kind" "$@"
		[ "$kind" = stream ] || logs+=("/tmp/$cg.$kind")
		seed=$((seed + 1))
	done
	for kind in "${logs[@]}"; do
		await_line filled "$kind" || note "$kind is slow to fill"
	done
}

# slow_down CPU.MAX CGROUP...: leave processors to what is tested. Not all kernels can.
slow_down() {
	local max=$1 cg
	shift
	for cg; do
		[ ! -e "$cgroot/$cg/cpu.max" ] || echo "$max" >"$cgroot/$cg/cpu.max"
	done
}

# Wait for a line that begins with WORD in LOG, 60 s at most.
await_line() { # WORD LOG
	local i
	for ((i = 0; i < 600; i++)); do
		! grep -qs "^$1" "$2" || return 0
		sleep 0.1
	done
	return 1
}

# check_jobs SENTENCE: stop the jobs and have them verify their data. Not for
# check: a subshell has no jobs.
check_jobs() {
	local pid rc bad=''
	[ ${#jobs_started[@]} = 0 ] || kill -TERM "${jobs_started[@]}" 2>/dev/null
	for pid in "${jobs_started[@]}"; do
		rc=0
		wait "$pid" || rc=$?
		[ "$rc" = 0 ] || bad+="job ${job_of[pid]} ended with $rc: $(tail -n 3 "${log_of[pid]}")"$'\n'
	done
	jobs_started=()
	if [ -z "$bad" ]; then
		ok "$1"
	else
		not_ok "$1" "$bad"
	fi
}

# What went wrong in which round of a test that goes on all the same.
bad=() round=0
wrong() {
	bad+=("round $round: $*")
}

check_rounds() { # SENTENCE
	check "$1" is ${#bad[@]} -eq 0
	[ ${#bad[@]} = 0 ] || printf '# %s\n' "${bad[@]:0:10}"
}

stat_of() { # CGROUP NAME
	value "$2" "$(pd_dir "$1")/stats"
}

memstat() { # CGROUP NAME
	value "$2" "$cgroot/$1/memory.stat"
}

events() { # CGROUP NAME
	value "$2" "$cgroot/$1/memory.events"
}

refaults() { # CGROUP: pages that came back, of files and from swap
	awk '/^workingset_refault_/ { n += $2 } END { print n + 0 }' "$cgroot/$1/memory.stat"
}

psi_us() { # CGROUP: time that some task stalled for memory
	sed -n 's/^some.*total=//p' "$cgroot/$1/memory.pressure"
}

drop_caches() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

# Of the numbers on stdin; the lower one of the middle two of an even count.
median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

least_greatest() {
	sort -n | awk 'NR == 1 { a = $1 } { b = $1 } END { print a ".." b }'
}

# threads_of CGROUP: the daemons that serve it, by process id
threads_of() {
	grep -Els "^pagedaemon/${1//\//!}/[0-9]+$" /proc/[0-9]*/comm |
		sed 's|/proc/\([0-9]*\)/comm|\1|'
}

# Pages of a cgroup in MGLRU's generations, all nodes; none: its lruvec has left.
lru_gen_pages() { # CGROUP
	awk -v path="/$1" '
		$1 == "memcg" { mine = $3 == path; next }
		mine && $1 ~ /^[0-9]+$/ && $2 ~ /^[0-9]+$/ { n += $3 + $4 }
		END { print n + 0 }' "$lru_gen_debug"
}

# same_as_walk CGROUP [DESCENDANT...]: does memory.stat say what a walk of its pages
# finds? Pages of descendants are its own, and for a walk theirs. The kernel collects
# per-CPU counts every two seconds, hence the tries.
same_as_walk() {
	local walk=/tmp/walk.$$ stat=/tmp/stat.$$ generations try
	generations=$(lru_gen_pages "$1")
	# Pages of a cgroup that is no more may be in its generations.
	[ $# = 1 ] || ! mglru_on || generations=1
	for ((try = 0; try < 8; try++)); do
		"$pdwork" walk "${@/#/$cgroot/}" >"$walk" || return 1
		# Which of the two lists is for MGLRU to say.
		cat "$cgroot/$1/memory.stat" "$walk" | awk -v mglru="$generations" '
			{ v[$1, seen[$1]++] = $2 }
			END {
				list("anon"); list("file"); list("shmem")
				list("swapcached"); list("unevictable")
				both("inactive_anon", "active_anon")
				both("inactive_file", "active_file")
				exit bad
			}
			function list(n) { differ(n, v[n, 0], v[n, 1]) }
			function both(a, b) {
				if (!mglru) { list(a); list(b) }
				differ(a "+" b, v[a, 0] + v[b, 0], v[a, 1] + v[b, 1])
			}
			function differ(n, a, b) {
				if (a == b) return
				print "# " n ": memory.stat " a ", walk " b
				bad = 1
			}' >"$stat" && return 0
		sleep 1
	done
	cat "$stat"
	grep ^flags "$walk"
	return 1
}
