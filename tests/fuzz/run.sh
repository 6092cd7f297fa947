#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: tests/fuzz/run.sh FUZZ_DIR SECONDS [TEXT]
# Runs the fuzzers in FUZZ_DIR, those with TEXT in their names, for so many seconds each. They start
# from the corpus in the tree and from what earlier runs have left in FUZZ_DIR/corpus. The input
# that makes one fail is kept in FUZZ_DIR. OVLTRACE_FUZZ_SEED: of libFuzzer's random numbers (0: of
# the clock). The last line is "N passed, N failed, N skipped".
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
dir=$(realpath "$1") seconds=$2 text=${3:-}
passed=0 failed=0
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1

"$here/seeds.py" "$dir/seeds" || exit 1
for source in "$here"/*.c; do
	name=$(basename "$source" .c)
	grep -q '^int LLVMFuzzerTestOneInput' "$source" || continue
	[[ $name == *"$text"* ]] || continue
	mkdir -p "$dir/corpus/$name"
	folders=("$dir/corpus/$name" "$dir/seeds/$name")
	[ ! -d "$here/corpus/$name" ] || folders+=("$here/corpus/$name")
	"$dir/$name" -seed="${OVLTRACE_FUZZ_SEED:-0}" -max_total_time="$seconds" -max_len=16384 -timeout=10 -rss_limit_mb=2048 \
		-print_final_stats=1 -artifact_prefix="$dir/$name-" -dict="$here/text.dict" \
		"${folders[@]}" \
		> "$dir/$name.log" 2>&1
	status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/$name.log")
	if [ $status = 0 ] && [ "${runs:-0}" -gt 0 ]; then
		echo "ok fuzz: $name: $runs executions"
		passed=$((passed + 1))
	else
		grep -E 'violated|ERROR|runtime error|SUMMARY|artifact' "$dir/$name.log" | cut -c 1-300 | head -n 8 | sed 's/^/# /'
		echo "not ok fuzz: $name: see $dir/$name.log"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
