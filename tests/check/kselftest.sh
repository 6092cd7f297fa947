#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# For tools/testing/selftests/filesystems/overlayfs/: put it there, add it to
# TEST_PROGS, and set OVLTRACE if ovltrace is not in PATH. KTAP and the exit
# status (4: SKIP) are those that kselftest expects.
OVLTRACE=${OVLTRACE:-ovltrace}

if ! command -v "$OVLTRACE" > /dev/null; then
	echo "KTAP version 1"
	echo "1..0 # SKIP no ovltrace"
	exit 4
fi
"$OVLTRACE" check --format ktap "$@"
status=$?
# inconclusive is no pass
[ $status -le 1 ] || [ $status = 4 ] || status=1
exit $status
