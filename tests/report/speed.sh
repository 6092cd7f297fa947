#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: speed.sh BUILD_DIR [RECORDS]
# How long a report of that many records (five million) takes, and how long jq
# takes to count their types: in one run, on one file, both from memory.
set -euo pipefail

ovltrace=$(realpath "$1")/ovltrace
records=${2:-5000000}
here=$(dirname "$(realpath "$0")")
file=$(mktemp)
trap 'rm -f "$file"' EXIT
"$here/generate.py" "$records" > "$file"
cat "$file" > /dev/null
echo "$records records, $(stat -c %s "$file") bytes"
/usr/bin/time -f "ovltrace report      %e s, %M KiB" "$ovltrace" report "$file" > /dev/null
/usr/bin/time -f "jq -r .type | sort   %e s" sh -c 'jq -r .type "$1" | sort | uniq -c > /dev/null' sh "$file"
/usr/bin/time -f "jq -n reduce inputs  %e s" \
	jq -n 'reduce (inputs | .type) as $t ({}; .[$t] += 1)' "$file" > /dev/null
