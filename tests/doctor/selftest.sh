#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: selftest.sh BUILD_DIR
# `ovltrace doctor` on any machine: as root, as user nobody, with
# capabilities taken away, and in a user namespace. Its output must be valid and
# agree with what `ovltrace run` does.
set -uo pipefail

build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# mktemp -d makes it unreadable for others
chmod 755 "$work"
install -m 755 "$build/ovltrace-static" "$work/ovltrace"
# shellcheck source=tests/checks.sh
. "$here/../checks.sh"

# field FILE EXPRESSION: of the JSON object, in Python
field() {
	/usr/bin/python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' \
		"$1" "$2"
}

# examine NAME [PREFIX...]: everything that holds on any machine
examine() {
	local name=$1 file status text problems
	shift
	file=$work/$name.json
	"$@" "$work/ovltrace" doctor --json > "$file" 2> "$work/stderr"
	status=$?
	is "$name: silent on standard error" "" "$(cat "$work/stderr")"
	problems=$(/usr/bin/python3 "$here/../schema/validate_doctor.py" "$file" 2>&1)
	is "$name: what it says is valid" "" "$problems"
	is "$name: the exit status is what it says" "$status" \
		"$(field "$file" '4 if not d["traceable"] else 0 if d["complete"] else 3')"
	is "$name: kernel and arch" "$(uname -r) $(uname -m)" "$(field "$file" 'd["kernel"] + " " + d["arch"]')"
	text=$("$@" "$work/ovltrace" doctor 2>&1)
	is "$name: as text, the exit status is the same" "$status" $?
	is "$name: as text, every remedy is there" "$(field "$file" 'len(d["shortfalls"])')" \
		"$(grep -c '^  fix: ' <<< "$text")"
	[ "$status" = 4 ] || return 0
	"$@" "$work/ovltrace" run -d 1 > "$work/stdout" 2> "$work/stderr"
	is "$name: run's exit status" 4 $?
	is "$name: run says why in one line" \
		"ovltrace: this system cannot be traced: $(field "$file" 'd["reason"]')" "$(cat "$work/stderr")"
}

examine here
if [ "$(id -u)" = 0 ]; then
	examine nobody setpriv --reuid 65534 --regid 65534 --clear-groups
	is "nobody: not traceable" 4 \
		"$(setpriv --reuid 65534 --regid 65534 --clear-groups "$work/ovltrace" doctor > /dev/null; echo $?)"
	is "nobody: which capabilities" "capabilities are missing: CAP_BPF, CAP_PERFMON, CAP_SYSLOG" \
		"$(field "$work/nobody.json" 'd["shortfalls"][0]["what"]')"
	examine little setpriv --inh-caps=-all --bounding-set=-all
	is "little: they are given to root" True \
		"$(field "$work/little.json" '"--cap-add=BPF" in d["shortfalls"][0]["remedy"]')"
	if unshare -Ur true 2> /dev/null; then
		examine namespace unshare -Ur
		is "namespace: it is reported" True \
			"$(field "$work/namespace.json" '"user_namespace" in [s["id"] for s in d["shortfalls"]]')"
	else
		skip namespace "user namespaces cannot be made here"
	fi
	if mount --version > /dev/null && unshare -m true 2> /dev/null; then
		examine bare unshare -m sh -c 'umount -l /sys && exec "$@"' sh
		is "bare: /sys is reported" True \
			"$(field "$work/bare.json" '"sysfs" in [s["id"] for s in d["shortfalls"]]')"
	else
		skip bare "mount namespaces cannot be made here"
	fi
else
	skip "nobody and others" "this is not root"
fi
finish
