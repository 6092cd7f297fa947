#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: demo.sh BUILD_DIR
# The main job: trace readers and renamers that race for an impure directory. On this kernel if
# it can be traced. A sound kernel has nothing to find: then `top` and `audit` show what its
# caches cost, and that they are right. What a finding is like shows a small machine on Debian's
# kernel, with an overlayfs that drops the lock.
set -euo pipefail

build=$1
here=$(dirname "$0")
status=0

say() {
	printf '\n== %s\n' "$*"
}

# racy WHY: the job in the machine
racy() {
	say "$1: the same job in a small machine, on Debian's 6.12 with a racy overlayfs"
	# shellcheck source=tests/lab/lib.sh
	(. "$here/lab/lib.sh" && compgen -G "$LAB_CACHE/kernels/6.12*" > /dev/null) ||
		echo "The first time about 200 MB are fetched for it: a kernel, its headers and its sources."
	"$here/lab/vm.sh" --overlay racy --put "$build/ovltrace-static" --put "$build/workload" \
		--timeout 120 -- 'mkdir -p /mnt/w
		ovltrace-static run -- workload --make /mnt/w --mode race --duration 5' || status=$?
}

# native DIR: the job on this kernel
native() {
	local pid
	say "readers and renamers race for a directory on this kernel"
	"$build/ovltrace" run -- "$build/workload" --make "$1" --mode race --duration 5 || status=$?
	# with findings there is something to see already
	[ $status = 0 ] || return 0
	say "what the caches cost meanwhile: ovltrace top"
	"$build/workload" --make "$1" --mode race --duration 600 > /dev/null 2>&1 &
	pid=$!
	"$build/ovltrace" top --interval 3 --iterations 1 --lines 5 || true
	say "whether the caches that exist are right: ovltrace audit"
	"$build/ovltrace" audit || true
	kill $pid
	wait $pid || true
}

if why=$("$build/ovltrace" run -q -d 0.1 2>&1); then
	dir=$(mktemp -d)
	trap 'rmdir "$dir"' EXIT
	native "$dir"
	[ $status != 0 ] || racy "this kernel is sound, so nothing was found"
else
	racy "${why##*$'\n'}"
fi
# the findings are the point of it; only a failure of the tool fails the demo
[ $status -le 1 ] || exit $status
