#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-commands.sh
# On a kernel of another configuration, slow ones included: `doctor` promises what `run`
# does, `top` and `slow` see a load, and `audit` reads the caches of its mount.
. /lab/guest-lib.sh

$OVL doctor --json > /out/doctor-here.json
promised=$?
$OVL run -q -d 1 2> /out/run.err
is "commands: run ends with what doctor promised" $promised $?
is "commands: doctor: all that is needed is seen" 1 "$(grep -c '"complete":true' /out/doctor-here.json)"

mkdir -p /mnt/w
/lab/workload --make /mnt/w --no-unshare --keep --mode race --readers 2 --renamers 1 --duration 600 \
	> /dev/null &
load=$!
until [ -d /mnt/w/merged/D0 ]; do sleep 0.2; done
$OVL top --once -i 5 > /out/top.txt
is "commands: top: exit status" 0 $?
is "commands: top: the load's directory" 1 "$(grep -c ' /mnt/w/merged/D0$' /out/top.txt)"
is "commands: top: nothing is lost" 1 "$(grep -c ' 0 lost$' /out/top.txt)"
$OVL slow --over 1h -d 3 > /out/slow.txt
is "commands: slow: exit status" 0 $?
is "commands: slow: the load is listed, and quicker than that" 1 \
	"$(grep -c '^none of [0-9,]* listings took longer than ' /out/slow.txt)"
$OVL audit --json /mnt/w/merged > /out/audit-load.json
status=$?
kill -TERM $load
wait $load
case $status in
0 | 1 | 3) ok "commands: audit of a mount under load" ;;
*) not_ok "commands: audit of a mount under load: exit status $status" ;;
esac
umount /mnt/w/merged /mnt/w
sh /lab/guest-audit.sh life
