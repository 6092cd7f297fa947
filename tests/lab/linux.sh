#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds a whole kernel with overlayfs built in: a configuration of config/, and a
# variant of overlayfs, from Debian's sources or from a tree of your own.
#
#   linux.sh [--line 6.12] CONFIG VARIANT    prints its directory
#   linux.sh --source DIR CONFIG VARIANT     from the kernel tree DIR, which stays as it is
#   linux.sh --list                          names the configurations
#
# VARIANT is one of `overlay.sh --list`, or `untouched`: overlayfs as the sources have
# it, without counters. The directory holds:
#   vmlinuz   vmlinux (without DWARF)   System.map   config   release   modules/ (empty)
#
# Objects are kept in the cache, so that another variant costs one link.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/packages.sh"

# To be changed when this script builds or keeps something else of the same inputs.
FORM=1
LINE=6.12 SOURCE="" CONFIG="" VARIANT=""
NAME=""      # of the kernel, apart from its variant
DEST=""      # the directory that is printed
OBJECTS=""   # the directory in the cache: sources and objects in tree/
SOURCES=""   # of Debian, in the cache
WORK=""      # temporary, with the edited overlayfs
TOOLCHAIN=() # what make is called with
# Without these there is nothing to trace, or nothing to trace it with.
REQUIRED="CONFIG_OVERLAY_FS CONFIG_BPF_SYSCALL CONFIG_DEBUG_INFO_BTF CONFIG_KPROBES CONFIG_KALLSYMS_ALL"

usage() {
	echo "usage: $LAB_NAME [--line LINE | --source DIR] CONFIG VARIANT | --list" >&2
	exit 2
}

configs() {
	find "$LAB_DIR/config" -name '*.config' ! -name base.config -printf '%f\n' | sed 's/\.config$//' | sort
}

parse() {
	while [ $# -gt 0 ]; do
		case $1 in
		--list) configs && exit ;;
		--line) [ $# -ge 2 ] || usage && LINE=$2 && shift 2 ;;
		--source) [ $# -ge 2 ] || usage && SOURCE=$2 && shift 2 ;;
		*) break ;;
		esac
	done
	[ $# -eq 2 ] || usage
	CONFIG=$1 VARIANT=$2
	[ -e "$LAB_DIR/config/$CONFIG.config" ] && [ "$CONFIG" != base ] ||
		die "configuration" "$CONFIG" "unknown" "one of: $(configs | tr '\n' ' ')"
	[ "$VARIANT" = untouched ] || "$LAB_DIR/overlay.sh" --list | grep -x -- "$VARIANT" >/dev/null ||
		die "variant" "$VARIANT" "unknown" "untouched, or what overlay.sh --list names"
	case $VARIANT in
	debian) VARIANT=untouched ;;
	*-nobtf) die "variant" "$VARIANT" "the types of what is built in are the kernel's own" ;;
	esac
}

# What the configuration is built with, from Debian 12.
find_tools() {
	need make make flex flex bison bison bc bc pahole pahole lz4 lz4 cpio cpio python3 python3-minimal
	case $CONFIG in
	clang)
		need clang-16 clang-16 ld.lld-16 lld-16 llvm-nm-16 llvm-16 gcc gcc
		# so that another variant compiles what overlayfs is inlined with, and no more
		TOOLCHAIN=(LLVM=-16 "LD=ld.lld-16 --thinlto-cache-dir=.thinlto-cache")
		;;
	*) need gcc gcc objcopy binutils ;;
	esac
}

tools_version() {
	case $CONFIG in
	clang) clang-16 --version | head -n 1 ;;
	*) gcc --version | head -n 1 ;;
	esac
}

# --- sources ------------------------------------------------------------------

# The newest version of a line's sources that apt knows, or that is in the cache.
source_version() {
	local version
	version=$(apt_field "linux-source-$LINE" Version)
	[ -n "$version" ] || version=$(find "$LAB_CACHE/sources" -mindepth 1 -maxdepth 1 -name "$LINE.*" \
		-printf '%f\n' 2>/dev/null | sort -V | tail -n 1)
	[ -n "$version" ] || die "sources" "linux-source-$LINE" "apt does not know them" "run apt-get update"
	echo "$version"
}

# Finds Debian's sources: linux.tar.xz and overlayfs/ in SOURCES.
fetch_source() {
	local version=$1 temp
	SOURCES=$LAB_CACHE/sources/$version
	with_lock "source-$LINE"
	if [ -d "$SOURCES" ]; then
		! stamp_ok "$SOURCES" || return 0
		note "the cached sources of $version are damaged: fetching them again"
		rm -rf "$SOURCES"
	fi
	mkdir -p "$LAB_CACHE/sources"
	rm -rf "$LAB_CACHE/sources/.new-$LINE".*
	temp=$(mktemp -d "$LAB_CACHE/sources/.new-$LINE.XXXXXX")
	download "linux-source-$LINE=$version" "$temp"
	mv "$temp/root/usr/src/linux-source-$LINE.tar.xz" "$temp/linux.tar.xz"
	rm -rf "$temp/root"
	tar -C "$temp" --strip-components=2 -xf "$temp/linux.tar.xz" "linux-source-$LINE/fs/overlayfs" ||
		die "sources" "linux-source-$LINE" "cannot be unpacked" "is the disk full?"
	stamp_write "$temp"
	mv "$temp" "$SOURCES"
}

# The objects are of these sources and this compiler, or they are thrown away. What they
# are of is written when the sources are complete.
objects_are_of() {
	[ "$(cat "$OBJECTS/of" 2>/dev/null)" != "$1" ] || return 0
	rm -rf "$OBJECTS"
	mkdir -p "$OBJECTS/tree"
	return 1
}

unpack_debian() {
	local of=$1
	! objects_are_of "$of" || return 0
	note "unpacking the sources of $of"
	tar -C "$OBJECTS/tree" --strip-components=1 -xf "$SOURCES/linux.tar.xz" ||
		die "sources" "$SOURCES" "cannot be unpacked" "is the disk full?"
	echo "$of" >"$OBJECTS/of"
}

# A tree of your own may have objects in it, and is in use. What changed in it since
# the last time is copied, but for overlayfs, which may be edited.
copy_own() {
	local of
	of="$SOURCE $(tools_version)"
	objects_are_of "$of" || note "copying the sources of $SOURCE"
	(cd "$SOURCE" && git ls-files -z --cached --others --exclude-standard | sort -zu |
		comm -z23 - <(git ls-files -z --deleted | sort -zu) |
		grep -zv '^fs/overlayfs/' >"$OBJECTS/files")
	# cpio reports each file that is not newer than its copy.
	(cd "$SOURCE" && cpio --null --quiet -pdm "$OBJECTS/tree" <"$OBJECTS/files") 2>"$OBJECTS/log" ||
		die "sources" "$SOURCE" "cannot be copied" "is the disk full? See $OBJECTS/log"
	echo "$of" >"$OBJECTS/of"
}

# --- configuration and variant ------------------------------------------------

build() {
	env -i PATH="$PATH" HOME="$HOME" LC_ALL=C KBUILD_BUILD_USER=ovltrace KBUILD_BUILD_HOST=lab \
		KBUILD_BUILD_TIMESTAMP='1970-01-01' \
		nice -n 5 make -C "$OBJECTS/tree" LOCALVERSION="-$CONFIG" "${TOOLCHAIN[@]}" "$@"
}

# An option that Kconfig dropped is an error, except that trees of your own may be of
# another time, where an option has another name or is no more.
configure() {
	local line have=$OBJECTS/tree/.config
	cat "$LAB_DIR/config/base.config" "$LAB_DIR/config/$CONFIG.config" >"$OBJECTS/wanted"
	build -s KCONFIG_ALLCONFIG="$OBJECTS/wanted" allnoconfig >"$OBJECTS/log" 2>&1 || {
		tail -n 20 "$OBJECTS/log" >&2
		die "configuration" "$CONFIG" "Kconfig failed"
	}
	while read -r line; do
		grep -qxF "$line" "$have" && continue
		[ -n "$SOURCE" ] && [[ " $REQUIRED " != *" ${line%%=*} "* ]] ||
			die "configuration" "$CONFIG" "Kconfig drops $line" "see $have"
		note "these sources don't have $line"
	done < <(grep '^CONFIG_' "$OBJECTS/wanted")
}

# Makes the variant in WORK/overlayfs.
edit_overlayfs() {
	local pristine=$1 new=$WORK/overlayfs
	cp -a "$pristine" "$new"
	find "$new" -type f ! -name '*.[ch]' ! -name Makefile ! -name Kconfig -delete
	[ "$VARIANT" = untouched ] || python3 -B "$LAB_DIR/edit" "$VARIANT" "$new" ||
		die "variant" "$VARIANT" "the edit script refused these sources"
	[[ $VARIANT != *-outline ]] || echo 'ccflags-y += -fno-inline' >>"$new/Makefile"
}

# Only files that differ are written, so that nothing else is compiled.
install_overlayfs() {
	local file tree=$OBJECTS/tree/fs/overlayfs
	mkdir -p "$tree"
	for file in "$WORK"/overlayfs/*; do
		cmp -s "$file" "$tree/${file##*/}" || cp "$file" "$tree/"
	done
}

# --- the result ---------------------------------------------------------------

# Everything that the kernel depends on, as one short word.
build_key() {
	{
		echo "$FORM $* $(tools_version)"
		pahole --version
		cat "$LAB_DIR/config/base.config" "$LAB_DIR/config/$CONFIG.config" "$WORK"/overlayfs/*
	} | sha256sum | cut -c 1-16
}

build_kernel() {
	local out=$1 new=$1.new tree=$OBJECTS/tree strip=strip
	configure
	install_overlayfs
	note "building ${SOURCE:-linux $LINE}: $CONFIG, $VARIANT (log: $OBJECTS/log)"
	if ! build "-j${JOBS:-$(nproc)}" bzImage >"$OBJECTS/log" 2>&1; then
		grep -E 'error|undefined|\*\*\*' "$OBJECTS/log" | head -n 20 >&2
		die "kernel" "$CONFIG" "build failed" "see $OBJECTS/log"
	fi
	rm -rf "$out" "$new"
	mkdir -p "$new/modules"
	[ "$CONFIG" != clang ] || strip=llvm-strip-16
	$strip --strip-debug -o "$new/vmlinux" "$tree/vmlinux"
	cp "$tree/arch/x86/boot/bzImage" "$new/vmlinuz"
	cp "$tree/System.map" "$new/System.map"
	cp "$tree/.config" "$new/config"
	cp "$tree/include/config/kernel.release" "$new/release"
	stamp_write "$new"
	mv "$new" "$out"
}

# --- which, and where ---------------------------------------------------------

own() {
	SOURCE=$(realpath "$SOURCE")
	[ -e "$SOURCE/Kbuild" ] && [ -d "$SOURCE/fs/overlayfs" ] ||
		die "sources" "$SOURCE" "not a kernel tree"
	git -C "$SOURCE" rev-parse --git-dir >/dev/null 2>&1 ||
		die "sources" "$SOURCE" "not a git tree: sources and objects cannot be distinguished"
	NAME=own-$(sha256sum <<<"$SOURCE" | cut -c 1-8)-$CONFIG
	OBJECTS=$LAB_CACHE/linux/$NAME
	DEST=$LAB_CACHE/built/$NAME/$VARIANT
	with_lock "linux-$NAME"
	# Only make knows what changed in a tree that is worked on.
	copy_own
	edit_overlayfs "$SOURCE/fs/overlayfs"
	build_kernel "$DEST"
}

debians() {
	local version
	version=$(source_version)
	fetch_source "$version"
	exec {LAB_LOCK_FD}>&- # others may read the sources, too
	edit_overlayfs "$SOURCES/overlayfs"
	NAME=$LINE-$CONFIG
	OBJECTS=$LAB_CACHE/linux/$NAME
	DEST=$LAB_CACHE/built/$NAME/$VARIANT-$(build_key "$version" "$VARIANT")
	with_lock "linux-$NAME"
	if [ -d "$DEST" ]; then
		! stamp_ok "$DEST" || return 0
		note "the cached $NAME, $VARIANT is damaged: building it again"
	fi
	unpack_debian "$version $(tools_version)"
	build_kernel "$DEST"
}

main() {
	parse "$@"
	find_tools
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/linux-build.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
	if [ -n "$SOURCE" ]; then
		own
	else
		debians
	fi
	echo "$DEST"
}

main "$@"
