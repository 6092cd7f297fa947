#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-kinds.sh MODULE...
# Violates invariants: `run` must count each violation. The modules are /lab/MODULE.ko, but for
# `untouched`: overlayfs that is built in, without counters.
# The free of a merged directory's cache on the impure path is left out, because a machine
# may not survive it (tests/vm/mix.c can do it).
. /lab/guest-lib.sh

load() {
	rmmod overlay && insmod "/lab/$1.ko" || not_ok "$1: cannot be loaded"
}

# area: layers on one tmpfs, merged directories M0 ... M4 of files f and g
area() {
	mkdir -p /mnt/k && mount -t tmpfs none /mnt/k
	mkdir /mnt/k/l /mnt/k/u /mnt/k/w /mnt/k/m
	for d in 0 1 2 3 4; do
		mkdir "/mnt/k/l/M$d"
		echo > "/mnt/k/l/M$d/f"
		echo > "/mnt/k/l/M$d/g"
	done
	mount -t overlay none -o lowerdir=/mnt/k/l,upperdir=/mnt/k/u,workdir=/mnt/k/w /mnt/k/m
}

area_end() {
	umount /mnt/k/m
	umount /mnt/k
}

# incidents FILE WHAT
incidents() {
	grep -c "^{\"type\":\"incident\".*\"incident\":\"$2\"" "$1"
}

# none_of NAME FILE COUNT...: all that are named are 0
none_of() {
	label=$1 file=$2
	shift 2
	for count in "$@"; do
		is "$label: $count" 0 "$(summary "$file" "$count")"
	done
}

kinds_bad_return() {
	area
	f=/out/bad-return.jsonl
	echo 5 > $T/bad_every
	cat > /tmp/bad <<-'END'
		/lab/workload --make /mnt/w --mode alternate --rounds 23 --dirs 7 > /dev/null 2>&1
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do ls /mnt/k/m/M0 > /dev/null 2>&1; touch /mnt/k/m/M0/$i; done
	END
	$OVL run -q -o $f -- sh /tmp/bad
	is "bad-return: exit status" 1 $?
	echo 0 > $T/bad_every
	want=$(($(truth bad_returns) + $(truth eio_rebuilds)))
	is "bad-return: $(truth bad_returns) returns, $(truth eio_rebuilds) rebuilds with EIO" $want \
		"$(summary $f bad_returns)"
	[ "$(truth bad_returns)" -ge 2 ] && [ "$(truth eio_rebuilds)" -ge 4 ] ||
		not_ok "bad-return: too few happened"
	is "bad-return: values that are no errno" "$(truth bad_returns)" "$(incidents $f bad_return)"
	none_of bad-return $f kind_mixes lock_hazards lost
	area_end
}

# known DEFECT: whether `doctor` says that this kernel has it
known() {
	$OVL doctor --json | sed -n "s/.*{\"id\":\"$1\",\"state\":\"\([a-z]*\)\".*/\1/p"
}

# Only the modules that return bad values count them.
bad_returns() {
	if [ -e $T/truth_bad_returns ]; then truth bad_returns; else echo 0; fi
}

# empty_reads NAME WANT: what `doctor` says is what listings without room for a name return
empty_reads() {
	area
	# the directories are merged only when they are copied up
	for d in 0 1 2 3 4; do
		touch /mnt/k/m/M$d/h
	done
	is "$1: doctor" "$2" "$(known listing_returns_pointer)"
	f=/out/$1-empty.jsonl
	before=$(bad_returns)
	$OVL run -q -o $f -- sh -c 'cd /mnt/k/m && /lab/empty-read M* > /tmp/returned'
	status=$?
	bad=$(($(bad_returns) - before))
	is "$1: bad returns" "$bad" "$(summary $f bad_returns)"
	is "$1: exit status" "$((bad > 0))" $status
	is "$1: calls" 5 "$(wc -l < /tmp/returned)"
	none_of "$1" $f kind_mixes lock_hazards lost
	area_end
}

# Half of a pointer that is positive hides behind the buffer's own error.
kinds_half_pointer() {
	empty_reads half-pointer affected
	[ $bad -ge 5 ] || not_ok "half-pointer: only $bad bad returns"
	is "half-pointer: addresses that users see" "$(grep -cx -- '-[0-9]\{5,\}' /tmp/returned)" \
		"$(grep -cvx -- -22 /tmp/returned)"
	$OVL doctor --strict > /out/half-pointer-doctor.txt
	is "half-pointer: doctor --strict" 1 $?
	is "half-pointer: it says what that means" 1 \
		"$(grep -c 'CVE-2026-53174' /out/half-pointer-doctor.txt)"
	$OVL check -d 3 > /out/half-pointer-check.txt 2>&1
	is "half-pointer: check" 1 $?
	is "half-pointer: its result" 1 "$(grep -c '^not ok [0-9]* bad_return' /out/half-pointer-check.txt)"
}

# Names in the dcache are found without the lock: the hazard is reported, and no task hangs.
kinds_posted() {
	area
	f=/out/posted.jsonl
	touch /mnt/k/m/M0/f /mnt/k/m/M0/g
	$OVL run -q -o $f -- sh -c 'for i in 1 2 3; do ls /mnt/k/m/M0 > /dev/null; done'
	is "posted: exit status" 1 $?
	is "posted: lookups under the lock" "$(truth locked_lookups)" "$(summary $f lock_hazards)"
	[ "$(truth locked_lookups)" -ge 2 ] || not_ok "posted: too few lookups"
	is "posted: names are known" 0 "$(grep -c '"locked_lookup".*"name":null' $f)"
	none_of posted $f kind_mixes bad_returns lost
	area_end
}

kinds_late_flag() {
	area
	f=/out/late-flag.jsonl
	echo 200000 > $T/late_flag_us
	$OVL run -q -o $f -- sh -c 'cd /mnt/k/m; /lab/mix 200000 stored M1; sleep 0.5
		/lab/mix 200000 served M2; sleep 0.5'
	is "late-flag: exit status" 1 $?
	is "late-flag: the order is reported" 1 "$(grep -c '"copy_up_order":"wrong"' $f)"
	is "late-flag: impure caches on merged directories" "$(truth mixed_stores)" \
		"$(incidents $f impure_cache_stored)"
	is "late-flag: merged caches that the impure path served" "$(truth mixed_serves)" \
		"$(incidents $f merged_cache_served)"
	is "late-flag: directories listed as real ones" 2 "$(incidents $f listed_as_real)"
	want=$((2 + $(truth mixed_stores) + $(truth mixed_serves)))
	is "late-flag: all of them" $want "$(summary $f kind_mixes)"
	[ "$(truth mixed_stores)" = 1 ] && [ "$(truth mixed_serves)" -ge 1 ] ||
		not_ok "late-flag: $(truth mixed_stores) stores, $(truth mixed_serves) served"
	none_of late-flag $f bad_returns lock_hazards lost
	area_end
}

# entries: links a copied-up file in a fresh impure directory, and what must not count
entries() {
	cat <<-'END'
		cd /mnt/k/m; mkdir D E; mv M0/f D/a; mv M1/f E/b; ls D E > /dev/null
		ln D/a D/k; ls -i D; ln D/a E/l; ls D E > /dev/null
		touch D/new; ln D/new D/new2; ls D > /dev/null
		rm D/k; mv D/a E/a; ls D E > /dev/null; mv E/b E/c; rm E/a
	END
}

# missed NAME WANT [OPTION...]: the findings are what the kernel counted, and name who did what
# where
missed() {
	name=$1 want=$2
	shift 2
	area
	f=/out/missed-$name.jsonl
	entries > /tmp/entries
	counter=$T/truth_missed_invalidations before=0
	[ ! -e $counter ] || before=$(cat $counter)
	$OVL run -q "$@" -o $f -- sh -e /tmp/entries > /dev/null
	is "$name: exit status" "$((want > 0))" $?
	[ ! -e $counter ] ||
		is "$name: missed invalidations truly" "$want" "$(($(cat $counter) - before))"
	is "$name: missed invalidations" "$want" "$(summary $f missed_invalidations)"
	is "$name: all of them links" "$want" "$(grep -c '"comm":"ln".*"op":"link","name":"[kl]"' $f)"
	is "$name: in their directories" "$want" \
		"$(grep -c '"incident":"missed_inv.*/mnt/k/m/\(D".*"name":"k"\|E".*"name":"l"\)' $f)"
	none_of "$name" $f stale_stores kind_mixes lost
	area_end
}

# audited NAME STATUS: what `run` finds at a link is what `audit` sees afterwards
audited() {
	area
	f=/out/audited-$1.jsonl
	$OVL run -q -o $f -- sh -e -c 'cd /mnt/k/m; mkdir D; mv M0/f D/a; ls D; ln D/a D/k' > /dev/null
	is "$1: run at a link" "$2" $?
	exec 9< /mnt/k/m/D
	$OVL audit /mnt/k/m > /out/audited-$1.txt
	is "$1: audit after it" "$2" $?
	exec 9<&-
	area_end
}

# Without trampolines the instructions that return are probed.
kinds_stock() {
	empty_reads stock fixed
	is "stock: no room for a name is EINVAL" 5 "$(grep -cx -- -22 /tmp/returned)"
	missed stock 2
	none_of stock $f bad_returns
	missed stock-returns 2 --without trampoline
	audited stock 1
	missed_in_namespace
	missed_with_xino
}

kinds_link_version() {
	missed link-version 0
	none_of link-version $f bad_returns
	missed link-version-returns 0 --without trampoline
	audited link-version 0
}

# Operations are named `.llvm.N`, and have no trampolines.
kinds_untouched() {
	missed untouched 2
	is "untouched: seen by" kprobe-instruction "$(provider $f operation_returned)"
	audited untouched 1
}

# In a user namespace the origin cannot be decoded: a link gets the upper number.
missed_in_namespace() {
	area
	f=/out/missed-namespace.jsonl
	mkdir /mnt/k/u2 /mnt/k/w2 /mnt/k/m2
	cat > /tmp/namespace <<-'END'
		mount -t overlay none -o lowerdir=/mnt/k/l,upperdir=/mnt/k/u2,workdir=/mnt/k/w2,userxattr /mnt/k/m2
		cd /mnt/k/m2; mkdir D; mv M0/f D/a; ls D; ln D/a D/k; ls -i D
	END
	$OVL run -q -o $f -- unshare -Urm sh -e /tmp/namespace > /dev/null
	is "namespace: exit status" 0 $?
	is "namespace: missed invalidations" 0 "$(summary $f missed_invalidations)"
	area_end
}

# With xino on several filesystems a link's number is not known: the count is null, not 0.
missed_with_xino() {
	area
	f=/out/missed-xino.jsonl
	mkdir /mnt/k/far && mount -t tmpfs none /mnt/k/far
	mkdir /mnt/k/far/l /mnt/k/u3 /mnt/k/w3 /mnt/k/m3
	touch /mnt/k/far/l/f
	mount -t overlay none -o lowerdir=/mnt/k/far/l,upperdir=/mnt/k/u3,workdir=/mnt/k/w3,xino=on \
		/mnt/k/m3
	$OVL run -q -o $f -- sh -e -c 'cd /mnt/k/m3; mkdir D; mv f D/a; ls D; ln D/a D/k' > /dev/null
	is "xino: exit status" 0 $?
	is "xino: a cache was stored" 1 "$(summary $f stores)"
	is "xino: missed invalidations" null "$(summary $f missed_invalidations)"
	umount /mnt/k/m3
	umount /mnt/k/far
	area_end
}

for module in "$@"; do
	[ "$module" = untouched ] || load "$module"
	"kinds_$(echo "$module" | tr - _)"
done
