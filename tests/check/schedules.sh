#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: schedules.sh BUILD_DIR [BOOTS [WHOLE [KERNEL]...]]
# Boots each kernel BOOTS times (10), and runs schedules on each of these variants: all of up to
# three readers and modifications, as `check` does by default; in the first WHOLE boots (1) all of
# two readers and two modifications. Each number must be what the model of docs/cache-model.md
# computes. Prints a line for each boot. Reports and consoles are kept in BUILD_DIR/schedules.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
lab=$here/../lab
build=$(realpath "$1")
boots=${2:-10}
whole=${3:-1}
shift $(($# < 3 ? $# : 3))
[ $# -gt 0 ] || set -- 6.12 7.3 6.1
variants=(racy half-version half-free fixed free-nonull noclear retry)
out=$build/schedules
passed=0 failed=0

# fuse KERNEL: the module, where it is not built in
fuse() {
	local kernel
	kernel=$("$lab/kernel.sh" fetch "$1")
	find "$kernel" -name fuse.ko -path "*/modules/*"
}

# puts KERNEL: what goes into its machine; the same for each boot
puts() {
	local v module
	puts=()
	for v in "${variants[@]}"; do
		puts+=(--put "$("$lab/overlay.sh" "$1" "$v"):/lab/$v.ko")
	done
	module=$(fuse "$1")
	[ -z "$module" ] || puts+=(--put "$module:/lab/fuse.ko")
}

# boot KERNEL DIR DEPTH: a line for each thing that is wrong
boot() {
	local kernel=$1 dir=$2 depth=$3 v status=0
	rm -rf "$dir"
	mkdir -p "$dir"
	"$lab/vm.sh" --kernel "$kernel" --overlay none --put "$build/ovltrace-static" \
		--put "$here/../vm/guest-lib.sh" --put "$here/../vm/guest-schedules.sh" "${puts[@]}" \
		--get-dir "$dir" --keep-log "$dir/console.log" --timeout 1800 \
		-- "DEPTH=$depth sh /lab/guest-schedules.sh ${variants[*]}" \
		> "$dir/output" 2> "$dir/lab" || status=$?
	[ $status = 0 ] || echo "status $status of the machine (124: its kernel complained, 125: lost)"
	grep '^not ok' "$dir/output" || true
	for v in "${variants[@]}"; do
		grep -q "^ok schedules $v: run and realized" "$dir/output" || echo "$v: not all were realized"
	done
}

for kernel; do
	good=0
	puts "$kernel"
	for ((n = 1; n <= boots; n++)); do
		depth=3
		((n > whole)) || depth=
		SECONDS=0
		wrong=$(boot "$kernel" "$out/$kernel/$n" "$depth")
		if [ -z "$wrong" ]; then
			good=$((good + 1))
		else
			echo "$wrong" | sed "s|^|$kernel boot $n: |"
		fi
		checks=$(grep -c '^ok ' "$out/$kernel/$n/output" || true)
		echo "$kernel boot $n: ${wrong:+not }as the model says; ${depth:+up to }${depth:-all of two and two}, $checks checks, $SECONDS s"
	done
	echo "$kernel: passed $good of $boots"
	passed=$((passed + good)) failed=$((failed + boots - good))
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
