#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: run.sh BUILD_DIR [ROUNDS]
# What tracing costs, in one machine, counted in instructions. Writes the table of its
# architecture into docs/bench.md and shows it. Numbers are no test: the status is that of the
# run, whatever they are.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
build=$(realpath "$1")
rounds=${2:-3}
. "$here/../lab/arch.sh"
doc=$here/../../docs/bench.md tracers="quiet file hits merged top" bpftrace=()
mark="make bench"
[ "$LAB_ARCH" = x86 ] || mark="make bench ARCH=$LAB_ARCH"
# this machine's bpftrace does not run on another one
if [ "$LAB_ARCH" = "$LAB_HOST_ARCH" ]; then
	tracers="$tracers bpftrace"
	bpftrace=(--put "$(command -v bpftrace)")
fi
kernel=6.12 overlay=racy
results=$build/results/bench
mkdir -p "$results"

# enough of each that the tracer's ticks, ten in a second, are many
"$here/../lab/vm.sh" --kernel $kernel --overlay $overlay --icount --mem 2G --timeout 1800 \
	--put "$build/ovltrace-static:/lab/ovltrace" --put "$build/workload" \
	"${bpftrace[@]}" --put "$here/guest.sh" --put "$here/equivalent.bt" \
	--keep-log "$results/console.log" -- "
	echo release \$(uname -r)
	export OPS_cached=12000 OPS_rebuild=3000 OPS_files=12000 OPS_merged=12000
	sh /lab/guest.sh $rounds $tracers" | tee "$results/output" >&2

release=$(sed -n 's/^release //p' "$results/output")
{
	echo "Kernel $release, overlayfs variant \`$overlay\`, $rounds rounds; median (least - most)."
	echo
	grep -v '^release ' "$results/output" | awk -f "$here/table.awk"
} > "$results/table.md"

# the generated section, between its two marks
awk -v table="$results/table.md" -v mark="$mark" '
	$0 == "<!-- end: " mark " -->" { skip = 0 }
	!skip
	$0 == "<!-- begin: " mark " -->" { skip = 1; while ((getline line < table) > 0) print line }
' "$doc" > "$results/bench.md"
cat "$results/bench.md" > "$doc"
cat "$results/table.md"
