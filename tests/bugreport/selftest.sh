#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: selftest.sh BUILD_DIR
# `ovltrace bugreport` on any machine, as root and as user nobody: what it gathers, and what
# it says is missing. `report` reads its archive, and others that are damaged or hostile.
# The last line is "N passed, N failed, N skipped".
set -uo pipefail

build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# mktemp -d makes it unreadable for others
chmod 755 "$work"
install -m 755 "$build/ovltrace-static" "$work/ovltrace"
ovltrace=$work/ovltrace
# shellcheck source=tests/checks.sh
. "$here/../checks.sh"

# field FILE EXPRESSION: of bugreport.json in an archive, in Python
field() {
	tar -xOzf "$1" ovltrace-bugreport/bugreport.json |
		/usr/bin/python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$2"
}

# gathers NAME ARCHIVE PREFIX...: what holds on any machine
gathers() {
	local name=$1 archive=$2 status want
	shift 2
	(cd "$work" && "$@" "$ovltrace" bugreport -d 0.5 -o "$archive") > "$work/out" 2> "$work/err"
	status=$?
	is "$name: silent on standard error" "" "$(cat "$work/err")"
	is "$name: a private file" 600 "$(stat -c %a "$archive")"
	want=$(field "$archive" '3 if [p for p in d["parts"] if p["missing"]] else 0')
	is "$name: the exit status is what it says" "$want" $status
	is "$name: what it says is in the archive" \
		"$(field "$archive" '" ".join(sorted(["bugreport.json", "summary.txt"] + [p["file"] for p in d["parts"] if not p["missing"]]))')" \
		"$(tar -tzf "$archive" | sed 's|^ovltrace-bugreport/||' | sort | paste -sd ' ')"
	is "$name: each size is right" "" "$(field "$archive" '"\n".join("%s %d" % (p["file"], p["bytes"]) for p in d["parts"] if not p["missing"])' |
		while read -r file bytes; do
			[ "$(tar -xOzf "$archive" "ovltrace-bugreport/$file" | wc -c)" = "$bytes" ] || echo "$file"
		done)"
	is "$name: no kernel address" "" "$(tar -xOzf "$archive" | grep -aoE '\b(0x)?ffff[0-9a-f]{12}\b' | head -n 3)"
	is "$name: the doctor's reason" "$("$@" "$ovltrace" doctor --json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["reason"])')" \
		"$(tar -xOzf "$archive" ovltrace-bugreport/doctor.json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["reason"])')"
	"$ovltrace" report "$archive" > "$work/out" 2>&1
	status=$?
	case $(field "$archive" '[p["missing"] for p in d["parts"] if p["file"] == "trace.jsonl"][0]') in
	None) is "$name: report shows the trace" 1 "$(grep -c '^---- the trace ----$' "$work/out")" ;;
	*) is "$name: report shows the texts" "3 1" "$status $(grep -c '^---- there is no trace ----$' "$work/out")" ;;
	esac
	is "$name: report begins with what there is" "bug report" "$(head -c 10 "$work/out")"
	is "$name: report shows the doctor's text" 1 "$(grep -c '^---- doctor.txt ----$' "$work/out")"
}

nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
gathers "root" "$work/root.tar.gz"
# where user nobody may write
mkdir -m 777 "$work/open"
# shellcheck disable=SC2086 # words
gathers "nobody" "$work/open/nobody.tar.gz" $nobody
is "nobody: the trace is missing, with a remedy" True \
	"$(field "$work/open/nobody.tar.gz" '"run as root" in [p["missing"] for p in d["parts"] if p["file"] == "trace.jsonl"][0]')"

# paths: the audit has those of an overlay; the kernel logged others
"$ovltrace" bugreport -d 0.5 --no-paths -o "$work/bare.tar.gz" > "$work/out" 2>&1
is "--no-paths: the audit is one line" 1 "$(tar -xOzf "$work/bare.tar.gz" ovltrace-bugreport/audit.txt | wc -l)"
is "--no-paths: no JSON of the audit" 0 "$(tar -tzf "$work/bare.tar.gz" | grep -c audit.json)"
is "--no-paths: no host" 0 "$(tar -xOzf "$work/bare.tar.gz" | grep -ac '"host":"')"

# the default name, and standard output
mkdir "$work/cwd"
(cd "$work/cwd" && "$ovltrace" bugreport -d 0.1) > "$work/out" 2>&1
is "the default name" 1 "$(find "$work/cwd" -name 'ovltrace-bugreport-*-*.tar.gz' | wc -l)"
"$ovltrace" bugreport -d 0.1 -o - 2> "$work/err" | tar -tzf - > "$work/out"
is "standard output" 1 "$(grep -c summary.txt "$work/out")"
is "a directory that is not there" 2 "$("$ovltrace" bugreport -d 0.1 -o "$work/none/x" > "$work/out" 2>&1; echo $?)"
is "a full disk" 2 "$("$ovltrace" bugreport -d 0.1 -o /dev/full > "$work/out" 2>&1; echo $?)"

# what report makes of archives: of a recording that is really there, and of what others made
made() {
	tar -C "$work/made" -czf "$work/made.tar.gz" "$@"
	"$ovltrace" report "$work/made.tar.gz" > "$work/out" 2>&1
	echo $?
}
here=$(dirname "$(realpath "$0")")
mkdir -p "$work/made/d"
cp "$here/../golden/recording.jsonl" "$work/made/d/trace.jsonl"
printf 'a \033[31m line\n' > "$work/made/d/summary.txt"
is "a trace: the verdict" 1 "$(made d)"
is "a trace: escaped texts" 1 "$(grep -c '^a \\x1b\[31m line$' "$work/out")"
is "a trace: in another format" "1 1" "$("$ovltrace" report -f json "$work/made.tar.gz" > "$work/out"; echo $?) $(grep -c '"ovltrace-report/1"' "$work/out")"
is "a trace: on standard input" 1 "$("$ovltrace" report - < "$work/made.tar.gz" > "$work/out"; echo $?)"
is "the archive is not overwritten" 2 "$("$ovltrace" report -o "$work/made.tar.gz" "$work/made.tar.gz" > "$work/out" 2>&1; echo $?)"
head -c 2000 "$work/made.tar.gz" > "$work/cut.tar.gz"
is "a cut archive" 2 "$("$ovltrace" report "$work/cut.tar.gz" > "$work/out" 2>&1; echo $?)"
rm "$work/made/d/"*
ln -s /etc/passwd "$work/made/d/summary.txt"
is "a link is not followed" "3 0" "$(made d) $(grep -c root: "$work/out")"
rm "$work/made/d/summary.txt"
touch "$work/made/d/"{1..70}
is "too many files" "2 1" "$(made d) $(grep -c 'too many files' "$work/out")"
rm "$work/made/d/"*
echo x > "$work/made/d/x"
is "another archive" "2 1" "$(made d) $(grep -c 'did not write' "$work/out")"
truncate -s 300M "$work/made/d/trace.jsonl"
is "a bomb" "2 1" "$(made d) $(grep -c 'too large' "$work/out")"

finish
