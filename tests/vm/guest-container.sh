#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-container.sh
# The image of docs/examples/ on the disk, run as a container runtime runs that of
# docs/examples/daemonset.yaml: on an overlay of its own, in its own mount namespace, privileged, with
# the node's processes, the tracing file system and a directory for metrics. On a kernel with truth.
. /lab/guest-lib.sh

cat > /tmp/runtime << 'END'
mount -t overlay o -o lowerdir=/image,upperdir=/layers/u,workdir=/layers/w /c
mkdir -p /c/textfile
mount -t proc proc /c/proc
mount -t sysfs sysfs /c/sys
mount -t devtmpfs devtmpfs /c/dev
mount --bind /sys/kernel/tracing /c/sys/kernel/tracing
mount --bind /metrics /c/textfile
exec chroot /c "$@"
END

# contained COMMAND...: in place of this shell
contained() {
	exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin:/lab unshare -m sh /tmp/runtime "$@"
}

# total SAMPLES: their sum
total() {
	awk -v name="^ovltrace_$1" '$0 ~ name { n += $NF } END { print n + 0 }' $metrics
}

metrics=/metrics/ovltrace.prom
mkdir /image /layers /c /metrics
mount -t ext4 -o ro /dev/vda /image
mount -t tmpfs tmpfs /layers
mkdir /layers/u /layers/w
none=$(attached)
(contained /usr/bin/ovltrace --version)
is "--version: status" 0 $?
(contained /usr/bin/ovltrace doctor) > /out/doctor.txt
is "its default, doctor: status" 0 $?
# shellcheck disable=SC2046 # words without spaces
contained $(cat /lab/command) &
pid=$!
until grep -q '^ovltrace_running.* 1$' $metrics 2> /dev/null; do
	[ -d /proc/$pid ] || break
	sleep 0.1
done
truth_mark
/lab/workload --make /mnt/w --mode race --duration 3 > /dev/null
kill -TERM $pid
wait $pid
is "the command of the DaemonSet: status" "$(status_of_truth)" $?
is "the command of the DaemonSet: nothing stays attached" "$none" "$(attached)"
for pair in rebuilds:rebuilds_total windows:windows_total \
	stale_stores:'findings_total.*kind="stale_store"'; do
	want=$(truth_since "${pair%%:*}")
	is "the command of the DaemonSet: metrics of ${pair%%:*}, $want" "$want" "$(total "${pair#*:}")"
done
mkdir -m 777 /metrics/others
(contained /usr/bin/ovltrace run -q -d 1 --user nobody --metrics /textfile/others/o.prom)
is "--user nobody, by the image's /etc/passwd: status" 0 $?
is "--user nobody: whose metrics they are" 65534 "$(stat -c %u /metrics/others/o.prom)"
cp $metrics /out/
