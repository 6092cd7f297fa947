#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: tests/lint/selftest.sh BUILD_DIR
# Plants each kind of violation in a copy of src/ without git, as in a tarball: lint must name it.
# The last line is "N passed, N failed, N skipped".
set -uo pipefail

build=$(realpath "${1:?usage: $0 BUILD_DIR}")
here=$(dirname "$(realpath "$0")")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

# found STATUS NAME EXPECTED: lint ended with that status, and its output is in $dir/out
found() {
	if [ "$1" = 1 ] && grep -qF "$3" "$dir/out"; then
		echo "ok lint finds $2"
		passed=$((passed + 1))
	else
		head -n 5 "$dir/out" | sed 's/^/# /'
		echo "not ok lint finds $2"
		failed=$((failed + 1))
	fi
}

# plant NAME CHECK FILE EXPECTED: the text on standard input becomes FILE, and, in C below src/, an object
plant() {
	local tree=$dir/tree objects=$dir/objects
	rm -rf "$tree" "$objects"
	mkdir -p "$tree/$(dirname "$3")" "$objects"
	cp "$here/../../.clang-format" "$tree/"
	(cd "$build" && find . -maxdepth 2 -name '*.o' -path './*/*' ! -path './bpf/*' -exec cp --parents -t "$objects" {} +)
	cp -r "$here/../../src" "$tree/"
	cat > "$tree/$3"
	case $3 in
	src/*.c)
		gcc -w -c -o "$objects/${3:4:-2}.o" -x c "$tree/$3" \
			-I"$here/../../src" -I"$here/../../include" || return
		;;
	bpf/*.c)
		mkdir -p "$objects/bpf"
		clang -w -O2 -target bpf -c -o "$objects/bpf/trace.bpf.o" "$tree/$3" || return
		;;
	program.c) gcc -O2 -no-pie -o "$objects/ovltrace" "$tree/$3" || return ;;
	esac
	LINT=$2 python3 "$here/lint.py" "$objects" "$tree" > "$dir/out" 2>&1
	found $? "$1" "$4"
}

id='// SPDX-License-Identifier: GPL-2.0-only'
plant "an #include that points up" "by #include" src/model/planted.c "model includes session/session.h" \
	<<< "$id"$'\n#include "session/session.h"'
plant "an #include of a room on the same line" "by #include" src/detect/planted.h "detect includes plan/plan.h" \
	<<< "$id"$'\n#include "plan/plan.h"'
plant "an #include of libbpf" "by #include" src/sink/planted.h "only probe and audit know libbpf" \
	<<< "$id"$'\n#include <bpf/libbpf.h>'
plant "an #include of another room's internal.h" "by #include" src/session/planted.h "model's own" \
	<<< "$id"$'\n#include "model/internal.h"'
plant "a call that points up" "by symbols" src/util/planted.c "util uses plan__make of plan" \
	<<< "$id"$'\nvoid plan__make(void);\nvoid planted(void)\n{\n\tplan__make();\n}'
plant "a libbpf call in the model" purity src/model/planted.c "is pure, but uses bpf_map__fd" \
	<<< "$id"$'\nint bpf_map__fd(void *);\nint planted(void)\n{\n\treturn bpf_map__fd(0);\n}'
plant "a file descriptor in the plan" purity src/plan/planted.c "is pure, but uses read" \
	<<< "$id"$'\nlong read(int, void *, long);\nlong planted(char *p)\n{\n\treturn read(0, p, 1);\n}'
plant "Capstone where the architecture is not known" purity src/code/planted.c "is pure, but uses cs_open" \
	<<< "$id"$'\nint cs_open(int);\nint planted(void)\n{\n\treturn cs_open(0);\n}'
plant "a file that is too long" lines src/util/planted.h "401 lines" \
	< <(echo "$id"; yes '' | head -n 400)
plant "a function with six parameters" parameters src/util/planted.h "planted() has 6 parameters" \
	<<< "$id"$'\nint planted(int a, int b, int c,\n\t    int d, int e, int f);'
plant "uthash without its wrapper" "by #include" src/model/planted.h "use util/hash.h" \
	<<< "$id"$'\n#include <uthash.h>'
plant "a long line of prose" columns docs/planted.md "docs/planted.md:3: 101 columns" \
	< <(printf '# Planted\n\n%0101d\n' 0)
mkdir -p "$dir/pages/docs"
printf 'See [that](nowhere.md).\n' > "$dir/pages/docs/planted.md"
"$here/docs-paths.sh" "$dir/pages" > "$dir/out"
found $? "a link to a page that does not exist" "docs/planted.md links to nowhere.md"
plant "a file without a licence" licences src/util/planted.h "src/util/planted.h: no SPDX" <<< 'int planted;'
plant "a conflict" "no conflicts" docs/planted.md "docs/planted.md:3: a conflict" \
	<<< $'# Planted\n\n'"$(printf '<%.0s' 1 2 3 4 5 6 7)"$' HEAD\none'
plant "a hash map's update at a call site" "without locks" bpf/planted.c \
	"ovlt_at_planted calls bpf_map_update_elem()" <<< "$id"$'
static long (*update)(void *, void *) = (void *)2;
static __attribute__((noinline)) long deeper(void *p)
{
	return update(p, p);
}
__attribute__((section("kprobe"))) int ovlt_at_planted(void *p)
{
	return deeper(p) + 1;
}'
plant "a program at a fixed address" hardening program.c "is not position-independent" \
	<<< "$id"$'\nint main(void)\n{\n\treturn 0;\n}'
plant "another format" clang-format src/util/planted.h "planted.h" <<< "$id"$'\nint   planted ;'
plant "a shell script's error" shellcheck tests/planted.sh "planted.sh" \
	<<< $'#!/bin/sh\ncd /nowhere\nplanted=1'
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
