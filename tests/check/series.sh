#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: series.sh BUILD_DIR [BOOTS [KERNEL]...]
# Boots each kernel BOOTS times (20) and lets `ovltrace check` judge it with its defaults: ten
# seconds. Kernels with a defect of the impure cache are checked a second time, with one
# modification in 5 ms and nothing else. All of them have the defect that
# missed_invalidation reports. Reports and consoles are kept in BUILD_DIR/series.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
build=$(realpath "$1")
boots=${2:-20}
shift $(($# < 2 ? $# : 2))
out=$build/series
all_ok="coverage stale_store unfreed_cache stale_impure_clear kind_mix bad_return lock_hazard d_ino lost"
passed=0 failed=0

# KERNEL OVERLAY WHAT, where WHAT is what `check` must say
table() {
	cat <<-END
		racy-6.12 6.12 racy racy
		racy-7.3 7.3 racy racy
		stock-6.12 6.12 stock sound
		stock-7.3 7.3 stock sound
		fixed-6.12 6.12 fixed fixed
		fixed-7.3 7.3 fixed fixed
		debian-6.1 6.1 debian order
		debian-6.12.95 6.12.95 debian order
		debian-6.12 6.12 debian sound
		debian-7.3 7.3 debian sound
	END
}

# The guest's part: "NAME STATUS" for each check, and the truth about stale clears.
commands() {
	cat <<-'END'
		ovltrace-static check -o /out/check.ktap 2> /out/check.err; echo "check $?"
		T=/sys/module/overlay/parameters/truth_stale_clears
		[ ! -e $T ] || echo "stale_clears $(cat $T)"
	END
	[ "$1" != racy ] || echo 'ovltrace-static check --scenario impure-sparse -o /out/sparse.ktap \
		2> /out/sparse.err; echo "sparse $?"'
	echo "sed 's/^/err: /' /out/*.err"
}

# expect DIR REPORT STATUS RESULTS_THAT_FAIL RESULTS_THAT_ARE_OK: what differs, a line each
expect() {
	local dir=$1 report=$2 name status
	status=$(sed -n "s/^$report //p" "$dir/output")
	[ "$status" = "$3" ] || echo "$report: exit status '$status' instead of $3"
	if ! /usr/bin/python3 "$here/ktap.py" "$dir/$report.ktap" > "$dir/$report.results" 2>&1; then
		echo "$report: no KTAP: $(tail -n 1 "$dir/$report.results")"
		return
	fi
	for name in $4; do
		grep -qx "$name fail" "$dir/$report.results" || echo "$report: $name does not fail"
	done
	for name in $5; do
		grep -qx "$name ok" "$dir/$report.results" ||
			echo "$report: $name: $(grep "^$name " "$dir/$report.results" | cut -d ' ' -f 2-)"
	done
}

# without LIST NAME...: LIST without these names
without() {
	local list=" $1 " name
	shift
	for name in "$@"; do
		list=${list/ $name / }
	done
	echo "$list"
}

# judge WHAT DIR: a line for each difference from what is expected
judge() {
	local dir=$2 clears
	clears=$(sed -n 's/^stale_clears //p' "$dir/output")
	case $1 in
	sound) expect "$dir" check 0 "" "$all_ok" ;;
	racy)
		expect "$dir" check 1 "stale_store unfreed_cache" \
			"coverage kind_mix bad_return lock_hazard lost"
		expect "$dir" sparse 1 "stale_store unfreed_cache" "coverage bad_return lock_hazard lost"
		;;
	fixed)
		if [ "${clears:-0}" = 0 ]; then
			expect "$dir" check 0 "" "$all_ok"
		else
			expect "$dir" check 1 stale_impure_clear "$(without "$all_ok" stale_impure_clear)"
		fi
		;;
	order)
		expect "$dir" check 1 kind_mix "$(without "$all_ok" kind_mix)"
		grep -q cbec8610ec5a "$dir/check.ktap" || echo "the defect is not named"
		;;
	esac
	grep -qx "missed_invalidation todo" "$dir/check.results" ||
		echo "check: missed_invalidation is no known defect"
}

# boot KERNEL OVERLAY WHAT DIR: a line for each difference from what is expected
boot() {
	local status=0
	rm -rf "$4"
	mkdir -p "$4"
	"$here/../lab/vm.sh" --kernel "$1" --overlay "$2" --put "$build/ovltrace-static" \
		--get-dir "$4" --keep-log "$4/console.log" --timeout 180 \
		-- "$(commands "$3")" > "$4/output" 2> "$4/lab" || status=$?
	[ $status = 0 ] || echo "status $status of the machine (124: its kernel complained, 125: lost)"
	[ $status != 0 ] || judge "$3" "$4"
}

series() {
	local name=$1 good=0 n wrong
	for ((n = 1; n <= boots; n++)); do
		wrong=$(boot "$2" "$3" "$4" "$out/$name/$n")
		if [ -z "$wrong" ]; then
			good=$((good + 1))
		else
			echo "$wrong" | sed "s|^|$name boot $n: |"
		fi
	done
	echo "$name: passed $good of $boots"
	passed=$((passed + good)) failed=$((failed + boots - good))
}

while read -r name kernel overlay what; do
	[ $# -eq 0 ] || [[ " $* " = *" $name "* ]] || continue
	series "$name" "$kernel" "$overlay" "$what" < /dev/null
done < <(table)
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
