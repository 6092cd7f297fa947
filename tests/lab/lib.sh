# SPDX-License-Identifier: GPL-2.0-only
# What every script of the laboratory shares. To be sourced by bash, not run.
# shellcheck shell=bash

# shellcheck disable=SC2034 # used by those who source this
LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_NAME=$(basename "$0")
LAB_CACHE=${OVLTRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ovltrace}

# Exit statuses of the laboratory's own failures: never those of what it runs.
LAB_INFRA=125

note() {
	printf '%s: %s\n' "$LAB_NAME" "$*" >&2
}

# die WHAT WHICH WHY [REMEDY]
die() {
	printf "%s: %s '%s': %s\n" "$LAB_NAME" "$1" "$2" "$3" >&2
	[ $# -lt 4 ] || printf '  %s\n' "$4" >&2
	exit "$LAB_INFRA"
}

# need COMMAND PACKAGE …: all of them, or one line that says what to install.
need() {
	local missing=""
	while [ $# -ge 2 ]; do
		command -v "$1" >/dev/null || missing="$missing $2"
		shift 2
	done
	[ -z "$missing" ] || die "missing" "${missing# }" "not installed" \
		"apt-get install --no-install-recommends$missing"
}

. "$LAB_DIR/arch.sh"

# with_lock NAME: hold the lock of that name until this shell ends. Two runs that
# build the same thing wait for each other instead of damaging it.
with_lock() {
	mkdir -p "$LAB_CACHE/locks" ||
		die "cache" "$LAB_CACHE" "cannot be created" "set OVLTRACE_CACHE to a writable directory"
	exec {LAB_LOCK_FD}>"$LAB_CACHE/locks/$1"
	flock "$LAB_LOCK_FD"
}

# Stamps: STAMP.sha256 lists every file of a tree, so that a tree that was
# damaged or half removed is noticed before it is used.
stamp_write() {
	(cd "$1" && find . -type f ! -name 'STAMP.sha256*' -print0 | sort -z |
		xargs -0 sha256sum >STAMP.sha256.new && mv STAMP.sha256.new STAMP.sha256)
}

stamp_ok() {
	[ -s "$1/STAMP.sha256" ] && (cd "$1" && sha256sum --check --status STAMP.sha256 2>/dev/null)
}

# unpack_module TREE NAME OUT: a module of Debian's own, whatever it is packed with.
# Fails where the kernel has no such module, for it may be built in.
unpack_module() {
	local file
	file=$(find "$1/modules/" -name "${2//_/[-_]}.ko*")
	case $file in
	*.ko) cp "$file" "$3" ;;
	*.ko.xz) xz -dc "$file" >"$3" ;;
	*.ko.zst) zstd -q -dc "$file" >"$3" ;;
	*) return 1 ;;
	esac
}
