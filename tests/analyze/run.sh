#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: tests/analyze/run.sh BUILD_DIR
# clang-tidy, cppcheck and gcc -fanalyzer on src/, whose warnings are failures. BUILD_DIR has the
# skeletons. The last line is "N passed, N failed, N skipped".
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 2
build=$1
passed=0 failed=0
export FLAGS="-std=gnu11 -D_GNU_SOURCE -Iinclude -Isrc -I$build/bpf"
mapfile -t sources < <(find src -name '*.c' | sort)

# Not: parameters of one type; !strcmp(); the names of the kernel's and of uthash's macros; unchecked
# printf(); snprintf_s(), which no libc has; conversions that -Wall allows; sscanf(), which reads
# what the kernel wrote, or numbers of nine digits; arrays of pointers; X-macros; registers, which
# are small signed numbers; the states of tasks, compared to see whether one was being written.
export CHECKS='-*,bugprone-*,cert-*,-bugprone-easily-swappable-parameters
-bugprone-suspicious-string-compare,-bugprone-reserved-identifier,-cert-dcl37-c,-cert-dcl51-cpp
-cert-err33-c,-bugprone-narrowing-conversions,-cert-err34-c,-bugprone-sizeof-expression
-bugprone-macro-parentheses,-bugprone-signed-char-misuse,-cert-str34-c
-bugprone-suspicious-memory-comparison,-cert-exp42-c,-cert-flp37-c'
CHECKS=${CHECKS//$'\n'/,}

# cppcheck does not see the macros of uthash and libbpf, nor what they initialise.
# tool NAME FILES_A_RUN COMMAND: a shell command that gets the files as its arguments
tool() {
	local out
	out=$(printf '%s\0' "${sources[@]}" | xargs -0 -P "$(nproc)" -n "$2" sh -c "$3" sh 2>&1)
	if [ -z "$(grep -E 'warning:|error:' <<< "$out")" ]; then
		echo "ok analyze: $1"
		passed=$((passed + 1))
	else
		grep -E -A 3 'warning:|error:' <<< "$out" | head -n 60 | sed 's/^/# /'
		echo "not ok analyze: $1"
		failed=$((failed + 1))
	fi
}

tool cppcheck 40 'cppcheck -q --std=c11 --enable=warning,portability --inline-suppr \
	-D_GNU_SOURCE -Iinclude -Isrc --suppress=unknownMacro --suppress=syntaxError \
	--suppress=uninitvar --suppress=ctuuninitvar "$@"'
tool clang 20 'clang $FLAGS -Wall -Wextra -Werror -Wno-unused-parameter \
	-Wno-missing-field-initializers -fsyntax-only "$@"'
# it takes what uthash keeps for leaked, and what a caller has checked for NULL
tool "gcc -fanalyzer" 10 'for f; do gcc $FLAGS -O1 -fanalyzer -Wno-analyzer-malloc-leak \
	-Wno-analyzer-file-leak -Wno-analyzer-null-dereference \
	-Wno-analyzer-possible-null-dereference -c -o /dev/null "$f"; done'
tool clang-tidy 10 'clang-tidy --quiet -checks="$CHECKS" "$@" -- $FLAGS 2> /dev/null'
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
