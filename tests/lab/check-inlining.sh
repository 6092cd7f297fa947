#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Shows that the laboratory's kernels are the real ones:
#  - the stock sources, rebuilt, give Debian's own machine code;
#  - the counters of truth change neither what is inlined nor what is called,
#    in any function of any variant (the knob's sleep apart).
#
#   check-inlining.sh VERSION [VARIANT]...    without VARIANT: all of them
set -euo pipefail
. "$(dirname "$0")/lib.sh"

PASSED=0 FAILED=0

result() {
	if [ "$1" = ok ]; then
		PASSED=$((PASSED + 1))
	else
		FAILED=$((FAILED + 1))
	fi
	echo "$1 $2"
}

# calls MODULE: "function -> callee" for every call and tail call out of a
# function; returns, which are jumps to a thunk here, are none. A target without
# relocation is one in the same section, and is meant only if it has no offset.
calls() {
	objdump -dr --no-show-raw-insn -j .text -j .text.unlikely "$1" | awk '
		function emit(callee) {
			if (callee != "" && callee != "__x86_return_thunk") print fn " -> " callee
			target = ""
			branch = 0
		}
		/R_X86_64_/ {
			if (branch) { sub(/[-+]0x[0-9a-f]+$/, "", $3); emit($3) }
			next
		}
		{ emit(target) }
		/^[0-9a-f]+ <.*>:$/ { fn = substr($2, 2, length($2) - 3); next }
		$2 ~ /^(call|jmp)/ {
			branch = 1
			if ($4 ~ /^<[^+]*>$/) target = substr($4, 2, length($4) - 2)
		}
		END { emit(target) }'
}

# The knob and the callers that count are part of the counted module only.
without_knob() {
	grep -v -e '-> usleep_range_state$' -e '^truth_' || true
}

# code MODULE FUNCTION: its instructions with relocations, without addresses.
code() {
	objdump -dr --no-show-raw-insn -j .text "$1" | awk -v fn="<$2>:" '
		/^[0-9a-f]+ <.*>:$/ { show = ($2 == fn); next }
		# Where a string lies in its section is of no interest.
		show && NF { $1 = ""; sub(/\.rodata[^ ]*/, ".rodata"); print }'
}

section_sum() {
	objcopy -O binary --only-section="$2" "$1" /dev/stdout 2>/dev/null | sha256sum
}

check_debian() {
	local version=$1 debian stock
	debian=$("$LAB_DIR/overlay.sh" "$version" debian)
	stock=$("$LAB_DIR/overlay.sh" --no-truth "$version" stock)
	if [ -n "$(code "$stock" ovl_iterate_real)" ] &&
		diff <(code "$debian" ovl_iterate_real) <(code "$stock" ovl_iterate_real) >&2; then
		result ok "stock: ovl_iterate_real is Debian's, instruction by instruction"
	else
		result "not ok" "stock: ovl_iterate_real differs from Debian's"
	fi
	if [ "$(section_sum "$debian" .text)" = "$(section_sum "$stock" .text)" ]; then
		result ok "stock: .text is byte-identical to Debian's"
	else
		result "not ok" "stock: .text differs from Debian's"
	fi
}

check_variant() {
	local version=$1 variant=$2 counted bare count
	counted=$("$LAB_DIR/overlay.sh" "$version" "$variant")
	bare=$("$LAB_DIR/overlay.sh" --no-truth "$version" "$variant")
	count=$(calls "$bare" | grep -c '^ovl_iterate_real -> ' || true)
	if [ "$count" -eq 0 ]; then
		result "not ok" "$variant: no calls found in ovl_iterate_real"
	elif diff <(calls "$bare" | without_knob | sort) <(calls "$counted" | without_knob | sort) >&2; then
		result ok "$variant: the counters change no call ($count in ovl_iterate_real)"
	else
		result "not ok" "$variant: the counters change what is called"
	fi
}

[ $# -ge 1 ] || {
	echo "usage: $LAB_NAME VERSION [VARIANT]..." >&2
	exit 2
}
version=$1
shift
check_debian "$version"
mapfile -t variants < <([ $# -gt 0 ] && printf "%s\n" "$@" || "$LAB_DIR/overlay.sh" --list | tr " " "\n")
for variant in "${variants[@]}"; do
	case $variant in
	debian) ;;
	# Nothing at all is inlined there, accessors that the counters use neither.
	*-outline) ;;
	*) check_variant "$version" "$variant" ;;
	esac
done
echo "$PASSED passed, $FAILED failed, 0 skipped"
[ "$FAILED" -eq 0 ]
