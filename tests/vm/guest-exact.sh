#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-exact.sh NAME SECONDS WIDEN...
# Races of every kind on this machine's overlayfs: the tracer's counts must be
# the truth, to the event, and its exit status must follow from it.
. /lab/guest-lib.sh

name=$1 seconds=$2
shift 2

# run LABEL WORKLOAD-OPTION...
run() {
	label=$1 file=/out/$name-$1.jsonl
	shift
	truth_mark
	$OVL run -q -o "$file" -- /lab/workload --make /mnt/w "$@" > /dev/null
	status=$?
	exact "$name $label counts are the truth" "$file"
	is "$name $label exit status" "$(status_of_truth)" $status
}

for widen in "$@"; do
	echo "$widen" > $T/truth_widen_us
	run "race-2-1-w$widen" --mode race --readers 2 --renamers 1 --duration "$seconds"
	run "race-4-3-w$widen" --mode race --readers 4 --renamers 3 --duration "$seconds"
	run "empty-w$widen" --mode empty --duration "$seconds"
done
echo 0 > $T/truth_widen_us
run many --mode many --dirs 53 --duration "$seconds"
run cold --mode read --cold --readers 4 --rounds 23
run alternate --mode alternate --rounds 23 --dirs 7
is "$name alternate: 23 rounds make 23 rebuilds" 23 "$(summary "/out/$name-alternate.jsonl" rebuilds)"

# hits LABEL WORKLOAD-OPTION...: rebuilds of each directory add up to the truth
hits() {
	label=$1 file=/out/$name-hits-$1.jsonl
	shift
	truth_mark
	$OVL run -q --hits -o "$file" -- /lab/workload --make /mnt/w "$@" > /dev/null
	exact "$name hits $label: counts are the truth" "$file"
	is "$name hits $label: rebuilds of all directories" "$(truth_since rebuilds)" \
		"$(directory "$file" rebuilds)"
}

case $name in
racy | stock)
	hits many --mode many --dirs 7 --duration 1
	hits rebuild --mode rebuild --ops 102
	# the first rename comes before the first listing: there is no cache to outdate
	is "$name hits: 102 renames within a directory" 101 \
		"$(sed -n 's/.*"op":"rename","count":\([0-9]*\).*/\1/p' "/out/$name-hits-rebuild.jsonl")"
	;;
retry | noclear | per-entry | *-noinline | *-outline | *-nobtf)
	hits empty --mode empty --duration 1
	;;
esac

# a recording that is passed on: no address of the kernel's, and the same counts (tests/report/same.sh)
file=/out/$name-hashed.jsonl
$OVL run -q --hash-addresses -o "$file" -- /lab/workload --make /mnt/w --mode alternate --rounds 23 \
	--dirs 7 > /dev/null
is "$name hashed addresses: none of the kernel's" "23 0 1" "$(grep -c '"cache":"0x[89a-f]' "$file") \
$(grep -c '0xffff[89a-f]' "$file") $(grep -c '"addresses_hashed":true' "$file")"
is "$name recording: for its owner only" 600 "$(stat -c %a "$file")"

# rotation: the parts are the recording, and what was there before is kept
parts=/out/$name-rotated.parts
# one window an entry makes records so long that 100 parts of the other size do not hold them
size=16384
[ "$name" != per-entry ] || size=65536
echo earlier > $parts
truth_mark
$OVL run -q --rotate-size $size --rotate-files 100 -o $parts -- /lab/workload --make /mnt/w \
	--mode alternate --rounds 230 --dirs 7 > /dev/null
status=$?
exact "$name rotation: counts are the truth" $parts
n=0
while [ -e $parts.$((n + 1)) ]; do
	n=$((n + 1))
done
is "$name rotation: there are parts" yes "$([ $n -gt 5 ] && echo yes)"
is "$name rotation: the earlier recording is kept" earlier "$(cat $parts.$n)"
rm $parts.$n
while [ $n -gt 0 ]; do
	n=$((n - 1))
	[ $n = 0 ] && cat $parts || cat $parts.$n
done | awk '!/^[{]"type":"session"/ || !n++' > "/out/$name-rotated.jsonl"
is "$name rotation: report has the status of the run" $status \
	"$($OVL report -f json $parts > /tmp/parts.json; echo $?)"
$OVL report -f json "/out/$name-rotated.jsonl" > /tmp/whole.json
is "$name rotation: and all counts and findings" yes "$(cmp /tmp/parts.json /tmp/whole.json && echo yes)"

# metrics: the file is whole, in place, and nothing else is left
$OVL run -q --metrics /out/metrics.prom -- /lab/workload --make /mnt/w --mode alternate --rounds 23 \
	--dirs 7 > /dev/null
is "$name metrics" 23 "$(sed -nE 's/^ovltrace_rebuilds_total(\{[^}]*\})? //p' /out/metrics.prom)"
is "$name metrics: one file, for all to read" "/out/metrics.prom 644" \
	"$(echo /out/metrics.prom*) $(stat -c %a /out/metrics.prom)"
is "outputs leave nothing behind" "" "$(find /out -name '.*.tmp')"
