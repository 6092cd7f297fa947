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
# posted hangs: what comes after it could not be loaded
[ $# -gt 0 ] || mapfile -t list < <("$lab/overlay.sh" --list | grep -vxE 'debian|posted')
[ $# -gt 0 ] || set -- "${list[@]}" posted
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
			--config impure --config merged -o /out/\$v.histories 2> /out/\$v.log
		h=\$?
		timeout 240 ovltrace-static check --explore --depth 3 --config schedules \
			-o /out/\$v.schedules 2>> /out/\$v.log
		echo \"\$v \$h \$?\" | tee -a /out/status >&2
		rmmod overlay || { echo \"\$v: cannot be unloaded\"; break; }
	done"

# failed FILE: its results that fail
failed() {
	sed -nE 's/^not ok [0-9]+ ([a-z_]+)$/\1/p' "$1" | paste -sd ' '
}

while read -r v histories schedules; do
	covered=$(grep -ohE '[0-9]+ of [0-9]+ (schedules|histories of length [0-9])' "$out/$v".* |
		sort -u | paste -sd ,)
	echo "$v: status $histories and $schedules; ${covered:-nothing was covered}"
	echo "  histories: $(failed "$out/$v.histories"); schedules: $(failed "$out/$v.schedules")"
done < "$out/status"
