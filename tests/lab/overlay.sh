#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Builds a variant of overlay.ko for a Debian kernel, out of tree.
#
#   overlay.sh [--no-truth] [--tree DIR] VERSION VARIANT    prints the module's path
#   overlay.sh --list                                       names the variants
#
# --tree is what `kernel.sh fetch VERSION` printed, for a caller that asked already.
# VARIANT `debian` is Debian's own module, untouched. --no-truth leaves out the
# counters (for check-inlining.sh). Results are cached by what they are made of.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

usage() {
	echo "usage: $LAB_NAME [--no-truth] [--tree DIR] VERSION VARIANT | --list" >&2
	exit 2
}

# Everything that the module depends on, as one short word.
build_key() {
	local kernel=$1
	shift
	{
		echo "$*"
		cat "$kernel/packages" "$LAB_DIR/edit.py" "$LAB_DIR/overlay.sh"
		gcc -dumpfullversion
		pahole --version
	} | sha256sum | cut -c 1-16
}

build_module() {
	local kernel=$1 variant=$2 out=$3 dir cflags=
	shift 3 # what remains goes to edit.py
	dir=$(mktemp -d "${TMPDIR:-/tmp}/overlay-build.XXXXXX")
	# shellcheck disable=SC2064 # the directory of this call
	trap "rm -rf '$dir'" EXIT
	# The sources include "../internal.h", thus the module sits one level down.
	cp -r "$kernel/source/fs/." "$dir"
	python3 "$LAB_DIR/edit.py" "$@" "$variant" "$dir/overlayfs" ||
		die "variant" "$variant" "the edit script refused these sources"
	[[ $variant != *-outline ]] || cflags=-fno-inline
	if ! make -s -C "$kernel/headers" M="$dir/overlayfs" CONFIG_OVERLAY_FS=m KCFLAGS="$cflags" modules \
		>"$dir/log" 2>&1; then
		tail -n 30 "$dir/log" >&2
		die "module" "$variant" "build failed"
	fi
	strip --strip-debug "$dir/overlayfs/overlay.ko"
	if [ "$variant" = racy-nobtf ]; then
		objcopy --remove-section=.BTF --remove-section=.BTF.base "$dir/overlayfs/overlay.ko"
	elif ! objdump -h "$dir/overlayfs/overlay.ko" | grep >/dev/null ' \.BTF '; then
		tail -n 30 "$dir/log" >&2
		die "module" "$variant" "was built without BTF" "is pahole installed?"
	fi
	cp "$dir/overlayfs/overlay.ko" "$out"
}

main() {
	local flags=() kernel="" dest
	while [ $# -gt 0 ]; do
		case $1 in
		--list)
			python3 "$LAB_DIR/edit.py" --list
			echo debian
			return
			;;
		--no-truth) flags=(--no-truth) && shift ;;
		--tree) [ $# -ge 2 ] || usage && kernel=$2 && shift 2 ;;
		*) break ;;
		esac
	done
	[ $# -eq 2 ] || usage
	need python3 python3-minimal gcc gcc make make pahole pahole objcopy binutils xz xz-utils
	"$LAB_DIR/overlay.sh" --list | grep -x -- "$2" >/dev/null ||
		die "variant" "$2" "unknown" "$LAB_NAME --list names them"
	[ -n "$kernel" ] || kernel=$("$LAB_DIR/kernel.sh" fetch "$1")
	dest=$LAB_CACHE/overlay/$(cat "$kernel/release")/$2${flags[0]-}-$(build_key "$kernel" "$2" "${flags[@]}")
	with_lock "overlay-$1-$2${flags[0]-}"
	if [ -d "$dest" ] && ! stamp_ok "$dest"; then
		note "the cached $2 is damaged: building it again"
		rm -rf "$dest"
	fi
	if [ ! -d "$dest" ]; then
		rm -rf "$dest.new"
		mkdir -p "$dest.new"
		if [ "$2" = debian ]; then
			unpack_module "$kernel" overlay "$dest.new/overlay.ko" ||
				die "module" "overlay.ko" "not in $kernel"
		else
			note "building overlay.ko: $2 ${flags[*]} for $(cat "$kernel/release")"
			build_module "$kernel" "$2" "$dest.new/overlay.ko" "${flags[@]}"
		fi
		stamp_write "$dest.new"
		mv "$dest.new" "$dest"
	fi
	echo "$dest/overlay.ko"
}

main "$@"
