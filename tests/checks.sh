# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Check lines of a test script, which sources this file and ends with `finish`.

# shellcheck disable=SC2034 # scripts count skips of several checks themselves
passed=0 failed=0 skipped=0

ok() {
	echo "ok $*"
	passed=$((passed + 1))
}

not_ok() {
	echo "not ok $*"
	failed=$((failed + 1))
}

# skip NAME REASON
skip() {
	echo "ok $1 # SKIP $2"
	skipped=$((skipped + 1))
}

# is NAME WANT GOT
is() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1: wanted '$2', got '$3'"; fi
}

# finish: the closing line, and the exit status
finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
	exit
}
