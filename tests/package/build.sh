#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: tests/package/build.sh DIR
# Builds the Debian package of the files in this tree, in a copy of them, without a network. The
# results are in DIR.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$1
mkdir -p "$dir"
dir=$(realpath "$dir")
rm -rf "${dir:?}"/*
mkdir "$dir/ovltrace"
if [ -e "$top/.git" ]; then
	git -C "$top" ls-files -co --exclude-standard -z |
		tar -C "$top" --null -T - --ignore-failed-read -cf - | tar -C "$dir/ovltrace" -xf -
else
	tar -C "$top" --exclude=./build -cf - . | tar -C "$dir/ovltrace" -xf -
fi
offline=()
if unshare -n true 2> /dev/null; then
	offline=(unshare -n)
fi
cd "$dir/ovltrace"
DEB_BUILD_OPTIONS=parallel=$(nproc) "${offline[@]}" dpkg-buildpackage -us -uc > "$dir/log" 2>&1 || {
	tail -n 20 "$dir/log" >&2
	exit 1
}
cd "$dir"
rm -rf ovltrace
ls -- *.deb
