#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
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
		cat "$kernel/packages" "$LAB_DIR"/edit/*.py "$LAB_DIR/overlay.sh" "$LAB_DIR/tree.sh"
		"${LAB_CROSS}gcc" -dumpfullversion
		pahole --version
	} | sha256sum | cut -c 1-16
}

# le4 FILE OFFSET: a number of four bytes
le4() {
	od -An -t u4 -j $(($2)) -N 4 "$1" | tr -d ' '
}

# The kernel in a vmlinuz, by the header that boot loaders read (Linux/x86 boot protocol).
unpack_vmlinuz() {
	local file=$1 out=$2 sectors start length unpack=(lz4 -qdc)
	sectors=$(od -An -t u1 -j $((0x1f1)) -N 1 "$file" | tr -d ' ')
	start=$((((sectors ? sectors : 4) + 1) * 512 + $(le4 "$file" 0x248)))
	length=$(le4 "$file" 0x24c)
	# Debian 12 uses lz4, and xz for real-time kernels. xz's magic is fd "7zXZ".
	[ "$(tail -c +$((start + 2)) "$file" | head -c 4)" != 7zXZ ] || unpack=(xz -dc)
	# The compressed kernel is followed by its length.
	head -c $((start + length - 4)) "$file" | tail -c +$((start + 1)) | "${unpack[@]}" >"$out" ||
		die "kernel" "$file" "cannot be unpacked" "teach unpack_vmlinuz how it is compressed"
}

# The module's types, where the headers could not give it any: those of 6.1 come
# without the kernel's own, on which they build.
add_btf() {
	local kernel=$1 module=$2
	need lz4 lz4
	[ "$LAB_ARCH" = x86 ] ||
		die "module" "$module" "the headers of this kernel lack its types" "use a later kernel"
	unpack_vmlinuz "$kernel/vmlinuz" "$(dirname "$module")/vmlinux"
	pahole -J --btf_base "$(dirname "$module")/vmlinux" --btf_gen_floats "$module"
}

has_btf() {
	objdump -h "$1" | grep >/dev/null ' \.BTF '
}

# kbuild KERNEL DIR FLAGS: here, or in a tree of the Debian suite that the kernel is from
kbuild() {
	local kernel=$1 dir=$2 flags=$3 run=() at=$1 build=$2
	if [ -e "$kernel/suite" ]; then
		run=("$LAB_DIR/tree.sh" "$(cat "$kernel/suite")" "$dir" "$kernel")
		at=/lab/kernel build=/lab/build
	fi
	"${run[@]}" make -s -C "$at/headers" M="$build/overlayfs" CONFIG_OVERLAY_FS=m KCFLAGS="$flags" modules
}

build_module() {
	local kernel=$1 variant=$2 out=$3 dir module cflags=$LAB_KCFLAGS
	shift 3 # what remains goes to the edit script
	[ -d "$kernel/source" ] ||
		die "variant" "$variant" "Debian has no sources of this kernel" "use the variant debian, or none"
	dir=$(mktemp -d "${TMPDIR:-/tmp}/overlay-build.XXXXXX")
	# shellcheck disable=SC2064 # the directory of this call
	trap "rm -rf '$dir'" EXIT
	module=$dir/overlayfs/overlay.ko
	# The sources include "../internal.h", thus the module sits one level down.
	cp -r "$kernel/source/fs/." "$dir"
	python3 -B "$LAB_DIR/edit" "$@" "$variant" "$dir/overlayfs" ||
		die "variant" "$variant" "the edit script refused these sources"
	[[ $variant != *-outline ]] || cflags="$cflags -fno-inline"
	if ! kbuild "$kernel" "$dir" "$cflags" >"$dir/log" 2>&1; then
		tail -n 30 "$dir/log" >&2
		die "module" "$variant" "build failed"
	fi
	[ -e "$kernel/headers/vmlinux" ] || add_btf "$kernel" "$module"
	"${LAB_CROSS}strip" --strip-debug "$module"
	if [[ $variant == *-nobtf ]]; then
		"${LAB_CROSS}objcopy" --remove-section=.BTF --remove-section=.BTF.base "$module"
	elif ! has_btf "$module"; then
		tail -n 30 "$dir/log" >&2
		die "module" "$variant" "was built without BTF" "is pahole installed?"
	fi
	cp "$module" "$out"
}

main() {
	local flags=() kernel="" dest
	while [ $# -gt 0 ]; do
		case $1 in
		--list)
			python3 -B "$LAB_DIR/edit" --list
			echo debian
			return
			;;
		--no-truth) flags=(--no-truth) && shift ;;
		--tree) [ $# -ge 2 ] || usage && kernel=$2 && shift 2 ;;
		*) break ;;
		esac
	done
	[ $# -eq 2 ] || usage
	need python3 python3-minimal "${LAB_CROSS}gcc" "gcc${LAB_CROSS:+-${LAB_CROSS%-}}" make make pahole pahole objcopy binutils xz xz-utils
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
