#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fetches a Debian kernel for the laboratory: image, modules, headers and the
# overlayfs sources, unpacked in a cache. Nothing is installed on this machine.
#
#   kernel.sh fetch VERSION     VERSION is a Debian line such as 6.12
#
# Prints the directory, which holds:
#   release   the kernel's name, as uname -r says it
#   vmlinuz   modules/   headers/   source/fs/overlayfs …
set -euo pipefail
. "$(dirname "$0")/lib.sh"

FLAVOUR=cloud-amd64
SOURCE_PARTS="fs/overlayfs fs/internal.h fs/mount.h"

usage() {
	echo "usage: $LAB_NAME fetch VERSION" >&2
	exit 2
}

# The newest kernel of a line: 6.12 -> 6.12.117+deb12-cloud-amd64
newest_release() {
	apt-cache pkgnames "linux-image-$1" |
		sed -nE "s/^linux-image-(${1//./\\.}[.+~-][0-9].*-$FLAVOUR)\$/\1/p" | sort -V | tail -n 1
}

# apt_field PACKAGE[=VERSION] FIELD
apt_field() {
	apt-cache show --no-all-versions "$1" 2>/dev/null |
		awk -v key="$2: " 'index($0, key) == 1 && !n++ { print substr($0, length(key) + 1) }'
}

# The packages of one release, with their versions pinned to the image's.
packages_of() {
	local line=$1 release=$2 version dep
	version=$(apt_field "linux-image-$release" Version)
	[ -n "$version" ] ||
		die "package" "linux-image-$release" "apt knows no version of it" "run apt-get update"
	echo "linux-image-$release=$version"
	echo "linux-headers-$release=$version"
	for dep in $(apt-cache depends "linux-headers-$release=$version" |
		sed -nE 's/^[ |]*Depends: (linux-(headers|kbuild)-[^ ]+)$/\1/p'); do
		echo "$dep=$version"
	done
	echo "linux-source-$line=$version"
}

# download PACKAGE=VERSION DIR: fetch it and compare with apt's own metadata.
download() {
	local spec=$1 dir=$2 name=${1%%=*} size sum file
	size=$(apt_field "$spec" Size)
	sum=$(apt_field "$spec" SHA256)
	if [ -z "$size" ] || [ -z "$sum" ]; then
		die "package" "$spec" "apt knows neither size nor checksum of it" "run apt-get update"
	fi
	note "downloading $spec ($((size / 1000000)) MB)"
	(cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$spec" >&2) ||
		die "package" "$spec" "cannot be downloaded" "check the network, run apt-get update"
	file=$(find "$dir" -maxdepth 1 -name "${name}_*.deb")
	[ "$(stat -c %s "$file")" = "$size" ] ||
		die "package" "$spec" "size is not the $size bytes that apt announced"
	echo "$sum  $file" | sha256sum --check --status ||
		die "package" "$spec" "checksum is not the one that apt announced"
	dpkg-deb -x "$file" "$dir/root" ||
		die "package" "$spec" "cannot be unpacked" "is the disk full?"
	rm "$file"
}

# Debian's headers include their common tree by an absolute path; here it is
# elsewhere. Everything else in them is relative.
relocate_headers() {
	local headers=$1
	# shellcheck disable=SC2016 # a make variable
	sed -i -E 's|^include /usr/src/([^/]+)/Makefile$|include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))../\1/Makefile|' \
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

build_tree() {
	local line=$1 release=$2 tree=$3 spec
	packages_of "$line" "$release" >"$tree/packages"
	while read -r spec; do
		download "$spec" "$tree"
	done <"$tree/packages"
	relocate_headers "$tree/root/usr/src/linux-headers-$release"
	unpack_source "$tree/root" "$line" "$tree/source"
	# Never used, and each file costs time whenever the stamp is checked.
	rm -rf "$tree/root/usr/share"
	find "$tree/root/usr/src/"*-common/arch -mindepth 1 -maxdepth 1 ! -name x86 ! -name 'Kconfig*' \
		-exec rm -rf {} +
	ln -s "root/boot/vmlinuz-$release" "$tree/vmlinuz"
	ln -s "root/usr/src/linux-headers-$release" "$tree/headers"
	if [ -d "$tree/root/lib/modules/$release" ]; then
		ln -s "root/lib/modules/$release" "$tree/modules"
	else
		ln -s "root/usr/lib/modules/$release" "$tree/modules"
	fi
	echo "$release" >"$tree/release"
	stamp_write "$tree"
}

# The newest release of the line that is in the cache already, if any.
newest_cached() {
	find "$LAB_CACHE/kernels" -mindepth 1 -maxdepth 1 -name "$1[.+~-][0-9]*-$FLAVOUR" \
		-printf '%f\n' 2>/dev/null | sort -V | tail -n 1
}

fetch() {
	local line=$1 release dest temp
	need apt-cache apt xz xz-utils flock util-linux
	with_lock "kernel-$line"
	release=$(newest_release "$line")
	[ -n "$release" ] || release=$(newest_cached "$line")
	if [ -z "$release" ] && [ -z "$(apt-cache pkgnames linux-image-)" ]; then
		note "no package lists: running apt-get update"
		apt-get -qq update >&2 || die "package lists" "apt" "apt-get update failed" "check the network"
		release=$(newest_release "$line")
	fi
	[ -n "$release" ] ||
		die "kernel" "$line" "apt knows no linux-image-$line*-$FLAVOUR" \
			"run apt-get update, or add a Debian suite that has it"
	dest=$LAB_CACHE/kernels/$release
	if [ -d "$dest" ]; then
		if stamp_ok "$dest"; then
			echo "$dest"
			return
		fi
		note "the cached $release is damaged: fetching it again"
		rm -rf "$dest"
	fi
	mkdir -p "$LAB_CACHE/kernels"
	rm -rf "$LAB_CACHE/kernels/.new-$line".*
	temp=$(mktemp -d "$LAB_CACHE/kernels/.new-$line.XXXXXX")
	build_tree "$line" "$release" "$temp"
	mv "$temp" "$dest"
	echo "$dest"
}

if [ $# -ne 2 ] || [ "$1" != fetch ]; then
	usage
fi
fetch "$2"
