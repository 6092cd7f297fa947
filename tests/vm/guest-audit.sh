#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-audit.sh plant | load NAME RUNS | life | elsewhere | listings
# plant: races until a wrong cache is left behind; the audit must find it, and nothing else.
# load: audits while directories are listed and modified; no cache may be called wrong.
# life: a cache made, outdated, replaced; needs no variant of overlayfs.
# elsewhere: an overlay of another mount namespace. listings: what directories list.
. /lab/guest-lib.sh

# field FILE NAME: a number of workload's --json
field() {
	sed -n 's/.*"'"$2"'":\([0-9]*\).*/\1/p' "$1"
}

# audit FILE [PATH]: its exit status is in $status
audit() {
	status=0
	out=$1
	shift
	$OVL audit --json "$@" > "$out" || status=$?
}

# said FILE TEXT: how often it is there
said() {
	grep -o "$2" "$1" | wc -l
}

# race NAME OPTION...: on mounts of its own in /mnt/NAME, which stay
race() {
	name=$1
	shift
	mkdir -p "/mnt/$name"
	/lab/workload --make "/mnt/$name" --no-unshare --keep --json "$@" > "/tmp/$name"
}

# A new listing by workload is the judge: it must disagree with statx where the audit says so.
plant() {
	echo 500 > $T/truth_widen_us
	found=0 n=0 wrong_word=0 planted=
	while [ $n -lt 40 ] && [ $found -lt 2 ]; do
		n=$((n + 1))
		race "w$n" --mode race --readers 2 --renamers 2 --duration 0.3 --seed $n --verify
		seen=$(field "/tmp/w$n" d_ino_mismatches)
		audit "/out/plant$n.json" "/mnt/w$n/merged"
		listed=$(said "/out/plant$n.json" '"kind":"ino"')
		[ "$seen" = "$listed" ] || wrong_word=$((wrong_word + 1))
		[ "$seen" != 0 ] && [ "$status" = 1 ] && found=$((found + 1)) && planted=w$n
		[ "$seen" != 0 ] && [ "$status" != 1 ] && wrong_word=$((wrong_word + 1))
		[ "$planted" = "w$n" ] || umount "/mnt/w$n/merged" "/mnt/w$n"
	done
	is "audit calls wrong what a new listing shows to be wrong, and nothing else" 0 $wrong_word
	if [ $found -gt 0 ]; then
		ok "audit found $found wrong caches that $n races left behind"
	else
		not_ok "audit: no wrong cache was left behind by $n races"
		return
	fi
	audit /out/all.json
	is "audit of all mounts finds it, too" 1 $status
	heal
}

# The next modification outdates the wrong cache, the next listing replaces it.
heal() {
	dir=/mnt/$planted/merged/D0
	one=$(ls $dir | head -n 1)
	echo 0 > $T/truth_widen_us
	mv "$dir/$one" "$dir/renamed"
	audit /out/outdated.json "/mnt/$planted/merged"
	is "audit of an outdated cache" "0 1" "$status $(said /out/outdated.json '"verdict":"outdated"')"
	before=$(truth rebuilds)
	ls $dir > /tmp/list
	audit /out/healed.json $dir
	is "audit of the cache after it" "0 1" "$status $(said /out/healed.json '"verdict":"ok"')"
	is "audit rebuilt nothing" 1 $(($(truth rebuilds) - before))
}

life() {
	race life --mode read --duration 0.2
	dir=/mnt/life/merged/D0
	audit /out/fresh.json
	is "audit of a fresh cache" "0 1 64" "$status $(said /out/fresh.json '"verdict":"ok"') \
$(field /out/fresh.json entries)"
	mv $dir/f3 $dir/f03
	audit /out/outdated.json $dir
	is "audit of an outdated cache" "0 1" "$status $(said /out/outdated.json '"verdict":"outdated"')"
	ls $dir > /tmp/list
	audit /out/again.json $dir
	is "audit of the next cache" "0 1" "$status $(said /out/again.json '"verdict":"ok"')"
}

# An overlay that only another mount namespace has.
elsewhere() {
	unshare -m sh -c 'mount --make-rprivate / 2> /dev/null; mount -t tmpfs t /mnt; cd /mnt
		mkdir -p l/d u/d w m; mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w m
		exec 9< m/d; ls m/d > /dev/null; echo $$ > /tmp/elsewhere; exec sleep 600' &
	pid=$!
	until [ -s /tmp/elsewhere ]; do
		sleep 0.1
	done
	audit /out/elsewhere.json
	is "audit of another mount namespace" "0 1" "$status \
$(said /out/elsewhere.json "\"path\":\"/proc/$(cat /tmp/elsewhere)/root/mnt/m\"")"
	$OVL audit > /out/elsewhere.txt
	is "audit begins with the verdict" 1 "$(head -n 1 /out/elsewhere.txt | grep -c '^verdict: clean')"
	cg=/sys/fs/cgroup/libpod-$(printf '0123456789abcdef%.0s' 1 2 3 4).scope
	mkdir "$cg"
	cat /tmp/elsewhere > "$cg/cgroup.procs"
	for who in "container 01234567" "comm sleep" "cgroup ${cg#/sys/fs/cgroup}"; do
		audit /out/elsewhere-used.json --${who% *} "${who#* }"
		is "audit --${who% *}: the overlay that is mounted for it" "0 1" \
			"$status $(said /out/elsewhere-used.json '"path":"/proc/[0-9]*/root/mnt/m"')"
	done
	audit /out/elsewhere-init.json --cgroup / --comm sh
	is "audit --comm: nothing that is not" "0 0" \
		"$status $(said /out/elsewhere-init.json '"path":"/proc/[0-9]*/root/mnt/m"')"
	audit /out/elsewhere-none --container 0123456789ac 2> /tmp/stderr
	is "audit --container: nobody" "2 1" "$status $(grep -c 'no process matches' /tmp/stderr)"
	rm /out/elsewhere-none
	kill $pid "$(cat /tmp/elsewhere)"
	wait $pid || : # it was killed
}

# compare FILE ARG...: the listings; the exit status is in $status
compare() {
	audit "$1" --listings "$2"
}

# What directories list: a hard link that released kernels list wrongly, and whiteouts.
listings() {
	mkdir -p /mnt/lists
	mount -t tmpfs t /mnt/lists
	cd /mnt/lists || exit
	mkdir -p l/o u w m
	touch l/a
	mount -t overlay o -o lowerdir=/mnt/lists/l,upperdir=/mnt/lists/u,workdir=/mnt/lists/w m
	mkdir m/D
	mv m/a m/D
	ls m/D > /tmp/list
	compare /out/lists-right.json m
	is "listings that are right" "0 3" "$status $(field /out/lists-right.json compared)"
	ln m/D/a m/D/k
	compare /out/lists-link.json m/D
	is "listings: a hard link in a fresh impure directory" "1 1" \
		"$status $(said /out/lists-link.json '"name":"k".*"cause":"hard_link"')"
	mv m/D/a m/D/b
	compare /out/lists-again.json m/D
	is "listings: the next modification outdates that cache" 0 $status
	umount m
	mknod l/o/gone c 0 0
	mount -t overlay o -o lowerdir=/mnt/lists/l,upperdir=/mnt/lists/u,workdir=/mnt/lists/w m
	compare /out/lists-whiteout.json m
	is "listings: a whiteout that is listed" "1 1" \
		"$status $(said /out/lists-whiteout.json '"name":"gone".*"cause":"whiteout"')"
	cd /
	umount /mnt/lists/m /mnt/lists
}

# start NAME OPTION...: the same in the background, at low priority, for the audit to get its turn
start() {
	mkdir -p "/mnt/$1"
	sh -c 'renice -n 19 -p $$ > /dev/null; name=$1; shift
		exec /lab/workload --make "/mnt/$name" --no-unshare --keep "$@" > /dev/null' sh "$@" &
	pids="$pids $!"
}

load() {
	echo 200 > $T/truth_widen_us
	pids=
	start busy --mode race --readers 2 --renamers 1 --duration 600
	start slow --mode many --dirs 7 --period 20000 --duration 600
	until [ -d /mnt/busy/merged/D0 ] && [ -d /mnt/slow/merged/D6 ]; do
		sleep 0.1
	done
	sleep 1
	before=$(truth stores)
	n=0 clean=0 wrong=0 inconclusive=0 other=0
	while [ $n -lt "$2" ]; do
		n=$((n + 1))
		audit "/tmp/load$n.json"
		case $status in
		0) clean=$((clean + 1)) ;;
		1) wrong=$((wrong + 1)) && cp "/tmp/load$n.json" /out/ ;;
		3) inconclusive=$((inconclusive + 1)) ;;
		*) other=$((other + 1)) ;;
		esac
	done
	cp "/tmp/load$n.json" /out/
	is "audit calls no cache of $1 wrong in $2 runs under load" "0 0" "$wrong $other"
	echo "# $clean clean, $inconclusive never settled;" \
		"$(($(truth stores) - before)) caches were stored during them;" \
		"$(cat /tmp/load*.json | grep -o '"verdict":"ok"' | wc -l) right," \
		"$(cat /tmp/load*.json | grep -o '"verdict":"outdated"' | wc -l) outdated," \
		"$(cat /tmp/load*.json | grep -o '"verdict":"changing"' | wc -l) changing"
	if [ "$(cat /tmp/load*.json | grep -o '"verdict":"ok"' | wc -l)" -gt "$2" ]; then
		ok "audit compared caches under load"
	else
		not_ok "audit compared hardly any cache under load"
	fi
	# shellcheck disable=SC2086
	kill $pids
	wait
	audit /out/quiet.json
	is "audit after the load" 0 $status
}

"$@"
