#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: speedscope.sh BUILD_DIR
# Has speedscope's importer read what `report --format perfetto` writes: no warning, and all
# threads. It installs speedscope with npm in a directory outside of this tree
# (OVLTRACE_SPEEDSCOPE, or a temporary one), and skips without npm or its registry.
# The last line is "N passed, N failed, N skipped".
set -uo pipefail

version=1.25.0
here=$(dirname "$(realpath "$0")")
ovltrace=$(realpath "$1")/ovltrace
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
dir=${OVLTRACE_SPEEDSCOPE:-$tmp/npm}
passed=0 failed=0

if [ ! -d "$dir/node_modules/speedscope" ]; then
	if ! command -v npm > "$tmp/out"; then
		echo "ok speedscope # SKIP npm is not installed"
		echo "0 passed, 0 failed, 1 skipped"
		exit 0
	fi
	mkdir -p "$dir"
	if ! (cd "$dir" && npm install --no-save --ignore-scripts --prefix "$dir" \
		"speedscope@$version" > "$tmp/out" 2>&1); then
		echo "ok speedscope # SKIP npm does not install it: $(tail -n 1 "$tmp/out")"
		echo "0 passed, 0 failed, 1 skipped"
		exit 0
	fi
fi

# imports NAME WANT FILE: "N threads, N warnings" of a recording's trace
imports() {
	local got
	"$ovltrace" report --format perfetto "$3" > "$tmp/trace"
	got=$(node "$here/speedscope.mjs" "$dir/node_modules/speedscope" "$tmp/trace" 2>&1)
	if [ "$(tail -n 1 <<< "$got")" = "$2" ]; then
		echo "ok speedscope: $1: $2"
		passed=$((passed + 1))
	else
		head -n 10 <<< "$got" | cut -c 1-200 | sed 's/^/# /'
		echo "not ok speedscope: $1: wanted '$2'"
		failed=$((failed + 1))
	fi
}

"$here/generate.py" 20000 --stale > "$tmp/stale"
"$here/generate.py" 20000 > "$tmp/clean"
cat "$tmp/stale" "$tmp/clean" > "$tmp/both"
imports "findings" "2 threads, 0 warnings" "$tmp/stale"
imports "no findings" "2 threads, 0 warnings" "$tmp/clean"
imports "two recordings" "4 threads, 0 warnings" "$tmp/both"
imports "every kind of finding" "6 threads, 0 warnings" "$here/../golden/recording.jsonl"

echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
