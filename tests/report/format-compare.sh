# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by test.sh: two recordings side by side.
# shellcheck disable=SC2154 # of test.sh

# compares NAME STATUS FIRST_LINE BEFORE AFTER
compares() {
	local status=0
	"$ovltrace" report "$4" "$5" > "$tmp/out" 2>&1 || status=$?
	is "compare: $1" "$2 $3" "$status $(head -n 1 "$tmp/out")"
}
compares "gone" 0 "gone: stale stores; verdict before: findings, after: clean" "$tmp/stale" "$tmp/clean"
is "compare: rates" "stale stores 249 0 1000.0 0.0" "$(grep '^stale stores' "$tmp/out" | tr -s ' ')"
compares "new" 1 "new: stale stores; verdict before: clean, after: findings" "$tmp/clean" "$tmp/stale.gz"
compares "still" 1 "still: stale stores; verdict before: findings, after: findings" "$tmp/stale" "$tmp/stale"
compares "none" 0 "no finding before or after; verdict before: clean, after: clean" "$tmp/clean" "$tmp/clean"
compares "one is cut" 3 "no finding before or after; verdict before: clean, after: inconclusive" \
	"$tmp/clean" "$tmp/short"
"$here/generate.py" 6 > "$tmp/tiny"
compares "few rebuilds" 0 "gone: stale stores; verdict before: findings, after: clean" "$tmp/stale" "$tmp/tiny"
is "compare: few rebuilds show little" 1 "$(grep -c 'there would be 2.0$' "$tmp/out")"
compares "one is unreadable" 2 "ovltrace: file '$tmp/noise': it has no records of ovltrace; pass a file that 'ovltrace run -o' wrote" "$tmp/clean" "$tmp/noise"
is "compare: JSON" "stale_store gone True 249 2" "$("$ovltrace" report -f json "$tmp/stale" "$tmp/tiny" |
	/usr/bin/python3 -c 'import json, sys
d = json.load(sys.stdin)
print(*d["findings"][0].values(), d["before"]["counts"]["stale_stores"], d["after"]["rebuild_times"]["count"])')"
is "compare: another format" 2 "$("$ovltrace" report -f html "$tmp/clean" "$tmp/stale" > "$tmp/out" 2>&1; echo $?)"
is "compare: a part" 2 "$("$ovltrace" report --kind kind_mix "$tmp/clean" "$tmp/stale" > "$tmp/out" 2>&1; echo $?)"
