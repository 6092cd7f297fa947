# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by test.sh: trace events that importers accept, and a checker that finds what they do not.
# shellcheck disable=SC2154 # of test.sh

# perfetto NAME WANT FILE
perfetto() {
	"$ovltrace" report --format perfetto "$3" > "$tmp/trace"
	is "perfetto: $1" "$2" "$(/usr/bin/python3 "$here/perfetto.py" "$tmp/trace" || echo bad)"
}
perfetto "clean" "2495 slices, 998 bars, 0 arrows, 0 marks" "$tmp/clean"
perfetto "findings" "1245 slices, 498 bars, 249 arrows, 249 marks" "$tmp/stale"
perfetto "two hosts" "3740 slices, 1496 bars, 249 arrows, 249 marks" "$tmp/both.gz"
sed 's|/mnt/w/merged/D1"|/\\"<script>\\\\\\u001b]0;x\\u202e\\n"|; s|"f1"|"\\u0007\\u2028"|' "$tmp/stale" > "$tmp/names"
perfetto "hostile names" "1245 slices, 498 bars, 249 arrows, 249 marks" "$tmp/names"

"$ovltrace" report --format perfetto "$here/../golden/recording.jsonl" > "$tmp/trace"
is "perfetto: every kind of finding" 0 "$(/usr/bin/python3 "$here/perfetto.py" "$tmp/trace" > "$tmp/out"; echo $?)"

# planted NAME WORDS SED_SCRIPT: the checker finds a fault in the trace of findings
"$ovltrace" report --format perfetto "$tmp/stale" | sed 's/},{"ph"/},\n{"ph"/g' > "$tmp/trace"
planted() {
	sed "$3" "$tmp/trace" > "$tmp/planted"
	/usr/bin/python3 "$here/perfetto.py" "$tmp/planted" > "$tmp/out"
	is "perfetto: a planted fault, $1" 1 "$(grep -c -m 1 -- "$2" "$tmp/out")"
}
planted "an end before its child's" "does not end the slice on top" \
	'0,/"ph":"E","name":"waits/{/"ph":"E","name":"waits/s/"ts":[0-9]*/&9/}'
planted "an arrow outside of slices" "no slice is open" \
	'0,/"ph":"s"/{/"ph":"s"/s/"ts":[0-9]*/"ts":0/}'
planted "an arrow without an end" "is s$" '0,/"ph":"f"/{/"ph":"f"/d}'
planted "a track without a name" "has no name" '0,/"thread_name"/{/"thread_name"/s/"tid":/"tid":9/}'
planted "a unit of time" "key displayTimeUnit" '1s/{/{"displayTimeUnit":"ns",/'
