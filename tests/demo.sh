#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: demo.sh BUILD_DIR
# The main job: trace readers and renamers that race for an impure directory.
# On this kernel if it can be traced, else in a small machine on Debian's kernel
# with an overlayfs that drops the lock.
set -euo pipefail

build=$1
here=$(dirname "$0")
status=0

if why=$("$build/ovltrace" run -q -d 0.1 2>&1); then
	dir=$(mktemp -d)
	trap 'rmdir "$dir"' EXIT
	"$build/ovltrace" run -- "$build/workload" --make "$dir" --mode race --duration 5 || status=$?
else
	echo "${why##*$'\n'}"
	echo "so the same job runs in a small machine, on Debian's 6.12 with a racy overlayfs"
	"$here/lab/vm.sh" --overlay racy --put "$build/ovltrace-static" --put "$build/workload" \
		--timeout 120 -- 'mkdir -p /mnt/w
		ovltrace-static run -- workload --make /mnt/w --mode race --duration 5' || status=$?
fi
# the findings are the point of it; only a failure of the tool fails the demo
[ $status -le 1 ] || exit $status
