# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by test.sh: trace events that nest, and arrows whose ends exist.
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
