#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Fetches a Debian kernel for the laboratory: image, modules, headers and the
# overlayfs sources, unpacked in a cache. Nothing is installed on this machine.
#
#   kernel.sh fetch VERSION     a Debian line such as 6.12, or one kernel of it: 6.12.95;
#                               with +rt after it, the real-time kernel: 6.12+rt
#
# Prints the directory, which holds:
#   release   the kernel's name, as uname -r says it
#   suite     the Debian suite it is from, where that is not this machine's own
#   vmlinuz   modules/   headers/   source/fs/overlayfs …
# Without headers and source where Debian has the image only, as for old kernels.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/suite.sh"
. "$(dirname "$0")/packages.sh"

FLAVOUR=cloud-$LAB_DEBIAN # or rt-, where it is asked for
SOURCE_PARTS="fs/overlayfs fs/internal.h fs/mount.h"

usage() {
	echo "usage: $LAB_NAME fetch VERSION" >&2
	exit 2
}

# The newest kernel of a line: 6.12 -> 6.12.117+deb12-cloud-amd64. A kernel of a
# line is asked for by the package's version: 6.1.192 -> 6.1.0-56-cloud-amd64
newest_release() {
	local line release
	line=$(line_of "$1")
	apt-cache pkgnames "linux-image-$line" |
		sed -nE "s/^linux-image-(${line//./\\.}[.+~-][0-9].*-$FLAVOUR)\$/\1/p" | sort -V -r |
		while read -r release; do
			case $(apt_field "linux-image-$release" Version) in
			"$1"[-.]*) echo "$release" && break ;;
			esac
		done
}

# depends PACKAGE=VERSION REGEX: those of its dependencies
depends() {
	apt_field "$1" Depends | tr ',|' '\n' | sed -E 's/^ *//; s/[ :].*//' | grep -xE "$2" | sort -u
}

# The packages of one release, with their versions pinned to the image's.
packages_of() {
	local line=$1 release=$2 version dep
	version=$(apt_field "linux-image-$release" Version)
	[ -n "$version" ] ||
		die "package" "linux-image-$release" "apt knows no version of it" "run apt-get update"
	echo "linux-image-$release=$version"
	# What was one package is several in later kernels.
	for dep in $(depends "linux-image-$release=$version" 'linux-(base|binary|modules)-[^ ]+'); do
		# It has the map and the configuration only, and is gone from the archive before the others.
		case $dep in
		linux-base-*) [ -n "$(apt_field "$dep=$version" Size)" ] || continue ;;
		esac
		echo "$dep=$version"
	done
	if [ -z "$(apt_field "linux-source-$line=$version" Version)" ]; then
		note "Debian has no sources of $release any more: only its own overlay.ko can be used"
		return
	fi
	echo "linux-headers-$release=$version"
	for dep in $(depends "linux-headers-$release=$version" 'linux-(headers|kbuild)-[^ ]+'); do
		echo "$dep=$version"
	done
	echo "linux-source-$line=$version"
}

# Debian's headers name their common tree, and later ones themselves, by absolute
# paths; here they are elsewhere. Everything else in them is relative.
relocate_headers() {
	# shellcheck disable=SC2016 # for make
	local headers=$1 here='$(dir $(realpath $(lastword $(MAKEFILE_LIST))))'
	sed -i -E \
		-e "s|^include /usr/src/([^/]+)/Makefile\$|include $here../\1/Makefile|" \
		-e "s|^KBUILD_OUTPUT=/usr/src/[^/]+\$|KBUILD_OUTPUT := \$(patsubst %/,%,$here)|" \
		"$headers/Makefile"
	if grep -q '/usr/' "$headers/Makefile"; then
		die "headers" "$headers" "the Makefile still has absolute paths" "teach relocate_headers its new form"
	fi
}

# Only the files that overlay.ko needs are kept of the 1.5 GB of sources.
unpack_source() {
	local root=$1 line=$2 out=$3 part wanted=""
	for part in $SOURCE_PARTS; do
		wanted="$wanted linux-source-$line/$part"
	done
	mkdir -p "$out"
	# shellcheck disable=SC2086 # a list of words
	tar -C "$out" --strip-components=1 -xf "$root/usr/src/linux-source-$line.tar.xz" $wanted ||
		die "source" "linux-source-$line" "cannot be unpacked"
	rm "$root/usr/src/linux-source-$line.tar.xz"
}

# unpack_sources LINE RELEASE TREE: what overlay.ko is built with
unpack_sources() {
	local line=$1 release=$2 tree=$3
	relocate_headers "$tree/root/usr/src/linux-headers-$release"
	unpack_source "$tree/root" "$line" "$tree/source"
	find "$tree/root/usr/src/"*-common*/arch -mindepth 1 -maxdepth 1 ! -name "$LAB_ARCH" ! -name 'Kconfig*' \
		-exec rm -rf {} +
	ln -s "root/usr/src/linux-headers-$release" "$tree/headers"
}

build_tree() {
	local line=$1 release=$2 tree=$3 suite=$4 spec modules=lib/modules/$2
	packages_of "$line" "$release" >"$tree/packages"
	while read -r spec; do
		download "$spec" "$tree"
	done <"$tree/packages"
	! grep -q '^linux-source-' "$tree/packages" || unpack_sources "$line" "$release" "$tree"
	# Never used, and each file costs time whenever the stamp is checked.
	rm -rf "$tree/root/usr/share"
	[ -d "$tree/root/$modules" ] || modules=usr/$modules
	ln -s "root/$modules" "$tree/modules"
	ln -s "root/boot/vmlinuz-$release" "$tree/vmlinuz"
	[ -e "$tree/vmlinuz" ] || ln -sfn "root/$modules/vmlinuz" "$tree/vmlinuz"
	[ -e "$tree/vmlinuz" ] && [ -d "$tree/modules" ] ||
		die "kernel" "$release" "its packages have no vmlinuz or no modules" "teach packages_of their new names"
	[ -z "$suite" ] || echo "$suite" >"$tree/suite"
	echo "$release" >"$tree/release"
	stamp_write "$tree"
}

# The newest release of VERSION that is in the cache already, if any.
newest_cached() {
	find "$LAB_CACHE/kernels" -mindepth 1 -maxdepth 1 \
		-name "$(line_of "$1")[.+~-][0-9]*-$FLAVOUR" -printf '%f\n' 2>/dev/null | sort -V -r |
		while read -r release; do
			if grep -qE "^linux-image-.*=${1//./\\.}[-.]" "$LAB_CACHE/kernels/$release/packages"; then
				echo "$release"
				break
			fi
		done
}

# Says which RELEASE a VERSION is, and its SUITE: this machine's own apt knows best;
# then what is in the cache; then the next Debian suite, on the same mirror.
find_release() {
	SUITE="" RELEASE=$(newest_release "$1")
	[ -n "$RELEASE" ] || RELEASE=$(newest_cached "$1")
	[ -z "$RELEASE" ] || return 0
	if [ -z "$(apt-cache pkgnames linux-image-)" ]; then
		note "no package lists: running apt-get update"
		apt-get -qq update >&2 || die "package lists" "apt" "apt-get update failed" "check the network"
		RELEASE=$(newest_release "$1")
		[ -z "$RELEASE" ] || return 0
	fi
	SUITE=$NEXT_SUITE
	use_suite "$SUITE"
	RELEASE=$(newest_release "$1")
	[ -n "$RELEASE" ] || die "kernel" "$1" "neither apt here nor $SUITE knows a linux-image-$1*-$FLAVOUR" \
		"run apt-get update, or add a Debian suite that has it"
}

fetch() {
	local version=${1%+rt} line dest temp
	line=$(line_of "$version")
	[[ $1 != *+rt ]] || FLAVOUR=rt-$LAB_DEBIAN
	need apt-cache apt xz xz-utils flock util-linux
	with_lock "kernel-$line-$LAB_DEBIAN"
	find_release "$version"
	dest=$LAB_CACHE/kernels/$RELEASE
	if [ -d "$dest" ]; then
		if stamp_ok "$dest"; then
			echo "$dest"
			return
		fi
		note "the cached $RELEASE is damaged: fetching it again"
		if [ -e "$dest/suite" ] && [ -z "$SUITE" ]; then
			SUITE=$(cat "$dest/suite")
			use_suite "$SUITE"
		fi
		rm -rf "$dest"
	fi
	mkdir -p "$LAB_CACHE/kernels"
	rm -rf "$LAB_CACHE/kernels/.new-$line-$LAB_DEBIAN".*
	temp=$(mktemp -d "$LAB_CACHE/kernels/.new-$line-$LAB_DEBIAN.XXXXXX")
	build_tree "$line" "$RELEASE" "$temp" "$SUITE"
	mv "$temp" "$dest"
	echo "$dest"
}

if [ $# -ne 2 ] || [ "$1" != fetch ] || [[ ! $2 =~ ^[0-9]+\.[0-9]+(\.[0-9]+)?(\+rt)?$ ]]; then
	usage
fi
fetch "$2"
