#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-ways.sh long|ways|btf|debian
# The ways in which a trace is started, ended and broken.
. /lab/guest-lib.sh

# race FILE SECONDS [OPTION-OF-RUN]...: a race under the tracer, quietly
race() {
	file=$1 seconds=$2
	shift 2
	$OVL run -q -o "$file" "$@" -- /lab/workload --make /mnt/w --mode race --duration "$seconds" \
		> /dev/null
}

# gone: whether everything is detached, a while after an asynchronous end
gone() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(attached)" = "$none" ] && break
		sleep 1
	done
	is "nothing is attached after $1" "$none" "$(attached)"
}

long() {
	for pair in "2 1" "4 3"; do
		set -- $pair
		truth_mark
		$OVL run -q -o "/out/long-$1-$2.jsonl" -- /lab/workload --make /mnt/w --mode race \
			--readers "$1" --renamers "$2" --duration 10 > /dev/null
		is "ten seconds, $1 + $2: exit status" 1 $?
		exact "ten seconds, $1 + $2: counts are the truth" "/out/long-$1-$2.jsonl"
	done
	two
	memory
}

# The outer one must see all of the inner one's workload, and both the same.
two() {
	truth_mark
	$OVL run -q -o /out/outer.jsonl -- $OVL run -q -o /out/inner.jsonl -- \
		/lab/workload --make /mnt/w --mode race --readers 4 --renamers 3 --duration 5 > /dev/null
	is "two at once: exit status" 1 $?
	exact "two at once: the first" /out/outer.jsonl
	exact "two at once: the second" /out/inner.jsonl
}

memory() {
	$OVL run -q -o /out/memory.jsonl -d 60 &
	pid=$!
	while [ ! -s /out/memory.jsonl ]; do
		sleep 1
	done
	/lab/workload --make /mnt/w --mode race --readers 4 --renamers 3 --duration 5 > /dev/null
	kb=$(sed -n 's/VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$pid/status)
	kill $pid
	wait $pid
	if [ "$kb" -gt 0 ] && [ "$kb" -lt 32768 ]; then
		ok "resident memory stays under 32 MiB ($kb kB at most)"
	else
		not_ok "resident memory: $kb kB"
	fi
}

# wait_written FILE: until the trace has begun
wait_written() {
	while [ ! -s "$1" ]; do
		sleep 0.2
	done
}

ends() {
	for sig in INT TERM KILL; do
		$OVL run -o /out/sig-$sig.jsonl > /out/sig-$sig.txt &
		pid=$!
		# it ends well whenever the signal comes; for KILL let it be attached
		[ $sig = TERM ] && sleep 1 || wait_written /out/sig-$sig.jsonl
		[ $sig = TERM ] || is "running before SIG$sig: probes are in place" yes \
			"$([ "$(attached)" -gt "$none" ] && echo yes)"
		kill -$sig $pid
		wait $pid
		status=$?
		[ $sig = KILL ] || is "SIG$sig: exit status" 0 $status
		[ $sig = KILL ] || is "SIG$sig: verdict" clean "$(verdict /out/sig-$sig.jsonl)"
		gone "SIG$sig"
	done
	rm /out/sig-KILL.jsonl # it has no summary, of course
	$OVL run -q -o /out/time.jsonl -d 1.5
	is "-d ends it: exit status" 0 $?
	$OVL run -q -o /out/status.jsonl -- sh -c 'exit 7'
	is "a command that fails: exit status" 5 $?
	is "the command's status is recorded" 7 \
		"$(tail -n 1 /out/status.jsonl | sed -n 's/.*"command_status":\([0-9]*\).*/\1/p')"
}

losses() {
	truth_mark
	race /out/lost.jsonl 3 --ring-bytes 4096
	status=$?
	is "lost records: there are some" yes "$([ "$(summary /out/lost.jsonl lost)" -gt 0 ] && echo yes)"
	is "lost records: the place is recorded" yes \
		"$(grep -q '"type":"lost".*"where":"ring buffer full"' /out/lost.jsonl && echo yes)"
	is "lost records: never clean" yes "$([ $status = 1 ] || [ $status = 3 ] && echo yes)"
	# nothing to find here: then it is inconclusive
	$OVL run -q -o /out/lost-clean.jsonl --ring-bytes 4096 -- /lab/workload --make /mnt/w \
		--mode rebuild --ops 3000 > /dev/null
	is "lost records without a finding: exit status" 3 $?
	is "lost records without a finding: verdict" inconclusive "$(verdict /out/lost-clean.jsonl)"
}

# refused NAME WANTED-STATUS TEXT ARGUMENT...: one line of complaint
refused() {
	label=$1 want=$2 text=$3
	shift 3
	$OVL "$@" > /tmp/stdout 2> /tmp/stderr
	is "$label: exit status" "$want" $?
	is "$label: one line that says it" "1 yes" \
		"$(wc -l < /tmp/stderr) $(grep -qF -e "$text" /tmp/stderr && echo yes)"
}

wrong() {
	refused "unknown command" 2 "'frob'" frob
	refused "no command" 2 "--help"
	refused "unknown option" 2 "'--frob'" run --frob
	refused "missing value" 2 "requires a value" run -d
	refused "bad seconds" 2 "'-1'" run -d -1
	refused "bad pid" 2 "'x1'" run --pid x1
	refused "stray argument" 2 "'true'" run true
	refused "unknown mount" 2 "'/nowhere'" run --mount /nowhere
	refused "mount that is no overlay" 2 "'/tmp'" run --mount /tmp
	refused "hostile argument" 2 '\x1b[31m' run --mount "$(printf '/\033[31m')"
	refused "unwritable output" 2 "'/nowhere/f'" run -o /nowhere/f -d 1
	refused "command not there" 2 "'/nowhere/c'" run -q -o /out/nocommand.jsonl -- /nowhere/c
	is "command not there: the file is complete" summary \
		"$(tail -n 1 /out/nocommand.jsonl | sed -n 's/.*"type":"\(summary\)".*/\1/p')"
	mkdir -p /mnt/small
	mount -t tmpfs -o size=64k small /mnt/small
	race /mnt/small/f.jsonl 2 2> /tmp/stderr
	is "full disk: exit status" 2 $?
	is "full disk: one line" 1 "$(grep -c "No space left" /tmp/stderr)"
	is "full disk: the last line is complete" 1 "$(tail -n 1 /mnt/small/f.jsonl | grep -c '^{.*}$')"
	rm /mnt/small/*
	race /mnt/small/f.jsonl 1 --rotate-size 16384 2> /tmp/stderr
	is "full disk, rotated: exit status" 2 $?
	is "full disk, rotated: it says so" yes "$(grep -q "No space left" /tmp/stderr && echo yes)"
	$OVL report /mnt/small/f.jsonl > /tmp/report
	is "full disk, rotated: never clean" yes "$(case $? in 1 | 3) echo yes ;; esac)"
	is "full disk, rotated: parts are whole" 0 "$(grep -c "is cut\|not JSON\|are missing" /tmp/report)"
	umount /mnt/small
	race /dev/full 1 2> /tmp/stderr
	is "/dev/full: exit status" 2 $?
	$OVL run -o - -d 1 2> /dev/null | tail -n 1 > /out/stdout.last
	is "-o -: nothing but records on standard output" 1 "$(grep -c '^{"type":"summary"' /out/stdout.last)"
	{
		$OVL run -o - -d 1 2> /tmp/stderr
		echo $? > /tmp/status
	} | head -n 0
	is "a reader that goes away: exit status" 2 "$(cat /tmp/status)"
	is "a reader that goes away: one line" 1 "$(grep -c "Broken pipe" /tmp/stderr)"
}

filters() {
	mkdir -p /mnt/a
	mount -t tmpfs a /mnt/a
	mkdir -p /mnt/a/l /mnt/a/u /mnt/a/w /mnt/a/m
	mount -t overlay -o lowerdir=/mnt/a/l,upperdir=/mnt/a/u,workdir=/mnt/a/w o /mnt/a/m
	$OVL run -q -o /out/other.jsonl --mount /mnt/a/m -- /lab/workload --make /mnt/w --mode race \
		--duration 1 > /dev/null
	is "--mount: nothing of another mount" "0 0" \
		"$? $(summary /out/other.jsonl rebuilds)"
	truth_mark
	$OVL run -q -o /out/mine.jsonl --mount /mnt/a/m -- /lab/workload --mount /mnt/a/m --mode race \
		--duration 2 > /dev/null
	exact "--mount: all of this one" /out/mine.jsonl
	is "--mount: the path is resolved" yes \
		"$(grep -q '"path":"/mnt/a/m/D0"' /out/mine.jsonl && echo yes)"
	umount /mnt/a/m /mnt/a
	sleep 1000 &
	$OVL run -q -o /out/pid.jsonl --pid $! -- /lab/workload --make /mnt/w --mode race \
		--duration 1 > /dev/null
	is "--pid: nothing of other processes" "0 0" "$? $(summary /out/pid.jsonl rebuilds)"
	kill $!
}

names() {
	truth_mark
	$OVL run -o /out/names.jsonl -- /lab/workload --make /mnt/w --mode names --duration 3 \
		> /out/names.txt 2>&1
	exact "hostile names: counts are the truth" /out/names.jsonl
	is "hostile names: none reaches the terminal" 0 \
		"$(grep -v '^mode=' /out/names.txt | tr -d '\n\t' | grep -c '[[:cntrl:]]')"
	is "hostile names: lossless" yes "$(grep -q '"name_b64"' /out/names.jsonl && echo yes)"
}

# fallback LABEL OPTION-OF-RUN...: another provider, the same counts
fallback() {
	label=$1
	shift
	for mode in race empty; do
		truth_mark
		$OVL run -q -o "/out/$mode-$label.jsonl" "$@" -- /lab/workload --make /mnt/w \
			--mode $mode --duration 1 > /dev/null
		exact "$label: $mode: counts are the truth" "/out/$mode-$label.jsonl"
	done
}

fallbacks() {
	fallback no-call-sites --without call-site --costly
	is "no call sites: the lock drop is seen by" fentry \
		"$(provider /out/race-no-call-sites.jsonl lock_dropped)"
	is "no call sites: frees are seen by" tracepoint \
		"$(provider /out/race-no-call-sites.jsonl cache_freed)"
	fallback no-kprobes --without kprobe --costly
	is "no kprobes: the begin is seen by" fentry \
		"$(provider /out/race-no-kprobes.jsonl rebuild_begin)"
	fallback no-trampolines --without trampoline
	is "no trampolines: stores are seen by" kprobe \
		"$(provider /out/race-no-trampolines.jsonl cache_stored)"
	# what costs others is never used unasked
	refused "no call sites, and nothing else allowed" 3 "--costly" \
		run --without call-site -d 1
	refused "an unknown thing to be without" 2 "'luck'" run --without luck
	refused "types from a file that has none" 4 "'/lab/workload'" run --btf /lab/workload -d 1
	refused "types from a file that is not there" 4 "'/nowhere/f'" run --btf /nowhere/f -d 1
}

btf() {
	fallback btf --btf /lab/typed.ko
	is "types from a file: operations have names" yes \
		"$(grep -q '"op":"rename".*"name":"f' /out/race-btf.jsonl && echo yes)"
	is "types from a file: no trampolines all the same" kprobe \
		"$(provider /out/race-btf.jsonl cache_stored)"
}

ways() {
	none=$(attached)
	doctor present
	ends
	losses
	wrong
	filters
	names
	verbose
	fallbacks
	gone "all of it"
}

# shows NAME PATTERN: how the last command was verbose
shows() {
	is "-v: $1" yes "$(grep -q "$2" /tmp/verbose && echo yes)"
}

# -v shows the plan, each probe and libbpf's messages, and changes no output but standard error.
verbose() {
	$OVL run -v -o - -d 0.5 2> /tmp/verbose | tail -n 1 > /out/verbose.last
	is "-v: records stay alone on standard output" 1 "$(grep -c '^{"type":"summary"' /out/verbose.last)"
	shows "the plan" 'plan: rebuild_begin: kprobe-call-site: ovl_path_upper: ovl_iterate_real+0x'
	shows "each probe" 'probe: kprobe-call-site on ovl_iterate_real+0x[0-9a-f]* runs ovlt_at_path_upper'
	shows "messages of libbpf" '^libbpf: '
	$OVL check -v -d 3 --scenario impure-race > /dev/null 2> /tmp/verbose
	shows "check" 'probe: kprobe-call-site on '
	$OVL top --verbose --once -i 0.5 > /dev/null 2> /tmp/verbose
	shows "top" 'plan: readdir: fexit: '
	$OVL doctor -v > /dev/null 2> /tmp/verbose
	shows "doctor" 'plan: cache_stored: '
	$OVL audit -v > /dev/null 2> /tmp/verbose
	shows "audit" '^libbpf: '
	$OVL run -q -d 0.2 2> /tmp/verbose
	is "without -v: silent on standard error" 0 "$(wc -l < /tmp/verbose)"
}

# doctor LOCK_DROP: it attaches nothing, and says what the kernel's code says
doctor() {
	$OVL doctor --json > /tmp/doctor.json
	is "doctor: exit status" 0 $?
	is "doctor: lock drop" "$1" "$(sed -n 's/.*"lock_drop":"\([a-z]*\)".*/\1/p' /tmp/doctor.json)"
	is "doctor: traceable" true "$(sed -n 's/.*"traceable":\([a-z]*\).*/\1/p' /tmp/doctor.json)"
	is "doctor: attaches nothing" "$none" "$(attached)"
	refused "doctor takes no argument" 2 "'x'" doctor x
}

# Debian's own module, without truth counters, and without a defect to find.
debian() {
	none=$(attached)
	doctor absent
	race /out/debian.jsonl 3
	is "debian: exit status" 0 $?
	is "debian: verdict" clean "$(verdict /out/debian.jsonl)"
	is "debian: no window" 0 "$(summary /out/debian.jsonl windows)"
	$OVL run -q -o /out/debian-23.jsonl -- /lab/workload --make /mnt/w --mode alternate \
		--rounds 23 > /dev/null
	is "debian: 23 rounds make 23 rebuilds" 23 "$(summary /out/debian-23.jsonl rebuilds)"
	$OVL run -q --hits -o /out/debian-hits.jsonl -- /lab/workload --make /mnt/w --mode cached \
		--ops 101 > /dev/null
	# a listing is two readdirs: one that fills the buffer, one that finds the end
	is "debian: 101 listings of one cache: hits" 203 "$(summary /out/debian-hits.jsonl hits)"
	is "debian: 101 listings of one cache: readdirs" 204 "$(summary /out/debian-hits.jsonl readdirs)"
	rmmod overlay
	refused "overlayfs not loaded" 4 "modprobe overlay" run -d 1
	$OVL doctor > /tmp/doctor.txt
	is "doctor without overlayfs: exit status" 4 $?
	is "doctor without overlayfs: the remedy" 1 "$(grep -c "fix: modprobe overlay" /tmp/doctor.txt)"
}

"$1"
