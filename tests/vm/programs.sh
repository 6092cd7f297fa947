#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: programs.sh BUILD_DIR [--keep]
# What each BPF program costs to load, on two kernels. Writes the tables into
# docs/programs.md. With --keep, from the results of an earlier run.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
build=$(realpath "$1")
doc=$here/../../docs/programs.md
results=$build/results
[ "${2:-}" = --keep ] || "$here/run.sh" "$build" programs >&2
awk -f "$here/programs.awk" OLDER=6.1 NEWER=6.12 "$results/programs-6.1/programs" \
	"$results/programs-6.12/programs" > "$results/programs.md"
awk -v table="$results/programs.md" '
	/<!-- end: make programs -->/ { skip = 0 }
	!skip
	/<!-- begin: make programs -->/ { skip = 1; while ((getline line < table) > 0) print line }
' "$doc" > "$results/programs-doc.md"
cat "$results/programs-doc.md" > "$doc"
