#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: run.sh BUILD_DIR [ROW]...
# The kernel matrix: what can be seen on each kernel, and whether it is the truth.
# Without ROW it runs all rows and updates docs/matrix.md, or docs/matrix-ARCH.md where
# OVLTRACE_ARCH is another architecture than x86.
set -euo pipefail

build=$(realpath "$1")
shift
here=$(dirname "$(realpath "$0")")
lab=$here/../lab
. "$lab/arch.sh"
. "$here/rows.sh"
doc=$here/../../docs/matrix.md
[ "$LAB_ARCH" = x86 ] || doc=$here/../../docs/matrix-$LAB_ARCH.md
results=$build/results/matrix
seconds=${OVLTRACE_MATRIX_SECONDS:-3}
mkdir -p "$results"

# row NAME KERNEL VARIANT [OPTION]...: leaves its files and how the machine ended
row() {
	local name=$1 kernel=$2 variant=$3 status=0
	shift 3
	rm -rf "${results:?}/$name"
	mkdir -p "$results/$name"
	echo "$name: $kernel, $variant $*" >&2
	"$lab/vm.sh" --kernel "$kernel" --overlay "$variant" --timeout 300 "$@" \
		--put "$build/ovltrace-static" --put "$build/workload" \
		--put "$here/../vm/guest-lib.sh" --put "$here/guest.sh" \
		--get-dir "$results/$name" --keep-log "$results/$name/console.log" \
		-- "sh /lab/guest.sh $seconds" > "$results/$name/output" || status=$?
	printf '%s\n' "$kernel" "$variant" "$*" "$status" > "$results/$name/row"
}

names=() skipped=()
for line in "${ROWS[@]}"; do
	read -r -a words <<< "$line"
	[ $# -eq 0 ] || [[ " $* " == *" ${words[0]} "* ]] || continue
	# Mirrors drop old versions of a kernel series, but keep the series.
	if [[ ${words[1]} == *.*.* ]] && ! "$lab/kernel.sh" fetch "${words[1]}" > /dev/null; then
		skipped+=("${words[0]}")
		continue
	fi
	names+=("${words[0]}")
	row "${words[@]}"
done
[ ${#names[@]} -gt 0 ] || [ ${#skipped[@]} -gt 0 ] || {
	echo "run.sh: no row of that name; there are:$(printf ' %s' "${ROWS[@]%% *}")" >&2
	exit 2
}
table=()
for name in "${skipped[@]}"; do
	table+=(--skipped "$name")
done
[ $# -gt 0 ] || table+=(--table "$results/table.md")
status=0
/usr/bin/python3 -B "$here/judge.py" "${table[@]}" "$results" "${names[@]}" || status=$?
if [ $# -eq 0 ] && [ -s "$results/table.md" ]; then
	# the generated section, between its two marks
	awk -v table="$results/table.md" '
		/<!-- end: make matrix -->/ { skip = 0 }
		!skip
		/<!-- begin: make matrix -->/ { skip = 1; while ((getline line < table) > 0) print line }
	' "$doc" > "$results/matrix.md"
	cat "$results/matrix.md" > "$doc"
fi
exit $status
