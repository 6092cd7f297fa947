#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: selftest.sh BUILD_DIR
# `ovltrace check --explore` on this machine's own kernel: short histories in mount
# namespaces of their own. Where the kernel does not allow it, the report must say why.
set -uo pipefail

build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
tmp=$(mktemp -d)
passed=0 failed=0 skipped=0
trap 'rm -rf "$tmp"' EXIT

is() {
	if [ "$2" = "$3" ]; then
		echo "ok explore: $1"
		passed=$((passed + 1))
	else
		echo "not ok explore: $1: '$3', not '$2'"
		failed=$((failed + 1))
	fi
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
	exit
}

# explore STATUS NAME OPTION...: the report goes to NAME.json. STATUS any: 0 or 1, as the
# results say; this machine's kernel may have defects of its own.
explore() {
	local want=$1 name=$2 status=0
	shift 2
	"$build/ovltrace" check --format json -o "$tmp/$name.json" "$@" 2> "$tmp/err" || status=$?
	[ "$want" != any ] || want=$(value "$name" \
		'int(any(x["result"] == "not ok" and not x["todo"] for x in r["results"]))')
	is "check $*: exit status" "$want" $status
}

# value NAME EXPRESSION of the report, as `r`
value() {
	python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))
result = {x["name"]: x for x in r["results"]}
print(eval(sys.argv[2]))' "$tmp/$1.json" "$2"
}

if ! "$build/ovltrace" check --explore --depth 1 --config upper-only --config merged+userxattr \
	-o "$tmp/first.ktap" 2> "$tmp/err" && grep -q "^ok 1 coverage # SKIP" "$tmp/first.ktap"; then
	echo "ok explore # SKIP no overlay can be mounted here: $(grep -m 1 -o '# SKIP [^n].*' "$tmp/first.ktap")"
	skipped=1
	finish
fi
[ "$(id -u)" = 0 ] || {
	explore any rootless --explore --depth 2
	is "rootless: only userxattr is possible" "{'impure+userxattr', 'merged+userxattr'}" \
		"$(value rootless '{c["name"] for c in r["explored"]["configurations"] if not c["unfit"]}')"
	finish
}

explore any two --explore --depth 2
is "all histories were run" "[0]" \
	"$(value two 'sorted({c["left"] for c in r["explored"]["configurations"] if not c["unfit"]})')"
if [ "$(value two 'r["status"]')" = 0 ]; then
	echo "ok explore: nothing is wrong but what all kernels have"
	passed=$((passed + 1))
else
	echo "ok explore: nothing is wrong # SKIP this kernel has defects: $(value two \
		'"; ".join(b["again"] for b in r["explored"]["bad"] if "link" not in b["rule"])')"
	skipped=$((skipped + 1))
fi

# what audit can read here, the exploration reads, too
if mkdir "$tmp"/{low,up,work,merged} && unshare -m sh -c "
	mount -t tmpfs none $tmp && mkdir $tmp/low $tmp/up $tmp/work $tmp/merged &&
	mount -t overlay none -o lowerdir=$tmp/low,upperdir=$tmp/up,workdir=$tmp/work $tmp/merged &&
	$build/ovltrace audit $tmp/merged" > "$tmp/audit" 2>&1; then
	is "caches were read" True "$(value two 'r["explored"]["caches"] > 100')"
	explore any cached --history 'open 1; read 1; create a' --config merged
	is "the cache of one stream" 1 "$(grep -c 'the cache: version 0 of 1, refcount 1' "$tmp/cached.json")"
else
	is "caches were not read, and the report says why" True \
		"$(value two 'r["explored"]["caches"] == 0 and r["explored"]["caches_unread"] is not None')"
fi

explore 0 known --history 'rename-in a; list; link a b' --config upper-only
if [ "$(value known 'result["missed_invalidation"]["result"]')" = "not ok" ]; then
	explore 1 strict --history 'rename-in a; list; link a b' --config upper-only --strict
	explore 1 shrunk --strict --config upper-only \
		--history 'open 1; rename-in a; read-all 1; list; create b; list; close 1; link a c'
	is "a long history is shrunk to three steps" "rename-in a; list; link a c" \
		"$(value shrunk 'r["explored"]["bad"][0]["history"]')"
	explore any three --explore --depth 3 --config empty
	is "the known defect is found as three steps" True \
		"$(value three '"rename-in a; list; link a b" in [b["history"] for b in r["explored"]["bad"]]')"
else
	echo "ok explore: the known defect # SKIP this kernel does not have it"
	skipped=$((skipped + 1))
fi

# in two parts: the second begins where the first says
explore 3 part --explore --depth 5 --config lower -d 1
next=$(value part 'r["explored"]["next"]')
is "a part says where it ended" True "$([ "$next" -gt 0 ] && echo True)"
explore any rest --explore --depth 2 --config lower --from 100
is "--from leaves out what was done" "$(($(value rest 'sum(l["of"] for l in r["explored"]["lengths"])') - 100))" \
	"$(value rest 'sum(l["histories"] for l in r["explored"]["lengths"])')"

explore 3 impossible --history 'open 1; open 1' --config lower
is "an impossible step is named" "step 2, 'open 1', is not possible there" \
	"$(value impossible 'r["explored"]["configurations"][0]["unfit"]')"
explore 2 wrong --history 'open 1; jump'
explore 2 mixed --explore --scenario nested
explore 2 alone --depth 2

"$build/ovltrace" check --explore --depth 1 -o "$tmp/one.ktap" 2> /dev/null
is "KTAP by the letter" 0 "$(python3 "$here/../check/ktap.py" -q "$tmp/one.ktap" > "$tmp/err"; echo $?)"
"$build/ovltrace" check --explore --depth 1 --format junit -o "$tmp/one.xml" 2> /dev/null
is "valid JUnit" 0 "$(python3 "$here/../check/junit.py" "$tmp/one.xml" > "$tmp/err"; echo $?)"

# each history is written out before it runs
"$build/ovltrace" check -v --explore --depth 1 --config empty -o /dev/null 2> "$tmp/log"
is "-v names the histories" True "$(grep -q 'empty: create a$' "$tmp/log" && echo True)"
is "no mount is left" 0 "$(grep -c ovltrace-check /proc/self/mounts)"
finish
