#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-privileges.sh
# What a trace keeps when its probes are attached, and that all of it works with that: every
# output and option runs under the filter.
. /lab/guest-lib.sh

NAMES=0000000000080004 # CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH
WITH_COMMAND=0000000000080024 # and CAP_KILL
WITH_OTHERS_DIR=0000000000080006 # and CAP_DAC_OVERRIDE
ATTACHES=000000c000200000 # CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF

mkdir -p /etc
printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' > /etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\nextra:x:77:nobody\n' > /etc/group

# field PID NAME: of all of its threads
field() {
	cat "/proc/$1"/task/*/status | sed -n "s/^$2:[[:space:]]*//p" | sort -u | tr '\t\n' ' ' | sed 's/ *$//'
}

# confined NAME PID CAPABILITIES
confined() {
	tries=100
	while [ "$(field "$2" Seccomp)" != 2 ] && [ $tries -gt 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	is "$1: the capabilities of each thread" "$3" "$(field "$2" CapPrm)"
	is "$1: and those in effect" "$3" "$(field "$2" CapEff)"
	is "$1: and those that it could get" "$3" "$(field "$2" CapBnd)"
	is "$1: no new privileges" 1 "$(field "$2" NoNewPrivs)"
	is "$1: system calls are filtered" 2 "$(field "$2" Seccomp)"
}

race() {
	/lab/workload --make /mnt/w --mode race --duration "$1" > /dev/null
}

# Every output at once; threads have started when their status is read.
outputs() {
	rm -f /tmp/m.prom
	$OVL run --hits --merged --metrics /tmp/m.prom -o /tmp/all.jsonl \
		--rotate-size 100000 --rotate-files 50 > /tmp/all.txt 2> /tmp/all.err &
	pid=$!
	while [ ! -s /tmp/m.prom ]; do sleep 0.1; done
	# after the proof, which rebuilds three times
	truth_mark
	race 3
	confined "all outputs" $pid $NAMES
	is "all outputs: threads have started" yes "$([ "$(ls /proc/$pid/task | wc -l)" -gt 1 ] && echo yes)"
	sleep 6
	kill -INT $pid
	wait $pid
	is "all outputs: status" 1 $?
	exact "all outputs" /tmp/all.jsonl
	is "all outputs: the recording was rotated" yes "$([ -s /tmp/all.jsonl.1 ] && echo yes)"
	is "all outputs: metrics at the end" 1 "$(grep -c '^ovltrace_running.* 0$' /tmp/m.prom)"
	is "all outputs: the text has a verdict" yes "$(grep -q -i verdict /tmp/all.txt && echo yes)"
	is "all outputs: a path has its mount point" yes "$(grep -q '"path":"/mnt/w/' /tmp/all.jsonl* && echo yes)"
	rm -f /tmp/all.jsonl.*
}

# COMMAND has what we had, or is another user; it is sent signals all the same.
command() {
	$OVL run -q --ktap -o /out/command.jsonl -- /bin/sh -c '
		sed -n "s/^\(CapEff\|NoNewPrivs\|Seccomp\|Uid\):\t*//p" /proc/self/status
		echo "ok 1 - test"; sleep 3' > /tmp/command &
	pid=$!
	confined "with COMMAND" $pid $WITH_COMMAND
	wait $pid
	is "with COMMAND: status" 0 $?
	is "COMMAND: it has our privileges" "0 $(sed -n 's/^CapEff:\t*//p' /proc/self/status) 0 0" \
		"$(head -n 4 /tmp/command | sed 's/\t.*//' | tr '\n' ' ' | sed 's/ $//')"
	is "COMMAND: its test is known" 1 "$(grep -c '"name":"test"' /out/command.jsonl)"
	: > /tmp/command
	$OVL run -q --command-user nobody -o /out/user.jsonl -- /bin/sh -c \
		'id -u; id -G; sleep 100' > /tmp/command &
	pid=$!
	while [ "$(wc -l < /tmp/command)" -lt 2 ]; do sleep 0.1; done
	is "--command-user: user and groups" "65534 65534 77 " "$(tr '\n' ' ' < /tmp/command)"
	kill -INT $pid
	wait $pid
	is "--command-user: it is ended, status" 0 $?
	is "--command-user: a verdict" clean "$(verdict /out/user.jsonl)"
	$OVL run -q -- /no/such/command 2> /tmp/err
	is "no such COMMAND: status" 2 $?
	$OVL run -q --command-user nosuch -- true 2> /tmp/err
	is "no such user: status" 2 $?
	is "no such user: one line" 1 "$(grep -c "no such user in /etc/passwd" /tmp/err)"
}

# As another user, who rotates in a directory of theirs.
user() {
	mkdir -p /tmp/theirs /tmp/ours
	chown 65534 /tmp/theirs
	$OVL run -q --user nobody -o /tmp/theirs/r.jsonl --rotate-size 100000 --rotate-files 50 \
		--metrics /tmp/theirs/m.prom &
	pid=$!
	while [ ! -s /tmp/theirs/m.prom ]; do sleep 0.1; done
	truth_mark
	race 3
	confined "--user" $pid $NAMES
	is "--user: of each thread" "65534 65534 65534 65534" "$(field $pid Uid)"
	is "--user: no groups" "" "$(field $pid Groups)"
	kill $pid
	wait $pid
	is "--user: status" 1 $?
	exact "--user" /tmp/theirs/r.jsonl
	is "--user: who owns all parts" 65534 "$(stat -c %u /tmp/theirs/r.jsonl* | sort -u)"
	$OVL run -q --user nobody -d 1 --metrics /tmp/ours/m.prom 2> /tmp/err
	is "--user: a directory that is not theirs: status" 2 $?
	# root writes to the directory of another user only with one capability more
	$OVL run -q --metrics /tmp/theirs/m2.prom -d 7 &
	pid=$!
	confined "a directory of another user" $pid $WITH_OTHERS_DIR
	wait $pid
	is "a directory of another user: status" 0 $?
	is "a directory of another user: metrics at the end" 1 "$(grep -c '^ovltrace_running.* 0$' /tmp/theirs/m2.prom)"
}

top() {
	$OVL top -i 1 --iterations 4 > /tmp/top 2>&1 &
	pid=$!
	confined "top" $pid $NAMES
	race 2
	wait $pid
	is "top: status" 0 $?
	is "top: the directory is shown with its mount point" yes "$(grep -q /mnt/w/ /tmp/top && echo yes)"
}

# The process that attaches later has no probe that could outlive the trace.
attaches() {
	$OVL run -q -o /tmp/attach.jsonl 2> /dev/null &
	pid=$!
	confined "a trace" $pid $NAMES
	for p in /proc/[0-9]*; do
		[ "$(cat "$p/comm" 2> /dev/null)" = ovltrace-attach ] && helper=${p#/proc/}
	done
	if [ "$helper" ]; then
		is "the process that attaches: capabilities" $ATTACHES "$(field "$helper" CapPrm)"
		is "the process that attaches: no new privileges" 1 "$(field "$helper" NoNewPrivs)"
		is "the process that attaches: it holds no probe" 0 \
			"$(cat /proc/"$helper"/fdinfo/* | grep -c link_type)"
	else
		not_ok "the process that attaches: there is none"
	fi
	kill -9 $pid
	wait $pid 2> /dev/null
	sleep 0.5
	is "the process that attaches: it ends with the trace" no "$([ -e "/proc/$helper" ] && echo yes || echo no)"
}

keeps() {
	$OVL run -q --keep-privileges -d 3 &
	pid=$!
	sleep 2
	is "--keep-privileges: no filter" 0 "$(field $pid Seccomp)"
	wait $pid
	is "--keep-privileges: status" 0 $?
}

outputs
command
user
top
attaches
keeps
$OVL check -d 3 > /tmp/check.txt 2> /dev/null
is "check: status" 1 $?
