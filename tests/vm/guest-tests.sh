#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-tests.sh
# Findings name the test that was running. It is known from the kernel log, as with
# fstests, or from KTAP on standard output. Needs a racy kernel.
. /lab/guest-lib.sh

# findings_in FILE KIND TEST: findings of that kind in that test
findings_in() {
	grep '"type":"finding"' "$1" | grep "\"kind\":\"$2\"" | grep -cF "\"test\":\"$3\""
}

# A run of fstests as the kernel's log shows it. Only the second one has no race.
cat > /tmp/fstests <<'END'
T=/sys/module/overlay/parameters
for t in overlay/038 overlay/041 overlay/077; do
	echo "run fstests $t at 2026-11-25 10:00:00" > /dev/kmsg
	stale=$(cat $T/truth_stale_stores) unfreed=$(cat $T/truth_unfreed)
	case $t in
	overlay/041) /lab/workload --make /mnt/w --mode rebuild --ops 300 ;;
	*) /lab/workload --make /mnt/w --mode race --duration 2 ;;
	esac
	echo "$t $(($(cat $T/truth_stale_stores) - stale)) $(($(cat $T/truth_unfreed) - unfreed))" >> /tmp/truth
done > /dev/null
END

fstests() {
	rm -f /tmp/truth
	$OVL run -o /out/fstests.jsonl -- sh /tmp/fstests 2> /out/fstests.txt
	while read -r name stale unfreed; do
		is "fstests: $name: its findings are the truth" "$stale $unfreed" \
			"$(findings_in /out/fstests.jsonl stale_store "$name") $(findings_in /out/fstests.jsonl unfreed_cache "$name")"
		[ "$name" = overlay/041 ] || is "fstests: $name: there are some" yes "$([ "$stale" -gt 0 ] && echo yes)"
	done < /tmp/truth
	is "fstests: no finding is without a test" 0 "$(grep '"type":"finding"' /out/fstests.jsonl | grep -vc '"test":"overlay/')"
	is "fstests: each test begins and ends" "3 3" \
		"$(grep -c '"type":"test".*"event":"begin"' /out/fstests.jsonl) $(grep -c '"type":"test".*"event":"end"' /out/fstests.jsonl)"
	is "fstests: the headline names the test" yes "$(grep -q '^stale_store .* during overlay/038$' /out/fstests.txt && echo yes)"
	is "fstests: the table" "3 tests, 2 of them with findings" "$(grep ' tests, ' /out/fstests.txt)"
	$OVL report /out/fstests.jsonl > /out/fstests-report.txt
	is "fstests: the report has the same table" "$(grep -A 3 ' tests, ' /out/fstests.txt)" \
		"$(grep -A 3 ' tests, ' /out/fstests-report.txt)"
}

# The first one is announced, the others are not.
cat > /tmp/ktap <<'END'
echo "KTAP version 1
1..3
  KTAP version 1
  # Subtest: caches
  1..1"
/lab/workload --make /mnt/w --mode race --duration 2 > /dev/null
echo "  not ok 1 race
not ok 1 caches"
/lab/workload --make /mnt/w --mode rebuild --ops 300 > /dev/null
echo "ok 2 quiet"
/lab/workload --make /mnt/w --mode race --duration 2 > /dev/null
printf 'ok 3 more # why not\n'
END

ktap() {
	$OVL run -q --ktap -o /out/ktap.jsonl -- sh /tmp/ktap > /tmp/ktap.out
	sh /tmp/ktap > /tmp/ktap.want
	is "ktap: what the command prints is passed on" "$(cat /tmp/ktap.want)" "$(cat /tmp/ktap.out)"
	is "ktap: its tests" "caches/race caches quiet more" \
		"$(sed -n 's/.*"type":"test".*"name":"\([^"]*\)".*"event":"end".*/\1/p' /out/ktap.jsonl | tr '\n' ' ' | sed 's/ $//')"
	is "ktap: the announced one is named at once" yes \
		"$([ "$(findings_in /out/ktap.jsonl stale_store caches)" -gt 0 ] && echo yes)"
	$OVL report /out/ktap.jsonl > /out/ktap-report.txt
	is "ktap: tests with findings" "4 tests, 2 of them with findings|caches/race|more" \
		"$(sed -n '/ tests, /,/^$/s/^  *//p; / tests, /p' /out/ktap-report.txt | sed 's/ (.*//' | grep . | tr '\n' '|' | sed 's/|$//')"
	is "ktap: the result is shown" yes "$(grep -q '^  caches/race (not ok): stale_store ' /out/ktap-report.txt && echo yes)"
	# the reader closes the pipe: the command gets SIGPIPE, and the trace ends well
	$OVL run -q --ktap -o /out/ktap-gone.jsonl -- sh -c 'while echo ok; do :; done' | head -n 1 > /dev/null
	is "ktap: a reader that goes away: the file is complete" 1 \
		"$(tail -n 1 /out/ktap-gone.jsonl | grep -c '"type":"summary"')"
	$OVL run --ktap -d 1 2> /tmp/stderr
	is "ktap: not without a command" "2 1" "$? $(grep -c "'--ktap'" /tmp/stderr)"
}

# One modification in 5 ms: the race is rare, unless its windows are held open.
widen() {
	sparse="/lab/workload --make /mnt/w --mode race --readers 2 --renamers 1 --period 5000 --duration 5"
	truth_mark
	$OVL run -q -o /out/not-widened.jsonl -- $sparse > /dev/null
	exact "not widened: counts are the truth" /out/not-widened.jsonl
	few=$(truth_since stale_stores)
	truth_mark
	$OVL run --widen 10000 -o /out/widen.jsonl -- $sparse > /dev/null 2> /out/widen.txt
	is "widen: exit status" 1 $?
	exact "widen: counts are the truth" /out/widen.jsonl
	is "widen: the rare race is less rare" yes "$([ "$(truth_since stale_stores)" -gt "$few" ] && echo yes)"
	is "widen: the session says so" 10000 "$(head -n 1 /out/widen.jsonl | sed -n 's/.*"widen":\([0-9]*\).*/\1/p')"
	is "widen: the text says so" 1 "$(grep -c "^windows of the command's tasks are held open" /out/widen.txt)"
	ok "widen: $(tail -n 1 /out/widen.jsonl | sed -n 's/.*"widened":{\([^}]*\)}.*/\1/p')"
	# tasks of others are not held, orphans of COMMAND are
	$OVL run -q --widen 10000 -o /out/widen-others.jsonl -- sleep 3 &
	pid=$!
	$sparse > /dev/null
	wait $pid
	is "widen: no other task is held" 0 \
		"$(tail -n 1 /out/widen-others.jsonl | sed -n 's/.*"widened":{"waits":\([0-9]*\).*/\1/p')"
	$OVL run -q --widen 10000 -o /out/widen-orphan.jsonl -- sh -c "($sparse > /dev/null &) ; sleep 4"
	is "widen: orphans are" yes \
		"$([ "$(tail -n 1 /out/widen-orphan.jsonl | sed -n 's/.*"widened":{"waits":\([0-9]*\).*/\1/p')" -gt 0 ] && echo yes)"
	$OVL run --widen 10000 -d 1 2> /tmp/stderr
	is "widen: not without a command" "2 1" "$? $(grep -c "'--widen'" /tmp/stderr)"
	$OVL run --widen 1s -- true 2> /tmp/stderr
	is "widen: no number" "2 1" "$? $(grep -c "'1s'" /tmp/stderr)"
}

fstests
ktap
widen
