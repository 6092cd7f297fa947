#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The kernel kills what COMMAND has started, because its control group is out of memory: in the
# middle of races. On a kernel with truth.
. /lab/guest-lib.sh

GROUP=/sys/fs/cgroup/oom

echo +memory > /sys/fs/cgroup/cgroup.subtree_control
mkdir $GROUP
echo 67108864 > $GROUP/memory.max
echo 1 > $GROUP/memory.oom.group

cat > /tmp/child << 'END'
echo $$ > /sys/fs/cgroup/oom/cgroup.procs
/lab/workload --make /mnt/w --mode race --readers 4 --renamers 2 --duration 100 > /dev/null &
enough=$(($(cat /sys/module/overlay/parameters/truth_rebuilds) + 50))
until [ "$(cat /sys/module/overlay/parameters/truth_rebuilds)" -gt $enough ]; do sleep 0.1; done
# it keeps a line that never ends
exec tail /dev/zero
END

# Before that, the proof has made rebuilds. The mount goes away with the last of those killed.
cat > /tmp/command << 'END'
for counter in /sys/module/overlay/parameters/truth_*; do
	cat "$counter" > "/tmp/${counter##*/}"
done
sh /tmp/child
status=$?
while [ -n "$(cat /sys/fs/cgroup/oom/cgroup.procs)" ]; do sleep 0.1; done
sleep 2
exit $status
END

$OVL run -q -o /out/oom.jsonl -- sh /tmp/command
status=$?
is "a child is out of memory: its status is recorded" 137 \
	"$(tail -n 1 /out/oom.jsonl | sed -n 's/.*"command_status":\([0-9]*\).*/\1/p')"
is "a child is out of memory: the kernel has killed all of it" yes \
	"$([ "$(sed -n 's/^oom_kill //p' $GROUP/memory.events)" -ge 2 ] && echo yes)"
live=$T
T=/tmp
truth_mark
T=$live
is "a child is out of memory: exit status" "$(status_of_truth)" $status
exact "a child is out of memory" /out/oom.jsonl
