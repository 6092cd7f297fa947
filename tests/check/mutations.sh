#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: mutations.sh BUILD_DIR [VARIANT]...
# What the smallest scopes find of the laboratory's edits: `ovltrace check` with the scenarios
# `histories` and `schedules` only, on each variant of 6.12. Prints a line for each variant: what
# was covered, and the results that fail. docs/explore.md has the table.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
lab=$here/../lab
build=$(realpath "$1")
shift
[ $# -gt 0 ] || mapfile -t list < <("$lab/overlay.sh" --list | grep -vx debian)
[ $# -gt 0 ] || set -- "${list[@]}"
out=$build/mutations
puts=()
rm -rf "$out"
mkdir -p "$out"
for v; do
	puts+=(--put "$("$lab/overlay.sh" 6.12 "$v"):/lab/$v.ko")
done
"$lab/vm.sh" --kernel 6.12 --overlay none --mem 2G --put "$build/ovltrace-static" "${puts[@]}" \
	--get-dir "$out" --keep-log "$out/console.log" --timeout 2400 -- "
	for v in $*; do
		insmod /lab/\$v.ko || echo \"\$v: cannot be loaded\"
		[ ! -e /sys/module/overlay/parameters/bad_every ] ||
			echo 3 > /sys/module/overlay/parameters/bad_every
		timeout 120 ovltrace-static check -d 20 --scenario histories --scenario schedules \
			-o /out/\$v.ktap 2> /out/\$v.log
		echo \"\$v \$?\" >> /out/status
		rmmod overlay || { echo \"\$v: cannot be unloaded\"; break; }
	done"
while read -r v status; do
	covered=$(grep -E -m 2 '^  # [0-9]+ (of|schedules|histories)' "$out/$v.ktap" | sed 's/^  # //' | paste -sd ,)
	failed=$(sed -nE 's/^not ok [0-9]+ ([a-z_]+).*/\1/p' "$out/$v.ktap" | paste -sd ' ')
	echo "$v: $status; $covered; ${failed:-nothing}"
done < "$out/status"
