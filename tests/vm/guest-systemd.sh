#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-systemd.sh
# The package and its unit as they are, in a machine that systemd has booted: docs/testing.md. On a
# kernel with truth.
. /lab/guest-lib.sh

UNIT=ovltrace.service
RECORDING=/var/log/ovltrace/trace.jsonl
METRICS=/var/lib/prometheus/node-exporter/ovltrace.prom
KEPT=0000000000080004 # CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH
# without CAP_SETPCAP the bounding set stays that of the unit
BOUND=000000c400280006

# shown NAME PROPERTY WANT
shown() {
	is "$1: $2" "$3" "$(systemctl show -P "$2" $UNIT)"
}

# until_true COMMAND...: within three minutes
until_true() {
	tries=1800
	until "$@" 2> /dev/null || [ $tries = 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
}

# Metrics are written when the probes are attached and proved.
has_begun() {
	grep -q '^ovltrace_running.* 1$' $METRICS
}

# SIGKILL leaves metrics of a trace that runs.
killed() {
	kill -KILL "$pid"
	until_true [ ! -d "/proc/$pid" ]
	rm -f $METRICS
	until_true has_begun
}

# A race, and what is true of it: the proof of the next trace makes rebuilds, too.
race() {
	truth_mark
	/lab/workload --make /mnt/w --mode race --duration 3 > /dev/null
	mkdir -p /tmp/truth
	for counter in $T/truth_*; do
		cat "$counter" > "/tmp/truth/${counter##*/}"
	done
}

# exact_race NAME FILE
exact_race() {
	live=$T
	T=/tmp/truth
	exact "$1" "$2"
	T=$live
}

installed() {
	dpkg -i /lab/ovltrace.deb > /tmp/dpkg 2>&1
	is "dpkg -i: status" 0 $?
	is "after the installation: enabled" disabled "$(systemctl is-enabled $UNIT)"
	is "after the installation: active" inactive "$(systemctl is-active $UNIT)"
	is "the example is the unit of the package" "" \
		"$(diff /usr/share/doc/ovltrace/examples/$UNIT /lib/systemd/system/$UNIT)"
	is "systemd-analyze verify" "" "$(systemd-analyze verify $UNIT 2>&1)"
	exposure=$(systemd-analyze security --no-pager $UNIT | sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p')
	is "systemd-analyze security: $exposure, at most 3.0" yes \
		"$(echo "$exposure" | awk '{ print ($1 > 0 && $1 <= 3.0 ? "yes" : "no") }')"
	is "kernel.perf_event_paranoid, Debian's default" 3 "$(cat /proc/sys/kernel/perf_event_paranoid)"
}

# started NAME
started() {
	rm -f $METRICS
	systemctl "$2" $UNIT
	is "$1: status" 0 $?
	until_true has_begun
	shown "$1" ActiveState active
	pid=$(systemctl show -P MainPID $UNIT)
	is "$1: metrics say that it runs" 1 "$(grep -c '^ovltrace_running.* 1$' $METRICS)"
}

# The process that is left when the probes are attached.
confined() {
	status=$(cat "/proc/$pid/status")
	echo "$status" | grep -E '^(Cap|NoNewPrivs|Seccomp)' | sed 's/^/# /'
	for want in CapPrm:$KEPT CapEff:$KEPT CapBnd:$BOUND CapAmb:0000000000000000 NoNewPrivs:1 Seccomp:2; do
		is "its status: ${want%:*}" "${want#*:}" \
			"$(echo "$status" | sed -n "s/^${want%:*}:[[:space:]]*//p")"
	done
	is "its network namespace is its own" yes \
		"$([ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/1/ns/net)" ] && echo yes)"
}

# Node exporter serves what the unit writes.
exported() {
	bash -c 'exec 3<>/dev/tcp/127.0.0.1/9100 && printf "GET /metrics HTTP/1.0\r\n\r\n" >&3 && cat <&3' |
		grep '^ovltrace_rebuilds_total' > /tmp/exported
	is "node exporter: its rebuilds" yes "$([ -s /tmp/exported ] && echo yes)"
}

# ended NAME
ended() {
	is "$1: Result" success "$(systemctl show -P Result $UNIT)"
	is "$1: nothing stays attached" "$none" "$(attached)"
	is "$1: metrics say that it does not run" 1 "$(grep -c '^ovltrace_running.* 0$' $METRICS)"
}

none=$(attached)
installed
started "start" start
confined
race
sleep 6
exported
started "restart" restart
is "restart: the recording before is kept" 1 "$(grep -c '"type":"summary"' $RECORDING.1)"
cp $RECORDING.1 /out/first.jsonl
exact_race "before the restart" /out/first.jsonl
killed
is "after SIGKILL: systemd starts it again" 1 "$(systemctl show -P NRestarts $UNIT)"
is "after SIGKILL: the recordings before are kept" 3 "$(ls $RECORDING* | wc -l)"
race
systemctl stop $UNIT
is "stop: status" 0 $?
ended "stop"
cp $RECORDING /out/last.jsonl
exact_race "until the stop" /out/last.jsonl
is "its recordings belong to root alone" "600 root" "$(stat -c '%a %U' $RECORDING* | sort -u)"
ovltrace report $RECORDING > /tmp/report
is "report on the recording: status" "$(status_of_truth)" $?
mv "$(dirname $METRICS)" /root/
started "without node exporter" start
dpkg -i /lab/ovltrace.deb > /tmp/dpkg 2>&1
is "upgrade: the new program runs" yes \
	"$([ "$(systemctl show -P MainPID $UNIT)" != "$pid" ] && systemctl is-active -q $UNIT && echo yes)"
dpkg --purge ovltrace > /tmp/purge 2>&1
is "dpkg --purge: status" 0 $?
is "dpkg --purge: the trace has ended" "$none" "$(attached)"
is "dpkg --purge: nothing is left" "" "$(ls -d /var/log/ovltrace* $METRICS \
	/lib/systemd/system/ovltrace* /etc/systemd/system/*/ovltrace* 2> /dev/null)"
journalctl -u $UNIT --no-pager -o cat > /out/journal
