#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: tests/package/test.sh BUILD_DIR
# Builds the package and the static tarball, each in a directory of its own; lintian reads the
# package; it is installed in a minimal Debian tree, run from there and purged. The tarball is built
# twice. The last line is "N passed, N failed, N skipped".
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1/package"
build=$(realpath "$1/package")
recording=$top/tests/golden/recording.jsonl
passed=0 failed=0

# is NAME WANT GOT
is() {
	if [ "$2" = "$3" ]; then
		echo "ok package: $1"
		passed=$((passed + 1))
	else
		echo "not ok package: $1: wanted '$2', got '$3'"
		failed=$((failed + 1))
	fi
}

end() {
	echo "$passed passed, $failed failed, 0 skipped"
	[ $failed = 0 ] && [ $passed -gt 0 ]
	exit
}

# inside COMMAND...: in the Debian tree
inside() {
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"
}

# What is in the tree, besides the logs and caches of dpkg.
listed() {
	(cd "$root" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/log/dpkg.log -o \
		-path ./var/cache -o -path ./proc -o -path ./tmp -o -path ./var/lib/systemd \) -prune \
		-o -print | sort)
}

static() {
	local where=$build/static-$1
	rm -rf "$where"
	mkdir -p "$where"
	git -C "$top" ls-files -co --exclude-standard -z |
		tar -C "$top" --null -T - --ignore-failed-read -cf - | tar -C "$where" -xf -
	make -C "$where" -j"$(nproc)" B="$2" SOURCE_DATE_EPOCH=1000000000 dist-static > "$where.log" 2>&1 ||
		tail -n 5 "$where.log"
	sha256sum < "$where/$2"/ovltrace-*.tar.gz
}

"$top/tests/package/build.sh" "$build/deb" > "$build/deb.log" 2>&1
is "it builds, without a network" 0 $?
deb=$(ls "$build"/deb/ovltrace_*.deb 2> /dev/null)
[ "$deb" ] || end
lintian --pedantic --fail-on error,warning,info,pedantic "$build"/deb/*.changes > "$build/lintian" 2>&1
is "lintian --pedantic" 0 $?
head -n 10 "$build/lintian" | sed 's/^/# /'
echo "# $(du -k "$deb" | cut -f 1) KiB: $(basename "$deb")"

root=$build/root
if [ ! -e "$root/usr/bin/dpkg" ]; then
	rm -rf "$root"
	depends=$(dpkg-deb -f "$deb" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/ //g')
	debootstrap --variant=minbase --include="$depends" bookworm "$root" > "$build/debootstrap.log" 2>&1 ||
		tail -n 3 "$build/debootstrap.log"
fi
mkdir -p "$root/tmp"
inside dpkg --purge ovltrace > /dev/null 2>&1
listed > "$build/before"
cp "$deb" "$root/tmp/ovltrace.deb"
inside dpkg -i /tmp/ovltrace.deb > "$build/install.log" 2>&1
is "it is installed" 0 $?
cp "$recording" "$root/tmp/"
is "it runs" "$(sed -n 's/.*OVLTRACE_VERSION "\(.*\)"/\1/p' "$top/src/util/version.h")" "$(inside ovltrace --version | awk '{print $2}')"
inside ovltrace report -f json /tmp/recording.jsonl > "$build/report.json" 2> /dev/null
is "it judges a recording" 1 $?
is "its report is JSON" 0 "$(python3 -m json.tool < "$build/report.json" > /dev/null; echo $?)"
is "the unit is not enabled" "" "$(find "$root/etc/systemd" -name '*ovltrace*' -path '*wants*' 2> /dev/null)"
for f in share/man/man8/ovltrace-run.8.gz share/bash-completion/completions/ovltrace \
	share/zsh/vendor-completions/_ovltrace share/fish/vendor_completions.d/ovltrace.fish \
	share/ovltrace/ovltrace-1.schema.json share/doc/ovltrace/examples/ovltrace.service; do
	is "it has $f" yes "$([ -s "$root/usr/$f" ] && echo yes)"
done
is "it has the unit" yes "$([ -s "$root/lib/systemd/system/ovltrace.service" ] && echo yes)"
mkdir -p "$root/var/log/ovltrace"
inside dpkg --purge ovltrace > "$build/purge.log" 2>&1
is "it is purged" 0 $?
listed > "$build/after"
is "purging leaves nothing" "" "$(diff "$build/before" "$build/after" | grep '^[<>]')"

one=$(static a build)
two=$(static b other/place)
is "the static tarball is reproducible" "$one" "$two"
tarball=$(ls "$build"/static-a/build/ovltrace-*.tar.gz)
echo "# $(du -k "$tarball" | cut -f 1) KiB: $(basename "$tarball")"
rm -rf "$build/unpacked"
mkdir "$build/unpacked"
tar -C "$build/unpacked" -xzf "$tarball"
"$(echo "$build"/unpacked/*/ovltrace)" report "$recording" > /dev/null 2>&1
is "the static program judges a recording" 1 $?
end
