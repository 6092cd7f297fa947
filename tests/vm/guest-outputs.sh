#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-outputs.sh
# Readers of outputs and commands that never end do not keep ovltrace from ending, and
# losses are counted. Needs a racy kernel.
. /lab/guest-lib.sh

# ended NAME PID SECONDS WANTED_STATUS...: ends in time, with one of these statuses
ended() {
	name=$1 pid=$2 seconds=$3
	shift 3
	tries=$((seconds * 10))
	while kill -0 "$pid" 2> /dev/null && [ $tries -gt 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	if [ $tries = 0 ]; then
		kill -9 "$pid"
		not_ok "$name: still there after $seconds s"
		return
	fi
	wait "$pid"
	status=$?
	for want in "$@"; do
		if [ $status = "$want" ]; then
			ok "$name: status $status"
			return
		fi
	done
	not_ok "$name: status $status, not $*"
}

# traces: waits until the trace has begun, whose first metrics are then there
traces() {
	tries=600
	while [ ! -s /tmp/m.prom ] && [ $tries -gt 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
}

race() {
	/lab/workload --make /mnt/w --mode race --duration "$1" > /dev/null
}

# A command that writes for ever: -d, signals and the rings are served.
endless_command() {
	truth_mark
	rm -f /tmp/m.prom
	$OVL run -q --metrics /tmp/m.prom --ktap -d 8 -o /out/endless.jsonl -- yes > /dev/null &
	pid=$!
	traces
	race 2
	ended "yes as COMMAND: -d" $pid 30 1
	exact "yes as COMMAND: counts are the truth" /out/endless.jsonl
	for signal in INT TERM HUP; do
		rm -f /tmp/m.prom
		$OVL run -q --metrics /tmp/m.prom --ktap -o /out/endless-$signal.jsonl -- yes > /dev/null &
		pid=$!
		traces
		kill -$signal $pid
		ended "yes as COMMAND: SIG$signal" $pid 30 0
		is "yes as COMMAND: SIG$signal: there is a summary" clean "$(verdict /out/endless-$signal.jsonl)"
	done
	rm -f /tmp/m.prom
	(
		trap '' HUP
		exec $OVL run -q --metrics /tmp/m.prom -d 3 -o /out/nohup.jsonl
	) &
	pid=$!
	traces
	kill -HUP $pid
	ended "nohup: SIGHUP is ignored" $pid 30 0
	is "nohup: the trace was as long as asked" yes \
		"$(tail -n 1 /out/nohup.jsonl | grep -q '"duration_ns":[3-9][0-9]\{9\},' && echo yes)"
}

# Nobody reads what is written: neither the records nor the text nor the command's output.
not_read() {
	mkfifo /tmp/fifo
	sh -c 'exec sleep 1000' < /tmp/fifo &
	holder=$!
	# from here on, each write to it waits
	head -c 65536 /dev/zero > /tmp/fifo
	for what in records text ktap top; do
		rm -f /tmp/m.prom
		# the holder opens it for reading and never reads
		case $what in
		records) $OVL run -q --metrics /tmp/m.prom -o /tmp/fifo 2> /tmp/stderr & ;;
		text) $OVL run --hits --metrics /tmp/m.prom > /tmp/fifo 2> /tmp/stderr & ;;
		ktap) $OVL run -q --metrics /tmp/m.prom --ktap -- yes > /tmp/fifo 2> /tmp/stderr & ;;
		top) $OVL top -i 0.004 > /tmp/fifo 2> /tmp/stderr & ;;
		esac
		pid=$!
		# top has no metrics; it shows a block when it has begun
		[ $what = top ] && sleep 15 || traces
		race 4
		kill -TERM $pid
		ended "not read: $what" $pid 30 2
		is "not read: $what: it says so" 1 "$(grep -c 'reader does not read' /tmp/stderr)"
	done
	# another signal ends it at once
	rm -f /tmp/m.prom
	$OVL run -q --metrics /tmp/m.prom -o /tmp/fifo 2> /tmp/stderr &
	pid=$!
	traces
	race 2
	kill -TERM $pid
	sleep 1
	kill -TERM $pid
	ended "not read: the second signal" $pid 5 2 143
	kill $holder
	rm /tmp/fifo
}

# A slow reader: what the rings cannot hold is lost, and counted; the file is complete.
slow_reader() {
	mkfifo /tmp/fifo
	{ sleep 12; cat; } < /tmp/fifo > /out/slow.jsonl &
	reader=$!
	rm -f /tmp/m.prom
	$OVL run -q --metrics /tmp/m.prom --ring-bytes 131072 -o /tmp/fifo &
	pid=$!
	traces
	race 8
	kill -TERM $pid
	ended "slow reader" $pid 30 1 3
	wait $reader
	rm /tmp/fifo
}

# One archive has what a kernel developer needs, without an address or a path.
bugreport() {
	$OVL bugreport -d 4 --no-paths --stacks -o /out/report.tar.gz > /out/bugreport.txt 2>&1 &
	pid=$!
	# the trace begins when the doctor and the audit have ended
	for _ in $(seq 60); do
		race 1
		[ -s /out/bugreport.txt ] && break
	done
	ended "bug report: complete" $pid 60 0
	mkdir /tmp/report
	tar -xzf /out/report.tar.gz -C /tmp/report
	trace=/tmp/report/ovltrace-bugreport/trace.jsonl
	is "bug report: the trace has stale stores" 1 "$([ "$(summary $trace stale_stores)" -gt 0 ]; echo $((! $?)))"
	is "bug report: no path, no address" "" \
		"$(grep -rlE '/mnt/w|ffff[0-9a-f]{12}' /tmp/report | grep -v doctor)"
	is "bug report: the trace has stacks" 1 "$(grep -q '"iterate_dir+' $trace; echo $((! $?)))"
	status=0
	$OVL report /out/report.tar.gz > /tmp/report.txt || status=$?
	is "bug report: report shows it" "1 1" "$status $(grep -c '^---- the trace ----' /tmp/report.txt)"
}

# A stream gets the metrics once; the text goes elsewhere.
metrics_to_stdout() {
	$OVL run --metrics - -d 1 > /tmp/metrics 2> /tmp/text
	is "metrics to standard output: once, and nothing else" "1 0" \
		"$(grep -c '^ovltrace_running' /tmp/metrics) $(grep -vcE '^(#|ovltrace_)' /tmp/metrics)"
	is "metrics to standard output: the text is on standard error" 1 "$(grep -c '^verdict: ' /tmp/text)"
}

bugreport
metrics_to_stdout
endless_command
not_read
slow_reader
