#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: mutations.sh BUILD_DIR [VARIANT]...
# What the smallest scopes find of the laboratory's edits: all histories of two operations in three
# configurations, and all schedules of three readers and modifications, on each variant of 6.12.
# Prints a line for each variant: what was covered, and the results that fail. docs/explore.md has
# the table.
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
	--get-dir "$out" --keep-log "$out/console.log" --timeout 3000 -- "
	for v in $*; do
		insmod /lab/\$v.ko || echo \"\$v: cannot be loaded\"
		[ ! -e /sys/module/overlay/parameters/bad_every ] ||
			echo 3 > /sys/module/overlay/parameters/bad_every
		timeout 240 ovltrace-static check --explore --depth 2 --config upper-only \
			--config impure --config merged --config schedules -o /out/\$v.ktap 2> /out/\$v.log
		echo \"\$v \$?\" | tee -a /out/status >&2
		rmmod overlay || { echo \"\$v: cannot be unloaded\"; break; }
	done"
while read -r v status; do
	covered=$(grep -ohE '[0-9]+ of [0-9]+ (schedules|histories of length [0-9])' "$out/$v.ktap" |
		sort -u | paste -sd ,)
	failed=$(sed -nE 's/^not ok [0-9]+ ([a-z_]+)$/\1/p' "$out/$v.ktap" | paste -sd ' ')
	echo "$v: $status; $covered; ${failed:-nothing}"
done < "$out/status"
