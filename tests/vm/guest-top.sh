#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-top.sh
# `top` on a load whose costliest directory and tasks are known: containers on
# overlays of their own, one of which gets a package installed, while others
# list what they have. Works on any kernel, as there is no truth to read.
. /lab/guest-lib.sh

# container N: an overlay with a lower usr/bin of 40 files, and one of 4000 in container 1
container() {
	base=/mnt/c$1
	mkdir -p "$base"
	mount -t tmpfs "c$1" "$base"
	mkdir -p "$base/lower/usr/bin" "$base/lower/usr/share/doc" "$base/upper" "$base/work" \
		"$base/merged"
	n=40
	[ "$1" != 1 ] || n=4000
	while [ $n -gt 0 ]; do
		: > "$base/lower/usr/bin/command-$n"
		n=$((n - 1))
	done
	mount -t overlay -o "lowerdir=$base/lower,upperdir=$base/upper,workdir=$base/work" overlay \
		"$base/merged"
	# as an image's layer on top: both layers have it
	: > "$base/merged/usr/bin/own"
	: > "$base/merged/usr/share/doc/own"
}

# installer: makes files in the big directory, some with a rename as dpkg does
cat > /tmp/installer <<-'END'
	#!/bin/sh
	printf installer > /proc/self/comm
	i=0
	while [ $i -lt 40 ]; do
		: > "/mnt/c1/merged/usr/bin/new-$i"
		i=$((i + 1))
		[ $((i % 8)) != 0 ] || mv "/mnt/c1/merged/usr/bin/new-$((i - 1))" /mnt/c1/merged/usr/bin/renamed-$i
	done
END
# lister N TIMES NAME: lists container N's directories again and again, by itself
cat > /tmp/lister <<-'END'
	#!/bin/sh
	printf %s "$3" > /proc/self/comm
	[ ! -d "/sys/fs/cgroup/box$1" ] || echo 0 > "/sys/fs/cgroup/box$1/cgroup.procs"
	i=0
	while [ $i -lt "$2" ]; do
		for f in /mnt/c$1/merged/* /mnt/c$1/merged/usr/* /mnt/c$1/merged/usr/bin/* /mnt/c$1/merged/usr/share/*/*; do
			:
		done
		i=$((i + 1))
	done
END

# load: as many listings of the big directory as of the others
load() {
	mkdir -p /sys/fs/cgroup/box1
	sh /tmp/installer &
	a=$!
	sh /tmp/lister 1 30 indexer &
	b=$!
	sh /tmp/lister 2 30 backup &
	c=$!
	/lab/workload --make /mnt/w --mode rebuild --ops 60 > /dev/null &
	wait $a $b $c $!
	# its name must still be shown
	rmdir /sys/fs/cgroup/box1
}

# waits until `top` has attached all probes: then it gives up privileges
begun() {
	until grep -q '^NoNewPrivs:.1' "/proc/$top/status"; do
		kill -0 $top || return
		sleep 0.2
	done
	sleep 1
}

# field N LINE
first_row() {
	awk '/ PATH$/ { getline; row = $0; getline; print row; print; exit }' "$1"
}

none=$(attached)
for n in 1 2 3; do
	container $n
done
mkdir -p /mnt/w

$OVL top -i 600 > /out/top.txt 2> /out/top.err &
top=$!
begun
load
# the block of what came since is for -d only: this one ends without
kill -TERM $top
wait $top
is "top: SIGTERM: exit status" 0 $?
is "top: no block before its time" 0 "$(wc -l < /out/top.txt)"

$OVL top -i 600 -d 12 > /out/top.txt 2> /out/top.err &
top=$!
begun
load
wait $top
is "top: -d: exit status" 0 $?
is "top: one block" 1 "$(grep -c ' PATH$' /out/top.txt)"
first_row /out/top.txt > /tmp/first
is "top: the costliest directory is the one that is large and listed while it grows" \
	/mnt/c1/merged/usr/bin "$(sed -n '1s/.* //p' /tmp/first)"
is "top: its cache is a merged one" merged "$(awk 'NR == 1 { print $(NF - 1) }' /tmp/first)"
is "top: its task, in its container" 1 "$(grep -c 'rebuilt by indexer/[0-9]* in /box1 30;' /tmp/first)"
is "top: it rebuilds on nearly each listing" 1 "$(sed -n 1p /tmp/first | grep -c '!')"
is "top: the impure directory's invalidations are the renames of its task" 1 \
	"$(grep -c 'invalidated by reader-0/[0-9]* rename [0-9]*' /out/top.txt)"
is "top: all mounts that are listed" 3 "$(sed -n 's/.*: \([0-9]*\) mounts.*/\1/p' /out/top.txt)"
is "top: nothing is lost" 1 "$(grep -c ' 0 lost$' /out/top.txt)"

$OVL top -i 600 -d 12 --by container > /out/top-by.txt 2> /out/top.err &
top=$!
begun
load
wait $top
# it lists three directories with lower files 30 times
is "top --by container: the costliest one, with its rebuilds" "/box1 yes" "$(awk '/ CONTAINER$/ {
	getline; print $NF, ($1 >= 30 && $2 > 0 ? "yes" : $0); exit }' /out/top-by.txt)"
is "top --by container: the installer invalidates in no container" yes "$(awk '/ CONTAINER$/ { rows = 1; next }
	rows && $NF != "/box1" { n += $4 } END { print (n > 0 ? "yes" : n) }' /out/top-by.txt)"
is "top --by container: no rows of directories" 0 "$(grep -c ' PATH$' /out/top-by.txt)"

# the same in records at the end
cat > /tmp/load <<-'END'
	#!/bin/sh
	sh /tmp/lister 1 20 indexer &
	/lab/workload --make /mnt/w --mode rebuild --ops 60 > /dev/null
	wait
END
$OVL run -q --hits -o /out/top-run.jsonl -- sh /tmp/load
is "run --hits on merged directories: exit status" 0 $?
is "run --hits: the costliest comes first" /mnt/c1/merged/usr/bin \
	"$(grep -m 1 '"type":"directory"' /out/top-run.jsonl | sed 's/.*"path":"\([^"]*\)".*/\1/')"
is "run --hits: 20 listings of it are 20 rebuilds" '20 20' "$(grep -m 1 '"type":"directory"' /out/top-run.jsonl |
	sed 's/.*"listings":\([0-9]*\).*"rebuilds":\([0-9]*\).*/\1 \2/')"
is "run --hits: rebuilds of impure directories" "$(summary /out/top-run.jsonl rebuilds)" \
	"$(directory /out/top-run.jsonl rebuilds)"
is "run --hits: 60 renames outdate 59 caches" 59 \
	"$(sed -n 's/.*"op":"rename","count":\([0-9]*\).*/\1/p' /out/top-run.jsonl)"
is "run --hits: hits of merged directories" "$(summary /out/top-run.jsonl merged_hits)" \
	"$(directory /out/top-run.jsonl hits merged)"

# another provider, the same counts
$OVL run -q --hits --without trampoline -o /out/top-kprobe.jsonl -- sh /tmp/load
is "without trampolines: the same counts" \
	"$(sed -n 's/.*"type":"directory".*"kind":\("[a-z]*"\).*\("listings":.*\)"rebuild_ns.*/\1 \2/p' /out/top-run.jsonl | sort)" \
	"$(sed -n 's/.*"type":"directory".*"kind":\("[a-z]*"\).*\("listings":.*\)"rebuild_ns.*/\1 \2/p' /out/top-kprobe.jsonl | sort)"

$OVL top --once -i 0.5 --mount /mnt/c3/merged > /out/other.txt
is "top --once: exit status" 0 $?
is "top --mount: nothing of others" 0 "$(grep -c merged /out/other.txt)"
{
	$OVL top -i 0.2 2> /out/epipe.err
	echo $? > /tmp/status
} | head -n 1 > /dev/null
is "a reader that goes away: exit status" "0 0" "$(cat /tmp/status) $(grep -vc note: /out/epipe.err)"
$OVL top --once -i 0.2 > /dev/full 2> /out/full.err
is "a full disk: exit status" "2 1" "$? $(grep -c 'standard output: No space left on device' /out/full.err)"
$OVL top -d 0.1x > /dev/null 2>&1
is "wrong usage: exit status" 2 $?
$OVL top x > /dev/null 2>&1
is "an argument: exit status" 2 $?
$OVL top --mount /tmp > /dev/null 2>&1
is "no overlay: exit status" 2 $?
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ "$(attached)" = "$none" ] && break
	sleep 1
done
is "nothing is attached after top" "$none" "$(attached)"
umount /mnt/c1/merged /mnt/c2/merged /mnt/c3/merged /mnt/c1 /mnt/c2 /mnt/c3
