#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-explore.sh
# `ovltrace check --explore` on Debian's own overlayfs, and on one whose hard links
# raise the version.
. /lab/guest-lib.sh

# explore NAME [OPTION]...: the report goes to /out/NAME.ktap
explore() {
	name=$1
	shift
	$OVL check -o "/out/$name.ktap" "$@" 2> "/out/$name.log"
	status=$?
}

# line NAME RESULT: its line without the number
line() {
	sed -nE "s/^(ok|not ok) [0-9]+ $2( # (SKIP|TODO))?( .*)?\$/\1\3/p" "/out/$1.ktap"
}

# all configurations; and some of them further
explore one --explore --depth 1
is "explore: exit status" 0 $status
is "explore: all configurations were run" ok "$(line one coverage)"
explore all --explore --depth 2 --config upper-only --config impure --config lower \
	--config merged --config formerly-merged --config nested
is "explore: exit status" 0 $status
is "explore: all were run" ok "$(line all coverage)"
is "explore: returns" ok "$(line all bad_return)"
is "explore: names, types and numbers" ok "$(line all d_ino)"
is "explore: hard links" "not okTODO" "$(line all missed_invalidation)"
is "explore: a history of two steps" yes \
	"$(grep -q "again: ovltrace check --config impure --history 'list; link y a'" /out/all.ktap && echo yes)"
explore links --strict --config upper-only --history 'rename-in a; list; link a b'
is "explore: a history alone, strict" 1 $status
grep -E '^#.*histories of length' /out/all.ktap
rmmod overlay && insmod /lab/link-version.ko || not_ok "link-version: cannot be loaded"
explore fixed --strict --explore --depth 2 --config impure
is "explore link-version: exit status" 0 $status
explore links --strict --config upper-only --history 'rename-in a; list; link a b'
is "explore link-version: a history alone" 0 $status
$OVL check --explore --depth 1 --format junit -o /out/report.xml 2> /dev/null
$OVL check --explore --depth 1 --format json -o /out/report.json 2> /dev/null
is "explore: no mount is left" 0 "$(grep -c ovltrace-check /proc/self/mounts)"
