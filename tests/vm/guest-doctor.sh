#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-doctor.sh settings|lockdown
# Takes away what a trace needs, one by one. `doctor` must report it with the remedy, and
# `run` must refuse in one line if `doctor` says so. Then it is restored.
. /lab/guest-lib.sh

# another name, because busybox has a setpriv with fewer options
AS_NOBODY="/lab/setpriv-full --reuid 65534 --regid 65534 --clear-groups"
AS_LITTLE="/lab/setpriv-full --inh-caps=-all --bounding-set=-all"

# what cannot be seen without the BTF of overlayfs: readdir_returned, kind_served
UNTYPED="event(less) event(less)"

# reports NAME STATUS IDS [COMMAND-PREFIX...]: doctor's exit status and its shortfalls' ids
reports() {
	label=$1 want=$2 ids=$3 loads=true
	shift 3
	# where the kernel cannot even be examined, nothing was tried
	case $ids in privilege | "privilege "* | kptr_restrict | overlayfs | lockdown) loads=null ;; esac
	file=/out/doctor-$(echo "$label" | tr -c 'A-Za-z0-9_\n' -).json
	"$@" $OVL doctor --json > "$file" 2> /tmp/stderr
	is "doctor, $label: exit status" "$want" $?
	is "doctor, $label: what is short" "$ids" \
		"$(grep -o '"id":"[a-z_]*","blocks":[a-z]*' "$file" |
			sed 's/"id":"//; s/","blocks":true//; s/","blocks":false/(less)/' | tr '\n' ' ' | sed 's/ $//')"
	is "doctor, $label: silent on standard error" 0 "$(wc -l < /tmp/stderr)"
	"$@" $OVL doctor > /tmp/doctor.txt
	is "doctor, $label: as text, exit status" "$want" $?
	"$@" $OVL run -d 1 > /dev/null 2> /tmp/stderr
	is "run, $label: its exit status is doctor's" "$want" $?
	is "doctor, $label: were programs loaded" "$loads" \
		"$(sed -n 's/.*"programs":{"loaded":\([a-z]*\),.*/\1/p' "$file")"
	[ "$want" = 0 ] && return
	is "run, $label: one line" 1 "$(wc -l < /tmp/stderr)"
}

# fixes NAME TEXT: the last text of doctor names the remedy
fixes() {
	is "doctor, $1: the remedy" yes "$(grep -qF "fix: $2" /tmp/doctor.txt && echo yes)"
}

set_to() {
	echo "$2" > "/proc/sys/kernel/$1"
}

settings() {
	reports "all there" 0 ""
	reports "nobody" 4 "privilege privilege_types(less)" $AS_NOBODY
	fixes "nobody" "run it as root: sudo ovltrace run"
	set_to kptr_restrict 2
	reports "kptr_restrict 2" 4 kptr_restrict
	fixes "kptr_restrict 2" "sysctl kernel.kptr_restrict=1"
	sysctl -q -w kernel.kptr_restrict=1
	reports "kptr_restrict 1" 0 ""
	set_to perf_event_paranoid 3
	reports "perf_event_paranoid 3" 0 ""
	reports "perf_event_paranoid 3, nobody" 4 "privilege privilege_types(less)" $AS_NOBODY
	reports "perf_event_paranoid 3, three capabilities" 4 \
		"perf_event_paranoid privilege_types(less) $UNTYPED" \
		${AS_LITTLE},+bpf,+perfmon,+syslog
	fixes "perf_event_paranoid 3, three capabilities" "sysctl kernel.perf_event_paranoid=2"
	sysctl -q -w kernel.perf_event_paranoid=2
	reports "three capabilities" 0 "privilege_types(less) $UNTYPED" ${AS_LITTLE},+bpf,+perfmon,+syslog
	capabilities
	reports "no capability" 4 "privilege privilege_types(less)" $AS_LITTLE
	fixes "no capability" \
		"grant them to root here, in a container with --cap-add=BPF --cap-add=PERFMON --cap-add=SYSLOG"
	reports "CAP_SYSLOG missing" 4 privilege ${AS_LITTLE},+sys_admin
	set_to ftrace_enabled 0
	reports "ftrace_enabled 0" 4 ftrace_enabled
	fixes "ftrace_enabled 0" "sysctl kernel.ftrace_enabled=1"
	sysctl -q -w kernel.ftrace_enabled=1
	echo 0 > /sys/kernel/debug/kprobes/enabled
	reports "kprobes off" 4 kprobes_off
	fixes "kprobes off" "echo 1 > /sys/kernel/debug/kprobes/enabled"
	echo 1 > /sys/kernel/debug/kprobes/enabled
	rmmod overlay
	reports "overlayfs not loaded" 4 overlayfs
	fixes "overlayfs not loaded" "modprobe overlay"
	reports "overlayfs not loaded, nobody" 4 "privilege overlayfs" $AS_NOBODY
	insmod /overlay.ko
	reports "all there again" 0 ""
}

# The capabilities that `doctor` asks for are sufficient.
capabilities() {
	${AS_LITTLE},+bpf,+perfmon,+syslog,+sys_admin $OVL run -q -o /out/caps-4.jsonl -- \
		/bin/true
	is "four capabilities: a trace" 0 $?
	${AS_LITTLE},+bpf,+perfmon,+syslog $OVL run -q -o /out/caps-3.jsonl -d 8 &
	pid=$!
	while [ ! -s /out/caps-3.jsonl ]; do
		sleep 0.2
	done
	/lab/workload --make /mnt/w --mode alternate --rounds 23 > /dev/null
	kill $pid
	wait $pid
	is "three capabilities: a trace" 0 $?
	is "three capabilities: 23 rounds make 23 rebuilds" 23 "$(summary /out/caps-3.jsonl rebuilds)"
}

# The machine was started with lockdown=confidentiality.
lockdown() {
	reports "lockdown, securityfs not mounted" 4 lockdown
	mount -t securityfs securityfs /sys/kernel/security
	is "the kernel is locked down" 1 "$(grep -c '\[confidentiality\]' /sys/kernel/security/lockdown)"
	reports "lockdown" 4 lockdown
	fixes lockdown "boot with lockdown=integrity, which allows both"
}

# With lockdown=integrity nothing is missing.
integrity() {
	mount -t securityfs securityfs /sys/kernel/security
	is "the kernel is locked down" 1 "$(grep -c '\[integrity\]' /sys/kernel/security/lockdown)"
	reports "lockdown for integrity" 0 ""
}

"$1"
