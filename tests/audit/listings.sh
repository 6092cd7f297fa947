#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: listings.sh BUILD_DIR
# `ovltrace audit --listings` on this machine's own kernel, on scratch overlays in a mount
# namespace of its own: what public bug reports show, what is a limit, and no false alarm.
set -uo pipefail

if [ -z "${IN_NAMESPACE:-}" ]; then
	if ! unshare -m true 2> /dev/null; then
		echo "ok listings here # SKIP no mount namespace can be made"
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
n=0 pids=()

cleanup() {
	local pid
	exec 9>&-
	for pid in "${pids[@]}"; do
		kill "$pid" 2> /dev/null
		wait "$pid" 2> /dev/null
	done
	cd /
	umount -l "$tmp"/*/m "$tmp"/*/l2 "$tmp"/* 2> /dev/null
	rm -rf "$tmp"
}
trap cleanup EXIT

# layers NAME: empty layers on a filesystem of their own; the current directory from then on
layers() {
	mkdir -p "$tmp/$1"
	mount -t tmpfs t "$tmp/$1"
	cd "$tmp/$1" || exit
	mkdir -p l/d u/d w m
	touch l/a l/b l/d/x u/d/y
}

overlay() {
	mount -t overlay o -o "lowerdir=$PWD/l,upperdir=$PWD/u,workdir=$PWD/w" m
}

# listings ARG...: its exit status to $status
listings() {
	n=$((n + 1))
	out=$tmp/$n.json status=0
	"$build/ovltrace" audit --listings --json "$@" > "$out" 2> "$tmp/err" || status=$?
}

# got: "status VERDICT KIND NAME CAUSE CONFIDENCE..." of the last audit, sorted
got() {
	/usr/bin/python3 -c 'import json, sys; r = json.load(open(sys.argv[1]))
print(r["verdict"], *sorted(" ".join((x["kind"], x["name"], x["cause"], x["confidence"]))
      for t in r["trees"] for d in t["directories"] for x in d["differences"]), sep=", ")' "$out"
}

# expect NAME STATUS WANT
expect() {
	is "$1" "$2 $3" "$status $(got)"
}

layers plain
if ! overlay 2> /dev/null; then
	skip "listings here" "no overlay can be mounted"
	finish
fi
mkdir m/D
mv m/a m/D
ls m/D > "$tmp/list"
listings m
expect "right listings" 0 "clean"

# A whiteout in a lower directory that is not merged, and in an opaque upper one
layers whiteout
mkdir l/o l/op u/op
mknod l/o/gone c 0 0
mknod u/op/gone c 0 0
/usr/bin/python3 -c 'import os; os.setxattr("u/op", "trusted.overlay.opaque", b"y")'
mknod u/d/hidden c 0 0
overlay
listings m
expect "whiteouts that are listed" 1 \
	"findings, phantom gone whiteout exact, phantom gone whiteout exact"
listings m/d
expect "a whiteout in a merged directory is not" 0 "clean"
"$build/ovltrace" audit --listings m > "$tmp/text"
is "text begins with the verdict" 1 "$(head -n 1 "$tmp/text" | grep -c '^verdict: findings: 2 of ')"
is "text names the cause" 1 "$(grep -c '^  whiteout .*defect, 2 differences: ' "$tmp/text")"

# A hard link in a fresh impure directory, which released kernels list wrongly
layers link
overlay
mkdir m/D
mv m/a m/D
ls m/D > "$tmp/list"
ln m/D/a m/D/k
want=$(/usr/bin/python3 "$here/judge.py" m/D)
listings m
case $want in
0) expect "a hard link, on a kernel that lists it rightly" 0 "clean" ;;
*) expect "a hard link in a fresh impure directory" 1 "findings, ino k hard_link exact" ;;
esac

# A rootless mount, reached by its path and found without one
layers rootless
if mkfifo "$tmp/fifo" "$tmp/ready" && unshare -Urm true 2> /dev/null; then
	here_u=$PWD unshare -Urm sh -c 'exec 9> "$1"
		mount -t overlay o -o "lowerdir=$here_u/l,upperdir=$here_u/u,workdir=$here_u/w,userxattr" m &&
		mkdir m/D && mv m/a m/b m/D && exec 8< m/D && ls -U m/D && mount -o remount,rw o m &&
		echo $$ >&9; read line < "$2"' sh "$tmp/ready" "$tmp/fifo" > "$tmp/list" 2> "$tmp/err" &
	pid=
	read -r pid < "$tmp/ready"
fi
if [ -n "${pid:-}" ]; then
	listings "/proc/$pid/root$PWD/m"
	want=$(/usr/bin/python3 "$here/judge.py" "/proc/$pid/root$PWD/m/D")
	is "a rootless mount: its limit" "0 $want" "$status $(grep -o '"cause":"rootless"' "$out" | wc -l)"
	# this machine may have large overlays: each is named, one directory is compared
	listings --max-dirs 1
	is "the overlay of another namespace is found" 1 \
		"$(grep -o "\"path\":\"/proc/[0-9]*/root$PWD/m\"" "$out" | wc -l)"
	"$build/ovltrace" audit --json "/proc/$pid/root$PWD/m" > "$tmp/caches.json" 2> "$tmp/err"
	is "the caches of a rootless mount by its path are not called wrong" 0 \
		"$(grep -c '"verdict":"wrong"' "$tmp/caches.json")"
	echo > "$tmp/fifo"
	wait
else
	skip "a rootless mount" "this user cannot mount one"
fi

layers changed
overlay
stat m/d/y m/d/z > "$tmp/list" 2>&1
rm u/d/y
mkdir u/d/y
touch u/d/z
listings m
expect "a layer that was changed beneath the mount" 0 "clean, ino y layer_changed exact, \
phantom z layer_changed exact, type y layer_changed exact"

layers held
overlay
mkfifo fifo
"$here/hold.py" m/d "$tmp/is-held" < fifo &
exec 9> fifo
until [ -e "$tmp/is-held" ]; do sleep 0.1; done
touch u/d/sneaked
listings m
expect "a name that the cache of a stream lacks" 1 "findings, missing sneaked stale_cache inferred"
exec 9>&-
wait

# directories only differ where numbers are not promised
layers several
mkdir l2
mount -t tmpfs t l2
mkdir -p l2/q/r
touch l2/q/f
mount -t overlay o -o "lowerdir=$PWD/l2:$PWD/l,upperdir=$PWD/u,workdir=$PWD/w,xino=off" m
mkdir m/q/new
listings m
is "layers on several filesystems: their limit, and nothing else" "0 True" "$status $(/usr/bin/python3 -c '
import json, sys; c = json.load(open(sys.argv[1]))["counts"]
print(c["limits"] == c["causes"]["xino"] > 0)' "$out")"

# Hostile names, as they are and escaped.
layers names
mkdir l/o
/usr/bin/python3 -c 'import os
for name in (b"a\n\x1b[31mb", b"\xff\\", "\u202e".encode()):
    os.mknod(b"l/o/" + name, 0o20000, 0)'
overlay
listings m
is "hostile names" "1 3" "$status $(grep -o '"cause":"whiteout"' "$out" | wc -l)"
is "hostile names as text have no control characters" 0 "$("$build/ovltrace" audit --listings m |
	LC_ALL=C tr -d '\n\40-\176' | wc -c)"

# Bounds, other mounts, and a directory that cannot be read.
layers bounds
mkdir -p l/one/two l/on
overlay
mount -t tmpfs t m/on
touch m/on/inside
listings m
is "another mount is left out" "0 1" "$status $(grep -o '"other_mounts":1' "$out" | wc -l)"
listings --max-dirs 2 m
is "more directories than permitted are inconclusive" "3 1" \
	"$status $(grep -o '"complete":false' "$out" | wc -l)"
umount m/on
chmod 700 m/one
chmod 755 . "$tmp" "$tmp/bounds"
n=$((n + 1))
status=0
if command -v setpriv > /dev/null; then
	setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all \
		"$build/ovltrace" audit --listings --json "$PWD/m" > "$tmp/$n.json" 2> "$tmp/err" || status=$?
	out=$tmp/$n.json
	is "without privileges: all but a directory that is not ours" "3 1" \
		"$status $(grep -o '"verdict":"unreadable"' "$out" | wc -l)"
	chmod 755 m/one
	listings m
	is "and then all" 0 $status
fi

# Directories that are modified all the time are no false alarm.
layers busy
touch l/d/f{1..100} l/p{1..40}
mkdir l/e
overlay
mkdir m/D
mv m/p* m/D
# the more names, the longer a pass
(cd m/e && seq 5000 | xargs touch s)
"$here/flap.py" m/d &
pids+=($!)
"$here/flap.py" m/D &
pids+=($!)
"$here/flap.py" m/e s &
pids+=($!)
sleep 0.2
wrong=0 other=0 settled=0
for _ in $(seq 20); do
	listings m
	case $status in
	0) settled=$((settled + 1)) ;;
	1) wrong=$((wrong + 1)) ;;
	3) ;;
	*) other=$((other + 1)) ;;
	esac
done
if [ "$("$build/ovltrace" doctor --json | grep -c '"lock_drop":"present"')" = 0 ]; then
	is "twenty runs under load ($settled were clean) call no listing wrong" "0 0" "$wrong $other"
fi

status=0
"$build/ovltrace" audit --listings m > /dev/full 2> "$tmp/err" || status=$?
is "a full disk is exit status 2" "2 1" "$status $(wc -l < "$tmp/err")"
for arg in /proc /nowhere --max-dirs=0; do
	listings "$arg"
	is "listings ${arg##*/}: exit status and one line" "2 1" "$status $(wc -l < "$tmp/err")"
done
status=0
"$build/ovltrace" audit --max-dirs 1 m > "$tmp/text" 2> "$tmp/err" || status=$?
is "--max-dirs without --listings" "2 1" "$status $(wc -l < "$tmp/err")"
files=()
for f in "$tmp"/*.json; do
	if [ -s "$f" ] && [ "${f##*/}" != caches.json ]; then files+=("$f"); fi
done
if /usr/bin/python3 "$here/../schema/validate_listings.py" "${files[@]}" > "$tmp/invalid"; then
	ok "what ${#files[@]} audits of listings wrote is valid"
else
	head -n 5 "$tmp/invalid"
	not_ok "what the audits of listings wrote is not valid"
fi
finish
