#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes the disk of a machine in the cache: an ext4 image of this machine's Debian suite, its
# minimal base and PACKAGES, for `vm.sh --disk`.
#
#   image.sh [PACKAGE…]     prints the path of the image, to which nothing may write
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/suite.sh"

SUITE=bookworm
SIZE=2G

# What an image is made from, as one word.
image_key() {
	echo "$SIZE $*" | sha256sum | cut -c 1-8
}

# build_image DIR PACKAGE...
build_image() {
	local dir=$1 main packages
	shift
	packages=$(IFS=, && echo "$*")
	main=$(mirror)
	[ -n "$main" ] || die "mirror" "$SUITE" "this machine's apt has no Debian mirror" "see sources.list(5)"
	note "making an image of Debian $SUITE${packages:+ with $packages}"
	# In a mount namespace of its own, so that no mount in the tree outlives it.
	unshare --mount debootstrap --variant=minbase ${packages:+--include="$packages"} \
		--keyring="$KEYRING" "$SUITE" "$dir/tree" "$main" >"$dir/log" 2>&1 || {
		tail -n 5 "$dir/log" >&2
		die "image" "$SUITE" "debootstrap failed"
	}
	rm -rf "$dir"/tree/var/cache/apt/* "$dir"/tree/var/lib/apt/lists/*
	# a name, and no questions at the first boot
	echo lab >"$dir/tree/etc/hostname"
	echo uninitialized >"$dir/tree/etc/machine-id"
	mke2fs -q -t ext4 -d "$dir/tree" "$dir/disk" "$SIZE" >"$dir/log" 2>&1 || {
		tail -n 5 "$dir/log" >&2
		die "image" "$SUITE" "mke2fs failed" "is the disk full?"
	}
	rm -rf --one-file-system "$dir/tree" "$dir/log"
	stamp_write "$dir"
}

need debootstrap debootstrap unshare util-linux mke2fs e2fsprogs
dest=$LAB_CACHE/images/$SUITE-$(image_key "$@")
with_lock "image-$SUITE"
if [ ! -d "$dest" ] || ! stamp_ok "$dest"; then
	[ "$(id -u)" = 0 ] || die "image" "$SUITE" "only root can make one"
	mkdir -p "$LAB_CACHE/images"
	rm -rf --one-file-system "$dest" "$LAB_CACHE/images/.new-$SUITE".*
	temp=$(mktemp -d "$LAB_CACHE/images/.new-$SUITE.XXXXXX")
	build_image "$temp" "$@"
	mv "$temp" "$dest"
fi
echo "$dest/disk"
