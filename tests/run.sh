#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: run.sh BUILD_DIR
# All tests. Each part prints its checks and a closing line; the last line here
# sums them up.
set -uo pipefail

build=$1
here=$(dirname "$(realpath "$0")")
sum=(0 0 0)

# part TITLE COMMAND...
part() {
	local title=$1 status=0 log last
	shift
	log=$(mktemp)
	echo "== $title"
	"$@" 2>&1 | tee "$log" | grep --line-buffered -vE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$'
	status=${PIPESTATUS[0]}
	last=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
	rm -f "$log"
	if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
		sum[0]=$((sum[0] + BASH_REMATCH[1]))
		sum[1]=$((sum[1] + BASH_REMATCH[2]))
		sum[2]=$((sum[2] + BASH_REMATCH[3]))
		[ "$status" = 0 ] || [ "${BASH_REMATCH[2]}" -gt 0 ] || sum[1]=$((sum[1] + 1))
	else
		echo "not ok $title: ended with status $status and no closing line"
		sum[1]=$((sum[1] + 1))
	fi
}

part "decisions, on the host" "$here/unit/run.sh" "$build/unit"
part "reports" "$here/report/test.sh" "$build"
part "the workload generator" "$here/workload/selftest.sh" "$build"
part "the audit, on this kernel" "$here/audit/selftest.sh" "$build"
part "the doctor, on this kernel" "$here/doctor/selftest.sh" "$build"
part "the laboratory" "$here/lab/selftest.sh"
part "the variants are what they claim to be" "$here/lab/check-inlining.sh" 6.12 stock racy fixed
part "kernels" "$here/vm/run.sh" "$build"

echo "${sum[0]} passed, ${sum[1]} failed, ${sum[2]} skipped"
[ "${sum[1]}" = 0 ]
