#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: run.sh BUILD_DIR core|kernels|locks
# core: what `make test` runs; kernels: `make test-kernels`; locks: `make test-locks`. Each part
# prints its checks and a closing line; the last line here sums them up. A machine is emulated by
# one thread, so as many parts run at a time as there are processors (OVLTRACE_JOBS overrides). The
# output of a part is shown when it has ended.
set -uo pipefail

build=$1 layer=$2
here=$(dirname "$(realpath "$0")")
jobs=${OVLTRACE_JOBS:-$(nproc)}
sum=(0 0 0)
running=0
declare -A title_of=() log_of=()
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
closing='^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$'

# collect TITLE LOG STATUS
collect() {
	local last
	echo "== $1"
	grep -vE "$closing" "$2"
	last=$(grep -E "$closing" "$2" | tail -n 1)
	if [[ $last =~ $closing ]]; then
		sum[0]=$((sum[0] + BASH_REMATCH[1]))
		sum[1]=$((sum[1] + BASH_REMATCH[2]))
		sum[2]=$((sum[2] + BASH_REMATCH[3]))
		[ "$3" = 0 ] || [ "${BASH_REMATCH[2]}" -gt 0 ] || sum[1]=$((sum[1] + 1))
	else
		echo "not ok $1: ended with status $3 and no closing line"
		sum[1]=$((sum[1] + 1))
	fi
	rm -f "$2"
}

# Waits until a part has ended.
reap() {
	local pid status=0
	wait -n -p pid || status=$?
	collect "${title_of[$pid]}" "${log_of[$pid]}" "$status"
	unset "title_of[$pid]" "log_of[$pid]"
	running=$((running - 1))
}

# part TITLE COMMAND...
part() {
	local title=$1 log
	shift
	while [ "$running" -ge "$jobs" ]; do
		reap
	done
	log=$(mktemp -p "$logs")
	"$@" > "$log" 2>&1 < /dev/null &
	title_of[$!]=$title
	log_of[$!]=$log
	running=$((running + 1))
}

reap_all() {
	while [ "$running" -gt 0 ]; do
		reap
	done
}

# both read the build: one after the other, before machines take the processors
host() {
	part "paths in the docs" "$here/lint/docs-paths.sh"
	part "lint" python3 "$here/lint/lint.py" "$build"
	part "lint finds what is planted" "$here/lint/selftest.sh" "$build"
	reap_all
	part "unit tests" "$here/unit/run.sh" "$build/unit"
	part "what report writes" "$here/golden/run.sh" "$build"
	reap_all
}

core() {
	host
	part "one kernel" "$here/vm/run.sh" "$build" core
	part "reports" "$here/report/test.sh" "$build"
	part "completions in zsh" "$here/completions/zsh.sh" "$build"
	part "faults of outputs" "$here/faults/run.sh" "$build"
	part "the workload generator" "$here/workload/selftest.sh" "$build"
	part "the audit, on this kernel" "$here/audit/selftest.sh" "$build"
	part "listings, on this kernel" "$here/audit/listings.sh" "$build"
	part "the bug report, on this kernel" "$here/bugreport/selftest.sh" "$build"
	part "the doctor, on this kernel" "$here/doctor/selftest.sh" "$build"
	part "short histories, on this kernel" "$here/explore/selftest.sh" "$build"
}

# the longest first
kernels() {
	part "static analysis" "$here/analyze/run.sh" "$build"
	part "the laboratory" "$here/lab/selftest.sh"
	for name in $("$here/vm/run.sh" --list); do
		part "kernels: $name" "$here/vm/run.sh" "$build" "$name"
	done
	part "matrix" "$here/matrix/run.sh" "$build" debian-7.3 racy-6.1 racy-7.3
	# what is found at random is for `make fuzz`: this must not fail by chance
	part "fuzzers" env OVLTRACE_FUZZ_SEED=1 "$here/fuzz/run.sh" "$build/fuzz" "${OVLTRACE_FUZZ_SECONDS:-20}"
	part "the variants are what they claim to be" "$here/lab/check-inlining.sh" 6.12 stock racy fixed
}

locks() {
	for name in $("$here/vm/run.sh" --list-locks); do
		part "$name" "$here/vm/run.sh" "$build" "$name"
	done
}

case $layer in
core | kernels | locks) "$layer" ;;
*)
	echo "usage: $0 BUILD_DIR core|kernels|locks" >&2
	exit 2
	;;
esac
reap_all

echo "${sum[0]} passed, ${sum[1]} failed, ${sum[2]} skipped"
[ "${sum[1]}" = 0 ] && [ "${sum[0]}" -gt 0 ]
