# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# The machines of `make test-locks`, for run.sh: needs its vm() and tally().
# shellcheck disable=SC2154 # variables of run.sh

# What these machines do without, to be faster: only locks are watched in them.
unwatched="kmemleak=off slub_debug=-"

# lock_runs NAME RUNS: in machines of ten runs, so that a lost one costs no more
lock_runs() {
	local name=$1 left=$2 part=0 n done=0
	while [ "$left" -gt 0 ]; do
		n=$((left < 10 ? left : 10)) part=$((part + 1)) left=$((left - n))
		vm "locks-$name-$part" racy "sh /lab/guest-locks.sh $name $n" \
			--kernel 6.12-debug --mem 2G --leaks --timeout 7200 --append "$unwatched" \
			--put "$here/guest-locks.sh"
		# the last line may be lost on a busy machine
		grep -q "^ok .*: $n runs, no complaint" "$results/locks-$name-$part/output" &&
			! grep -q "^not ok" "$results/locks-$name-$part/output" && done=$((done + n))
	done
	[ "$done" = "$2" ] || tally <<< "not ok locks: $name: only $done of $2 runs"
	echo "# locks: $name: $done runs in $part machines, no complaint"
}

# No lock is taken where it must not be, on a kernel that watches them. Not part of
# `make test-kernels`: `make test-locks`.
test_lock() {
	local name=$1 status=0
	shift
	if [ "$name" != fault ]; then
		lock_runs "$name" "${OVLTRACE_LOCKS_RUNS:-5}"
		return
	fi
	mkdir -p "$results/locks-fault"
	"$lab/vm.sh" --kernel 6.12-debug --overlay racy --mem 2G --leaks --timeout 600 \
		--append "$unwatched" --put "$build/lock-fault" --put "$build/workload" \
		--put "$here/guest-lib.sh" --put "$here/guest-locks.sh" \
		--keep-log "$results/locks-fault/console.log" \
		-- 'sh /lab/guest-locks.sh fault' > "$results/locks-fault/output" 2>&1 || status=$?
	tally < "$results/locks-fault/output"
	# 124: the kernel complained
	if [ $status = 124 ]; then
		echo "ok locks-fault: the laboratory notices the kernel's complaint"
	else
		echo "not ok locks-fault: status $status of the machine, not 124"
	fi > "$results/locks-fault/end"
	tally < "$results/locks-fault/end"
}
