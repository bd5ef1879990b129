#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: an attachment serves the cgroup and all its descendants. Leaves that are
# made later join, removed ones leave, memory.low is respected, a descendant that
# is attached on its own is served by its own daemon, and what the queue pairs
# say adds up. The limit is the parent's; stalls and refaults are those of a
# single cgroup of that size.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

set_mglru "${MGLRU:-n}"
for f in a b c; do
	"$pdwork" write "$scratch/tree_$f" 24M 1 >/dev/null
done
drop_caches
load_module

pairs() { # the lines of the queue pairs of tree
	cat "$pd/tree/pairs"
}
of_pair() { # WORD PATH [DOMAIN]: its value
	awk -v word="$1" -v path="$2" '$NF == path {
		for (i = 1; i < NF; i += 2) if ($i == word) n += $(i + 1)
	} END { print n + 0 }' "$pd/${3-tree}/pairs"
}
nr_pairs() {
	stat_of tree queue_pairs
}
has_pairs() { # NUMBER
	[ "$(nr_pairs)" = "$1" ]
}

cg_make tree 48M
echo +memory >"$cgroot/tree/cgroup.subtree_control"
for leaf in a b; do
	cg_make tree/$leaf
done
attach tree
check "the daemon is the parent's alone" is "$(pd_threads)" = "pagedaemon/tree/0"
check "parent and leaves have queue pairs" is "$(nr_pairs)" -eq 3
cg_make tree/c
check "a leaf that comes later joins" until_true 10 has_pairs 4
mkdir -p "$cgroot/tree/d"
check "and another" until_true 10 has_pairs 5
rmdir "$cgroot/tree/d"
check "an empty one that is removed leaves" until_true 10 has_pairs 4

# All three beyond the limit together, each far from any limit of its own.
for leaf in a b c; do
	cg_start /tmp/stream_$leaf tree/$leaf "$pdwork" stream "$scratch/tree_$leaf" 24M 1000000
	cg_start /tmp/anon_$leaf tree/$leaf "$pdwork" churn anon - 4M 1 0
done
for leaf in a b c; do
	await_line filled /tmp/anon_$leaf
done
sleep 8
freed() { # pages freed so far, all pairs
	pairs | awk '{ for (i = 1; i < NF; i += 2) if ($i == "freed") n += $(i + 1) }
		END { print n }'
}
for leaf in a b c; do
	check "/tree/$leaf gives pages" is "$(of_pair freed /tree/$leaf)" -gt 500
done
note "$(pairs)"

kill -STOP "${jobs_started[@]}"
sleep 2
adds_up() {
	local what sum
	for what in inactive active anon file; do
		sum=$(pairs | awk -v what="$what" '{
			for (i = 1; i < NF; i += 2) if ($i == what) n += $(i + 1)
		} END { print n }')
		[ "$sum" = "$(stat_of tree "$what")" ] || {
			echo "$what: pairs $sum, stats $(stat_of tree "$what")"
			return 1
		}
	done
	[ "$(freed)" = "$(stat_of tree freed)" ] ||
		{ echo "freed: pairs $(freed), stats $(stat_of tree freed)"; return 1; }
}
check "what the pairs say adds up to the stats" until_true 5 adds_up
for leaf in a b c; do
	check "memory.stat of $leaf counts what a walk finds" same_as_walk tree/$leaf
done

# A descendant of its own.
attach tree/a
check "a descendant can be attached on its own" is "$(pd_threads | sort | xargs)" = \
	"pagedaemon/tree!a/0 pagedaemon/tree/0"
check "it leaves the parent's domain" is "$(nr_pairs)" -eq 3
check "with its pages" is "$(of_pair file /tree/a 'tree!a')" -gt 500
kill -CONT "${jobs_started[@]}"
sleep 3
detach tree/a
check "and comes back when detached" is "$(nr_pairs)" -eq 4
check "with its pages" is "$(of_pair file /tree/a)" -gt 100

# Removed while its pages are there: they stay on the queues until they are gone.
echo 1 >"$cgroot/tree/c/cgroup.kill"
check "a leaf is removed while in use" until_true 20 rmdir "$cgroot/tree/c" 2>/dev/null
check "its pages are still with the domain" is "$(nr_pairs)" -eq 4
# Its file, and what its tasks said into files in memory.
rm -f "$scratch/tree_c" /tmp/stream_c /tmp/anon_c
gone() {
	# Nothing tells of the last page going; the next change of the tree does.
	mkdir "$cgroot/tree/x" && rmdir "$cgroot/tree/x"
	has_pairs 3
}
check "its pair leaves with its last page" until_true 60 gone
jobs_of_c=()
for pid in "${jobs_started[@]}"; do
	kill -0 "$pid" 2>/dev/null || jobs_of_c+=("$pid")
done
check "two jobs ended with it" is ${#jobs_of_c[@]} -eq 2
for pid in "${jobs_of_c[@]}"; do
	wait "$pid" 2>/dev/null
done
left=()
for pid in "${jobs_started[@]}"; do
	[[ " ${jobs_of_c[*]} " == *" $pid "* ]] || left+=("$pid")
done
jobs_started=("${left[@]}")
check_jobs "all data is what was written"

# memory.low: a leaf that stays below it loses nothing while others have pages.
cg_make tree/low
echo 16M >"$cgroot/tree/low/memory.low"
echo 16M >"$cgroot/tree/memory.low"
"$pdwork" write "$scratch/tree_low" 12M 1 >/dev/null
drop_caches
cg_exec tree/low "$pdwork" stream "$scratch/tree_low" 12M 1 >/dev/null
resident() {
	"$pdwork" resident "$scratch/tree_low" | awk '$1 == "resident" { print $2 }'
}
before=$(resident)
cg_exec tree/b "$pdwork" stream "$scratch/tree_b" 24M 3 >/dev/null
cg_exec tree/a "$pdwork" stream "$scratch/tree_a" 24M 3 >/dev/null
check "a leaf below its memory.low loses no page to others" is \
	"$(of_pair freed /tree/low)" -eq 0
check "all of its file stays in memory" is "$(resident)" = "$before"
check "and it is said to be spared" is "$(of_pair spared /tree/low)" -eq 1
check "nobody was killed" is "$(events tree oom_kill)" -eq 0

detach tree
check "no thread is left" is "$(pd_threads)" = ""
for leaf in a b low; do
	cg_remove tree/$leaf
done
cg_remove tree
check "the module unloads" unload
rm -f "$scratch"/tree_*
finish
