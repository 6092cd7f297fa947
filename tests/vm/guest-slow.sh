#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-slow.sh [parts]
# `slow` on listings whose parts are known: how many layers and entries there are, who outdates
# a cache, and how long a task holds a lock. tests/vm/slow.py reads the JSON. Works on any
# kernel. With `parts`, only what differs between kernels.
. /lab/guest-lib.sh

base=/mnt/slow
mkdir -p $base
mount -t tmpfs slow $base
mkdir -p $base/l1/merged $base/l2/merged $base/l1/plain $base/l1/from $base/upper $base/work $base/m
i=0
while [ $i -lt 20 ]; do
	: > $base/l1/merged/one-$i
	: > $base/l2/merged/two-$i
	: > $base/l1/plain/file-$i
	: > $base/l1/from/file-$i
	i=$((i + 1))
done
mount_it() {
	mount -t overlay -o "lowerdir=$base/l1:$base/l2,upperdir=$base/upper,workdir=$base/work" \
		overlay $base/m
}
mount_it
: > $base/m/merged/own
# an impure directory: entries that came from below
mkdir $base/m/impure
i=0
while [ $i -lt 20 ]; do
	mv $base/m/from/file-$i $base/m/impure/
	i=$((i + 1))
done
umount $base/m
mount_it

# trace NAME OPTION...: begins, and waits until it traces
trace() {
	name=$1
	shift
	$OVL slow --over 1e-9 "$@" > "/out/$name.out" 2> "/out/$name.err" &
	slow=$!
	until grep -qs 'tracing listings' "/out/$name.err"; do
		kill -0 $slow || break
		sleep 0.2
	done
}

# over SIGNAL
over() {
	kill -"$1" $slow
	wait $slow
}

# load: each listing is of a shell of its own, named as what it does
load() {
	ls $base/m/merged > /dev/null
	ls $base/m/plain > /dev/null
	ls $base/m/impure > /dev/null
	ls $base/m/impure > /dev/null
	# outdates the impure cache
	cp /bin/busybox /tmp/mv 2> /dev/null || cp "$(command -v busybox)" /tmp/mv
	/tmp/mv $base/m/impure/file-3 $base/m/impure/moved
	ls $base/m/impure > /dev/null
}

none=$(attached)
trace slow --json --mount $base/m
load
/lab/slow-hold $base/m/merged 300 > /out/hold.txt
is "the lock was held" 0 $?
over TERM
is "slow --json: exit status" 0 $?
mv /out/slow.out /out/slow.json

# by kprobes
mv $base/m/impure/moved $base/m/impure/file-3
trace kprobe --json --mount $base/m --without trampoline
load
over INT
is "slow --without trampoline: exit status" 0 $?
mv /out/kprobe.out /out/kprobe.json

[ "$1" != parts ] || exit 0
# text and a file; a filter
trace text -n 3 -o /out/file.json
ls $base/m/merged > /dev/null
over INT
is "slow -o: exit status" 0 $?
is "slow: the answer" 1 "$(sed -n 1p /out/text.out |
	grep -c "^\([0-9]*\) of \1 listings took longer than .*; the slowest took .*: /.*, by ")"
is "slow: the table" 1 "$(grep -c '^  TOTAL-MS .* PATH$' /out/text.out)"
is "slow: the directory with its path" yes \
	"$(grep -q " merged  $base/m/merged\$" /out/text.out && echo yes)"
is "slow: -o wrote JSON" 1 "$(grep -c '^{"schema":"ovltrace-slow/1"' /out/file.json)"
trace filter --comm nobody
ls $base/m/merged > /dev/null
over INT
is "slow --comm: exit status" 0 $?
is "slow --comm: the answer" 1 "$(sed -n 1p /out/filter.out |
	grep -c '^none of [0-9]* listings, counting those of the chosen tasks, took longer than ')"

$OVL slow -d 0.1 --without trampoline --without kprobe > /dev/null 2>&1
is "slow without any probe: exit status" 4 $?
$OVL slow -d 0.1 > /dev/full 2> /out/full.err
is "slow: a full disk" "2 1" "$? $(grep -c 'standard output: No space left on device' /out/full.err)"
$OVL slow x > /dev/null 2>&1
is "slow: an argument: exit status" 2 $?
$OVL slow --mount /tmp > /dev/null 2>&1
is "slow: no overlay: exit status" 2 $?
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ "$(attached)" = "$none" ] && break
	sleep 1
done
is "nothing is attached after slow" "$none" "$(attached)"
umount $base/m $base
