#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: run.sh BUILD_DIR [ROUNDS]
# What tracing costs, in one machine, counted in instructions. Writes the table
# into docs/bench.md and shows it. Numbers are no test: the status is that of
# the run, whatever they are.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
build=$(realpath "$1")
rounds=${2:-3}
doc=$here/../../docs/bench.md
kernel=6.12 overlay=racy
results=$build/results/bench
mkdir -p "$results"

# enough of each that the tracer's ticks, ten in a second, are many
"$here/../lab/vm.sh" --kernel $kernel --overlay $overlay --icount --mem 2G --timeout 1800 \
	--put "$build/ovltrace-static:/lab/ovltrace" --put "$build/workload" \
	--put "$(command -v bpftrace)" --put "$here/guest.sh" --put "$here/equivalent.bt" \
	--keep-log "$results/console.log" -- "
	echo release \$(uname -r)
	export OPS_cached=12000 OPS_rebuild=3000 OPS_files=12000 OPS_merged=12000
	sh /lab/guest.sh $rounds quiet file hits merged top bpftrace" | tee "$results/output" >&2

release=$(sed -n 's/^release //p' "$results/output")
{
	echo "Kernel $release, overlayfs variant \`$overlay\`, $rounds rounds; median (least - most)."
	echo
	grep -v '^release ' "$results/output" | awk -f "$here/table.awk"
} > "$results/table.md"

# the generated section, between its two marks
awk -v table="$results/table.md" '
	/<!-- end: make bench -->/ { skip = 0 }
	!skip
	/<!-- begin: make bench -->/ { skip = 1; while ((getline line < table) > 0) print line }
' "$doc" > "$results/bench.md"
cat "$results/bench.md" > "$doc"
cat "$results/table.md"
