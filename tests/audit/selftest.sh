#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: selftest.sh BUILD_DIR
# `ovltrace audit` on this machine's own kernel, on scratch overlays in a mount
# namespace of its own. Where the kernel does not allow it, it must say why.
set -uo pipefail

if [ -z "${IN_NAMESPACE:-}" ]; then
	if ! unshare -m true 2> /dev/null; then
		echo "ok audit here # SKIP no mount namespace can be made"
		echo "0 passed, 0 failed, 1 skipped"
		exit 0
	fi
	IN_NAMESPACE=1 exec unshare -m --propagation private "$0" "$@"
fi
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
tmp=$(mktemp -d)
# shellcheck source=tests/checks.sh
. "$here/../checks.sh"
holder=

cleanup() {
	exec 9>&-
	[ -z "$holder" ] || wait "$holder" 2> /dev/null
	umount -l "$tmp"/*/merged "$tmp"/* 2> /dev/null
	rm -rf "$tmp"
}
trap cleanup EXIT

n=0
# audit ARG...: JSON to $out, diagnostics to $tmp/err; its exit status to $status
audit() {
	n=$((n + 1))
	out=$tmp/$n.json status=0
	"$build/ovltrace" audit --json "$@" > "$out" 2> "$tmp/err" || status=$?
}

# got FILTER: from the last audit
got() {
	/usr/bin/python3 -c 'import json, sys; r = json.load(open(sys.argv[1]))
d = {x["path"]: x for m in r["mounts"] for x in m["directories"]}
print(eval(sys.argv[2]))' "$out" "$1"
}

# scratch NAME OPTION...: overlays with impure directories
scratch() {
	mkdir -p "$tmp/$1"
	"$build/workload" --make "$tmp/$1" --no-unshare --keep "${@:2}" > "$tmp/$1.log" 2>&1
}

audit
if [ $status = 4 ]; then
	is "audit says in one line why it can't" 1 "$(grep -c "cannot be audited: .*; " "$tmp/err")"
	skip "audit here" "$(cat "$tmp/err")"
	finish
fi
# other tests may have mounted overlays with wrong caches in the meantime
is "audit of what is mounted here: the exit status is the verdict's" \
	"$(/usr/bin/python3 -c 'import json, sys
print({"clean": 0, "findings": 1, "inconclusive": 3}[json.load(open(sys.argv[1]))["verdict"]])' "$out")" \
	$status
if ! scratch w --mode read --duration 0.1; then
	skip "audit of scratch overlays" "$(tail -n 1 "$tmp/w.log")"
	finish
fi
D=$tmp/w/merged/D0

audit "$tmp/w/merged"
is "an unmodified cache" "0 ok impure 64" \
	"$status $(got "d['$D']['verdict'], d['$D']['kind'], d['$D']['entries']" | tr -d "(),'")"
version=$(got "d['$D']['version']")

mv "$D/f7" "$D/f07"
audit "$D"
is "an outdated cache; any directory stands for its overlay" "0 outdated" "$status $(got "d['$D']['verdict']")"
is "its version has risen" True "$(got "d['$D']['version'] > $version")"
ls "$D" > /dev/null
audit "$tmp/w/merged"
is "the cache that the next listing makes" "0 ok" "$status $(got "d['$D']['verdict']")"

# A hard link to a copied-up file does not raise its new directory's version
# (ovl_instantiate), so kernels keep a cache that lacks it.
ln "$D/f1" "$D/link"
want=$(/usr/bin/python3 "$here/judge.py" "$D")
audit "$tmp/w/merged"
is "a new hard link: wrong as often as a listing shows it" "$((want > 0)) $want" \
	"$status $(got "len(d['$D']['differences'])")"
rm "$D/link"
ls "$D" > /dev/null

# What exists below and was never looked up through the overlay is new to it.
mkdir "$tmp/w/upper/U" && touch "$tmp/w/upper/U/there"
mkdir "$tmp/w/lower/U" && touch "$tmp/w/lower/U/below"
mkfifo "$tmp/fifo"
"$here/hold.py" "$tmp/w/merged/U" "$tmp/ready" < "$tmp/fifo" &
holder=$!
exec 9> "$tmp/fifo"
for _ in $(seq 100); do
	[ ! -e "$tmp/ready" ] || break
	sleep 0.1
done
U=$tmp/w/merged/U
audit "$tmp/w/merged"
is "a merged cache that a stream holds" "0 ok merged 1 2" \
	"$status $(got "d['$U']['verdict'], d['$U']['kind'], d['$U']['refcount'], d['$U']['entries']" | tr -d "(),'")"
touch "$tmp/w/upper/U/sneaked in"
audit "$tmp/w/merged"
is "a merged cache that lacks a name" "1 wrong missing sneaked in" \
	"$status $(got "'%s %s %s' % (d['$U']['verdict'], d['$U']['differences'][0]['kind'], d['$U']['differences'][0]['name'])")"
mv "$tmp/w/upper" "$tmp/w/away"
audit "$tmp/w/merged"
is "a merged cache whose upper layer is out of reach is never clean" "3 partial" "$status $(got "d['$U']['verdict']")"
mv "$tmp/w/away" "$tmp/w/upper"
rm "$U/there"
audit "$tmp/w/merged"
is "a merged cache that is outdated" "0 outdated" "$status $(got "d['$U']['verdict']")"
rm "$U/below" "$U/sneaked in"
rmdir "$U"
audit "$tmp/w/merged"
is "a removed directory that is still open" "0 removed" \
	"$status $(got "[x['verdict'] for x in d.values() if x['kind'] == 'merged'][0]")"
exec 9>&-
wait "$holder"
holder=

# A mount on top, and one of a part of it.
mount --bind "$D" "$D"
audit "$tmp/w/merged"
is "a directory with a mount on it" "0 ok" "$status $(got "d['$D']['verdict']")"
umount "$D"

scratch names --mode names --duration 0.3
audit "$tmp/names/merged"
is "hostile names" "0 1" "$status $(got "int(len(d) > 20)")"
"$build/ovltrace" audit "$tmp/names/merged" > "$tmp/text"
is "hostile names as text have no control characters" 0 \
	"$(LC_ALL=C tr -d '\n\40-\176\200-\377' < "$tmp/text" | wc -c)"

scratch busy --mode race --duration 60 --period 200 &
busy=$!
scratch many --mode many --dirs 20 --duration 60 --mount-options xino=on &
many=$!
until [ -d "$tmp/busy/merged/D0" ] && [ -d "$tmp/many/merged/D19" ]; do sleep 0.1; done
sleep 0.5
wrong=0 settled=0 other=0
for _ in $(seq 100); do
	audit "$tmp/busy/merged" "$tmp/many/merged"
	case $status in
	0) settled=$((settled + 1)) ;;
	1) wrong=$((wrong + 1)) ;;
	3) ;;
	*) other=$((other + 1)) ;;
	esac
done
pkill -P $busy; pkill -P $many
wait $busy $many
want=$("$build/ovltrace" doctor --json | grep -c '"lock_drop":"present"')
if [ "$want" = 0 ]; then
	is "a hundred runs under load ($settled were clean) call no cache wrong" "0 0" "$wrong $other"
fi

status=0
"$build/ovltrace" audit "$tmp/w/merged" > /dev/full 2> "$tmp/err" || status=$?
is "a full disk is exit status 2" "2 1" "$status $(wc -l < "$tmp/err")"
for arg in /proc /nowhere --wrong "$tmp/w/upper"; do
	audit "$arg"
	is "audit ${arg##*/}: exit status and one line" "2 1" "$status $(wc -l < "$tmp/err")"
done
if command -v setpriv > /dev/null; then
	status=0
	setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all \
		"$build/ovltrace" audit > "$tmp/text" 2> "$tmp/err" || status=$?
	is "audit without privileges: exit status and one line" "4 1" "$status $(wc -l < "$tmp/err")"
fi
files=()
for f in "$tmp"/*.json; do
	[ ! -s "$f" ] || files+=("$f")
done
if /usr/bin/python3 "$here/../schema/validate_audit.py" "${files[@]}" > "$tmp/invalid"; then
	ok "what ${#files[@]} audits wrote is valid"
else
	head -n 5 "$tmp/invalid"
	not_ok "what the audits wrote is not valid"
fi
finish
