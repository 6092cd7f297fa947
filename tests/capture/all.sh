#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: [OVLTRACE_ARCH=arm64] all.sh BUILD_DIR [NAME]...
# Captures the kernels of the unit tests' fixtures again, or those of them that are
# named. Needs the laboratory, and minutes. See tests/unit/fixtures/README.md.
set -euo pipefail

build=$(realpath "$1")
shift
here=$(dirname "$(realpath "$0")")
lab=${LAB:-$here/../lab}
fixtures=$here/../unit/fixtures
names=("$@")

# wanted NAME
wanted() {
	local name
	[ ${#names[@]} -gt 0 ] || return 0
	for name in "${names[@]}"; do
		[ "$name" != "$1" ] || return 0
	done
	return 1
}

# capture NAME KERNEL OVERLAY [OPTION-OF-THE-MACHINE...]
capture() {
	local name=$1 kernel=$2 overlay=$3 out
	shift 3
	wanted "$name" || return 0
	out=$(mktemp -d)
	if "$lab/vm.sh" --kernel "$kernel" --overlay "$overlay" --put "$build/capture" --get-dir "$out" \
		--timeout 120 "$@" -- '/lab/capture > /out/kernel'; then
		install -m 644 "$out/kernel" "$fixtures/$name.kernel"
		echo "$name: $(wc -c < "$fixtures/$name.kernel") bytes"
	else
		echo "$name: not captured" >&2
	fi
	rm -rf "$out"
}

if [ "${OVLTRACE_ARCH:-x86}" = arm64 ]; then
	capture 6.1-arm64-debian 6.1 debian
	capture 6.12-arm64-debian 6.12 debian
	capture 6.12-arm64-racy 6.12 racy
	capture 6.12-arm64-half-pointer 6.12 half-pointer
	capture 7.3-arm64-debian 7.3 debian
	exit
fi

# A processor that needs call-depth tracking, and a kernel that uses it
THUNKS=(--cpu Skylake-Server-v1 --append retbleed=stuff)

capture 6.1-debian 6.1 debian
capture 6.12-debian 6.12 debian
capture 6.12-racy 6.12 racy
capture 6.12-fixed 6.12 fixed
capture 6.12-racy-noinline 6.12 racy-noinline
capture 6.12-racy-outline 6.12 racy-outline
capture 6.12-racy-nobtf 6.12 racy-nobtf
capture 6.12-racy-thunks 6.12 racy "${THUNKS[@]}"
capture 6.12-xchg-write 6.12 xchg-write
capture 6.12-half-pointer 6.12 half-pointer
capture 6.12-clang-racy 6.12-clang racy
capture 6.12-clang-stock 6.12-clang stock
capture 6.12-clang-untouched 6.12-clang untouched
capture 6.12-debug-racy 6.12-debug racy --mem 2G --timeout 300
capture 6.12-kcov-racy 6.12-kcov racy
capture 6.12-rt-racy 6.12-rt racy
capture 7.3-debian 7.3 debian
capture 7.3-racy 7.3 racy
capture 7.3-half-pointer 7.3 half-pointer
