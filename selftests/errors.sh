#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows: when the disk under a file fails to write, nothing is lost that the
# kernel would have kept, a counter and a log line tell, pages are not tried for
# again and again, and all is well again once the disk is.
cd "$(dirname "$(realpath "$0")")/.." || exit
. selftests/lib.sh
. selftests/work.sh

set_mglru "${MGLRU:-n}"
modprobe loop 2>/dev/null
modprobe dm-flakey 2>/dev/null || modprobe dm-mod 2>/dev/null
if ! dmsetup targets 2>/dev/null | grep -q '^flakey'; then
	skip_all "this kernel has no dm-flakey"
fi
# Nobody but the daemon shall write: what the flusher threads lose is clean.
echo 100000 >/proc/sys/vm/dirty_writeback_centisecs
echo 100000 >/proc/sys/vm/dirty_expire_centisecs
echo 90 >/proc/sys/vm/dirty_background_ratio
echo 95 >/proc/sys/vm/dirty_ratio
load_module

# There is no udev here to make the device's node.
export DM_DISABLE_UDEV=1
truncate -s 256M "$scratch/disk"
loop=$(losetup -f --show "$scratch/disk")
sectors=$(blockdev --getsz "$loop")
# The file system's own blocks are in the first 32 MB and stay sound: that their
# loss is an error of ext4's is not what is tested.
sound=65536
table() { # fail|work
	echo "0 $sound linear $loop 0"
	case $1 in
	fail) echo "$sound $((sectors - sound)) flakey $loop $sound 0 60 1 error_writes" ;;
	work) echo "$sound $((sectors - sound)) linear $loop $sound" ;;
	esac
}
turn() { # fail|work
	dmsetup suspend --noflush --nolockfs flaky && table "$1" | dmsetup load flaky &&
		dmsetup resume flaky
}
table work | dmsetup create flaky
# No journal: its own errors would make the file system read-only.
mkfs.ext4 -q -O ^has_journal -E lazy_itable_init=0 /dev/mapper/flaky
mkdir -p /mnt/flaky
mount -o errors=continue /dev/mapper/flaky /mnt/flaky
# Space in the sound part is not for data.
fallocate -l 40M /mnt/flaky/filler
"$pdwork" write /mnt/flaky/good 8M 7 >/dev/null
"$pdwork" write /mnt/flaky/bad 12M 8 >/dev/null
sync
"$pdwork" write "$scratch/errors_stream" 64M 1 >/dev/null
drop_caches

cg_make errors 32M
attach errors
lines() {
	dmesg | grep -c 'pagedaemon: errors: cannot write'
}
check "the disk begins to fail" turn fail
# Over what is there: new blocks would need the file system's own to be written.
cg_exec errors dd if=/dev/zero of=/mnt/flaky/bad bs=1M count=12 conv=notrunc status=none
for _ in 1 2 3; do
	cg_exec errors "$pdwork" stream "$scratch/errors_stream" 64M 1 >/dev/null
	sleep 1
done
check "pages that cannot be written are counted" is "$(stat_of errors launder_failed)" -gt 0
check "the log says so" is "$(lines)" -gt 0
note "failed $(stat_of errors launder_failed), tried $(stat_of errors laundered_file)," \
	"lines $(lines), dirty $(memstat errors file_dirty)"
tried=$(stat_of errors laundered_file)
cg_exec errors "$pdwork" stream "$scratch/errors_stream" 64M 2 >/dev/null
check "they are not tried again and again" is $(($(stat_of errors laundered_file) - tried)) -le 64
check "nobody was killed" is "$(events errors oom_kill)" -eq 0
check "another file on that disk is right" "$pdwork" check /mnt/flaky/good 8M 7

check "the disk is mended" turn work
# The owner is told at fsync(), once; after that pages are written as ever.
sync -f /mnt/flaky/bad 2>/dev/null
rm -f /mnt/flaky/bad
cg_exec errors "$pdwork" write /mnt/flaky/new 12M 11 >/dev/null
before=$(stat_of errors laundered_file)
cg_exec errors "$pdwork" stream "$scratch/errors_stream" 64M 3 >/dev/null
check "then pages are written again" is "$(stat_of errors laundered_file)" -gt "$before"
sync
drop_caches
check "and are what was written" "$pdwork" check /mnt/flaky/new 12M 11
detach errors
cg_remove errors
check "the file system unmounts" umount /mnt/flaky
dmsetup remove flaky
losetup -d "$loop"
check "no thread is left" is "$(pd_threads)" = ""
check "the module unloads" unload
rm -f "$scratch/disk" "$scratch/errors_stream"
finish
