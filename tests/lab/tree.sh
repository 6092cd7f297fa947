#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes a tree of another Debian suite in the cache, with what builds kernel modules:
# the tools in a later kernel's headers need a later libc than this machine's.
#
#   tree.sh SUITE           prints its directory
#   tree.sh SUITE DIR KERNEL COMMAND…
#       runs COMMAND in the tree, with DIR as /lab/build and KERNEL, which cannot be
#       written to, as /lab/kernel
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/suite.sh"

PACKAGES=gcc-14,libc6-dev,make,pahole,libelf1t64,libssl3t64
[ -z "$LAB_CROSS" ] || PACKAGES=$PACKAGES,gcc-14-${LAB_CROSS%-}

# Everything that the tree is made from, as one word.
tree_key() {
	echo "$PACKAGES" | sha256sum | cut -c 1-8
}

build_tree() {
	local suite=$1 tree=$2 main
	main=$(mirror)
	[ -n "$main" ] || die "mirror" "$suite" "this machine's apt has no Debian mirror" "see sources.list(5)"
	note "making a tree of Debian $suite, about 300 MB"
	# In a mount namespace of its own, so that no mount in the tree outlives it.
	unshare --mount debootstrap --variant=minbase --include="$PACKAGES" --keyring="$KEYRING" \
		"$suite" "$tree" "$main" >"$tree.log" 2>&1 || {
		tail -n 5 "$tree.log" >&2
		die "tree" "$suite" "debootstrap failed"
	}
	rm -rf "$tree.log" "$tree"/var/cache/apt "$tree"/var/lib/apt/lists "$tree"/usr/share/{doc,locale,man}
	mkdir -p "$tree"/lab/{build,kernel}
	stamp_write "$tree"
}

tree() {
	local suite=$1 dest temp
	dest=$LAB_CACHE/trees/$suite-$(tree_key)
	with_lock "tree-$suite"
	if [ -d "$dest" ]; then
		if stamp_ok "$dest"; then
			TREE=$dest
			return
		fi
		note "the cached tree of $suite is damaged: making it again"
		rm -rf --one-file-system "$dest"
	fi
	need debootstrap debootstrap unshare util-linux chroot coreutils
	[ "$(id -u)" = 0 ] || die "tree" "$suite" "only root can make one"
	mkdir -p "$LAB_CACHE/trees"
	rm -rf --one-file-system "$LAB_CACHE/trees/.new-$suite".*
	temp=$(mktemp -d "$LAB_CACHE/trees/.new-$suite.XXXXXX")
	chmod 755 "$temp"
	build_tree "$suite" "$temp"
	mv "$temp" "$dest"
	TREE=$dest
}

[ $# -eq 1 ] || [ $# -ge 4 ] || {
	echo "usage: $LAB_NAME SUITE [DIR KERNEL COMMAND...]" >&2
	exit 2
}
tree "$1"
if [ $# -eq 1 ]; then
	echo "$TREE"
	exit
fi
dir=$2 kernel=$3
shift 3
# shellcheck disable=SC2016 # expanded by the inner shell
exec unshare --mount sh -ec '
	tree=$1 dir=$2 kernel=$3
	shift 3
	mount --bind "$dir" "$tree/lab/build"
	mount --bind -o ro "$kernel" "$tree/lab/kernel"
	mount -t proc proc "$tree/proc"
	exec chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"' \
	sh "$TREE" "$dir" "$kernel" "$@"
