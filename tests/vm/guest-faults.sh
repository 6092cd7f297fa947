#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What happens to the tracer and to its machine: docs/reliability.md. On a kernel with truth.
. /lab/guest-lib.sh

none=$(attached)

# gone NAME: all is detached, a while after an asynchronous end
gone() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		[ "$(attached)" = "$none" ] && break
		sleep 1
	done
	is "$1: nothing stays attached" "$none" "$(attached)"
}

# killed NAME TEXT: SIGKILL when -v prints TEXT
killed() {
	# what is already written is read from the start, so that no line is missed
	: > /tmp/verbose
	$OVL run -v -q -o /tmp/killed.jsonl -d 1000 2> /tmp/verbose &
	pid=$!
	until grep -q "$2" /tmp/verbose; do
		[ -d "/proc/$pid" ] || break
	done
	kill -KILL $pid
	wait $pid
	is "SIGKILL, $1: exit status" 137 $?
	gone "SIGKILL, $1"
}

kills() {
	killed "reading the kernel" "reading symbols"
	killed "planning" "planning"
	killed "loading" "loading and attaching"
	killed "attaching" "probe: .* runs"
	killed "proving" "attached"
	killed "tracing" "proof: "
	: > /tmp/verbose
	$OVL run -v -q -o /tmp/killed.jsonl -d 1000 2> /tmp/verbose &
	pid=$!
	until [ -s /tmp/killed.jsonl ]; do sleep 0.1; done
	kill -TERM $pid
	until grep -q "detaching" /tmp/verbose; do
		[ -d "/proc/$pid" ] || break
	done
	kill -KILL $pid 2> /dev/null
	wait $pid
	gone "SIGKILL, detaching"
	race_after "killed in each phase"
}

# race_after NAME: the next trace is as good as the first
race_after() {
	truth_mark
	$OVL run -q -o /out/after.jsonl -- /lab/workload --make /mnt/w --mode race --duration 1 > /dev/null
	exact "$1: the next trace" /out/after.jsonl
	mv /out/after.jsonl "/out/after-$(echo "$1" | tr -c 'a-z\n' -).jsonl"
}

# begin FILE OPTION...: a trace in the background, which has begun
begin() {
	file=$1
	shift
	$OVL run -q -o "$file" -d 1000 "$@" &
	tracer=$!
	until [ -s "$file" ]; do sleep 0.1; done
	# the proof has made rebuilds of its own
	truth_mark
}

# finish
finish() {
	kill -TERM $tracer
	wait $tracer
	status=$?
}

# exact_or_lost NAME FILE: what is not the truth was counted as lost
exact_or_lost() {
	if [ "$(summary "$2" lost)" = 0 ]; then
		exact "$1" "$2"
	else
		is "$1: $(summary "$2" lost) records lost: never clean" yes \
			"$(case $status in 1 | 3) echo yes ;; esac)"
	fi
}

stopped() {
	begin /out/stopped.jsonl
	kill -STOP $tracer
	/lab/workload --make /mnt/w --mode race --duration 3 > /dev/null
	sleep 60
	kill -CONT $tracer
	finish
	exact_or_lost "SIGSTOP for a minute" /out/stopped.jsonl
	begin /out/stopped-small.jsonl --ring-bytes 65536
	kill -STOP $tracer
	/lab/workload --make /mnt/w --mode race --duration 3 > /dev/null
	kill -CONT $tracer
	finish
	is "SIGSTOP, a small ring: records are lost, and counted" yes \
		"$([ "$(summary /out/stopped-small.jsonl lost)" -gt 0 ] && echo yes)"
	exact_or_lost "SIGSTOP, a small ring" /out/stopped-small.jsonl
}

clock() {
	begin /out/clock.jsonl
	/lab/workload --make /mnt/w --mode race --duration 3 > /dev/null &
	load=$!
	now=$(date +%s)
	for day in 1 -1 400 -400; do
		date -s "@$((now + day * 86400))" > /dev/null
		sleep 0.5
	done
	date -s "@$((now + 2))" > /dev/null
	wait $load
	finish
	exact "steps of the clock" /out/clock.jsonl
	seconds=$(tail -n 1 /out/clock.jsonl | sed -n 's/.*"duration_ns":\([0-9]*\)[0-9]\{9\},.*/\1/p')
	is "steps of the clock: no duration of days" yes "$([ "$seconds" -lt 300 ] && echo yes)"
}

# The machine sleeps while others race, until the clock wakes it: long enough to fall asleep.
suspended() {
	begin /out/suspended.jsonl
	/lab/workload --make /mnt/w --mode race --duration 4 > /dev/null &
	load=$!
	sleep 1
	echo enabled > /sys/class/rtc/rtc0/device/power/wakeup
	echo +15 > /sys/class/rtc/rtc0/wakealarm
	is "suspend: the machine slept" yes "$(echo mem > /sys/power/state && echo yes)"
	wait $load
	finish
	exact "suspend" /out/suspended.jsonl
}

# The mount goes away and its users are killed in mid-rebuild; their inodes are destroyed.
destroyed() {
	begin /out/destroyed.jsonl
	for _ in 1 2 3 4 5; do
		mkdir -p /mnt/gone
		/lab/workload --make /mnt/gone --no-unshare --mode race --readers 4 --renamers 2 \
			--duration 100 > /dev/null 2>&1 &
		load=$!
		enough=$(($(truth rebuilds) + 20))
		until [ "$(truth rebuilds)" -gt $enough ]; do sleep 0.1; done
		umount -l /mnt/gone/merged
		kill -KILL $load
		wait $load
		umount -l /mnt/gone
	done
	sleep 1
	finish
	exact "mounts and inodes destroyed in mid-rebuild" /out/destroyed.jsonl
}

command() {
	$OVL run -q -o /out/command.jsonl -- sh -c 'kill -KILL $$'
	is "COMMAND is killed: exit status" 5 $?
	is "COMMAND is killed: its status is recorded" 137 \
		"$(tail -n 1 /out/command.jsonl | sed -n 's/.*"command_status":\([0-9]*\).*/\1/p')"
}

kills
stopped
clock
suspended
destroyed
command
