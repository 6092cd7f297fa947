#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-overlay.sh MODULE...
# Tests of overlayfs under `ovltrace run --ktap`: what they find, and in which test. The modules are
# /lab/MODULE.ko.
. /lab/guest-lib.sh

TESTS=$(/lab/overlay-tests --list | wc -l)

# findings FILE KIND [TEST]: of that kind, in that test
findings() {
	grep '"type":"finding"' "$1" | grep "\"kind\":\"$2\"" | grep -c "\"test\":\"${3-}"
}

# traced NAME [TEST...]: sets f, and status to that of `run`
traced() {
	name=$1
	f=/out/overlay-$1.jsonl
	shift
	$OVL run -q --ktap --require-rebuilds 1 -o "$f" -- /lab/overlay-tests "$@" > /out/overlay-$name.ktap
	status=$?
	$OVL report "$f" > /out/overlay-$name.txt
}

# passed: all tests but the known one, which is skipped
passed() {
	is "$name: tests that pass" "$((TESTS - 1))" "$(grep '^ok' /out/overlay-$name.ktap | grep -vc SKIP)"
	is "$name: tests that fail" "" "$(grep -B 1 '^not ok' /out/overlay-$name.ktap)"
	is "$name: nothing was lost" 0 "$(summary "$f" lost)"
	# what is skipped is not announced
	is "$name: tests that begin and end" "$((TESTS - 1)) $TESTS" \
		"$(grep -c '"type":"test".*"event":"begin"' "$f") $(grep -c '"type":"test".*"event":"end"' "$f")"
}

overlay_stock() {
	traced "$kernel-stock"
	is "$name: exit status" 0 $status
	is "$name: verdict" clean "$(verdict "$f")"
	passed
	traced "$kernel-hard-link" hard_link_copied_up
	is "$name: exit status" 1 $status
	is "$name: its finding" 1 "$(findings "$f" missed_invalidation hard_link_copied_up)"
	is "$name: the report" 1 \
		"$(grep -c '^  hard_link_copied_up (not ok): missed_invalidation 1$' /out/overlay-$name.txt)"
}

# Only the test that modifies an impure directory while it is listed can race.
overlay_racy() {
	echo 2000 > $T/truth_widen_us
	truth_mark
	traced "$kernel-racy"
	echo 0 > $T/truth_widen_us
	is "$name: exit status" 1 $status
	exact "$name: counts are the truth" "$f"
	is "$name: stale stores and unfreed caches, by test" \
		"$(truth_since stale_stores) $(truth_since unfreed)" \
		"$(findings "$f" stale_store modified_impure) $(findings "$f" unfreed_cache modified_impure)"
	[ "$(truth_since stale_stores)" -gt 0 ] || not_ok "$name: no stale store happened"
	is "$name: findings of no other test" "$(grep -c '"type":"finding"' "$f")" \
		"$(grep -c '"type":"finding".*"test":"modified_impure"' "$f")"
	is "$name: the table" "$TESTS tests, 1 of them with findings" \
		"$(grep ' tests, ' /out/overlay-$name.txt)"
}

overlay_half_pointer() {
	before=$(truth bad_returns)
	traced "$kernel-half-pointer"
	is "$name: exit status" 1 $status
	is "$name: bad returns" "$(($(truth bad_returns) - before))" "$(summary "$f" bad_returns)"
	is "$name: the test without room for a name has some" yes \
		"$([ "$(findings "$f" bad_return small_buffer)" -ge 1 ] && echo yes)"
	is "$name: none is without a test" "$(grep -c '"type":"finding"' "$f")" "$(findings "$f" bad_return)"
}

kernel=$(uname -r | cut -d . -f 1,2)
for module in "$@"; do
	if ! rmmod overlay || ! insmod "/lab/$module.ko"; then
		not_ok "$module: cannot be loaded"
	fi
	"overlay_$(echo "$module" | tr - _)"
done
