#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: setup.sh [build|lint|lab|kernel|test|fuzz|analyze|package|bench|matrix|cross-arm64|lab-arm64]...
# Installs the Debian 12 packages that are missing. Prints nothing if there are none.
set -euo pipefail

declare -A packages=(
	[build]="gcc g++ make libc6-dev clang bpftool libbpf-dev libelf-dev zlib1g-dev uthash-dev
		libboost-json1.81-dev libcapstone-dev libseccomp-dev libarchive-dev"
	[lint]="clang-format shellcheck git python3 systemd"
	[lab]="qemu-system-x86 busybox-static cpio xz-utils lz4 kmod binutils pahole procps
		libelf1 libssl3 python3-minimal"
	[kernel]="gcc make flex bison bc libelf-dev git cpio lz4 pahole clang-16 lld-16 llvm-16"
	[test]="python3-jsonschema libasan8 libubsan1 time prometheus chromium strace
		zsh"
	[fuzz]="libclang-rt-14-dev python3-minimal"
	[analyze]="clang-tidy cppcheck"
	[package]="debhelper dpkg-dev lintian debootstrap git"
	[bench]="bpftrace jq"
	[matrix]="debootstrap"
	# what is built for another architecture, and its machines
	[cross-arm64]="gcc-aarch64-linux-gnu g++-aarch64-linux-gnu libbpf-dev:arm64 libelf-dev:arm64
		zlib1g-dev:arm64 libarchive-dev:arm64 libcapstone-dev:arm64 libseccomp-dev:arm64 libboost-json1.81-dev:arm64"
	[lab-arm64]="qemu-system-arm"
)

missing=()
for set in "${@:-build}"; do
	for package in ${packages[$set]}; do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" 2> /dev/null | grep -qx installed ||
			missing+=("$package")
	done
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then
	echo "setup: packages are missing, and only root can install them: apt-get install ${missing[*]}" >&2
	exit 1
fi
echo "installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
foreign=$(printf '%s\n' "${missing[@]}" | sed -n 's/.*://p' | sort -u)
for arch in $foreign; do
	dpkg --print-foreign-architectures | grep -qx "$arch" && continue
	dpkg --add-architecture "$arch"
	apt-get -qq update >&2
done
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for try in 1 2; do
	if apt-get install -y --no-install-recommends "${missing[@]}" > "$log" 2>&1; then
		exit 0
	fi
	# the package lists are missing or old
	[ $try = 1 ] && apt-get update > "$log" 2>&1
done
tail -n 5 "$log" >&2
echo "setup: packages cannot be installed: see the lines above" >&2
exit 1
