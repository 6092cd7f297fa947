#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# COMMAND's findings and those of others. Who works in a directory is in its name: cmd1-D0 is
# of COMMAND's tree, out-D0 of an outsider, and both make stale stores at the same time.
. /lab/guest-lib.sh

M=/mnt/a/m

setup() {
	mkdir -p /mnt/a
	mount -t tmpfs a /mnt/a
	mkdir -p /mnt/a/l /mnt/a/u /mnt/a/w $M
	mount -t overlay -o lowerdir=/mnt/a/l,upperdir=/mnt/a/u,workdir=/mnt/a/w o $M
}

# outsider [OPTION]...: lists, and moves files out and back, until outsider_ends
times=0
outsider() {
	times=$((times + 1))
	/lab/workload --mount $M --prefix out$times- --mode race --duration 100 "$@" \
		> /dev/null 2>> /out/outsider.txt &
	outsider=$!
}

outsider_ends() {
	kill $outsider
	wait $outsider 2> /dev/null
}

# A daemon: its parent ends at once, so init is its parent when it works. In a pid namespace it
# would be killed with this script, which therefore waits for its end.
cat > /tmp/daemon.sh << 'END'
#!/bin/sh
rm -f /tmp/daemon-ended
( ( /lab/workload --mount /mnt/a/m --prefix cmd1- --mode race --duration 6 > /dev/null 2>&1
	: > /tmp/daemon-ended ) & )
until [ -e /tmp/daemon-ended ]; do sleep 0.2; done
END
chmod +x /tmp/daemon.sh

# found FILE PREFIX [TEXT]: how many findings in its directories
found() {
	grep '"type":"finding"' "$1" | grep '"path":"/mnt/a/m/'"$2"'[0-9]*-D0"' | grep -c "${3:-.}"
}

findings() {
	grep -c '"type":"finding"' "$1"
}

field() {
	tail -n 1 "$1" | sed -n 's/.*"'"$2"'":\([^,}]*\).*/\1/p'
}

some() {
	if [ "$2" -gt 0 ]; then
		ok "$1: $2"
	else
		not_ok "$1: none"
	fi
}

# apart NAME FILE: each finding has the right owner
apart() {
	some "$1: findings of the command" "$(found "$2" cmd)"
	some "$1: findings of an outsider" "$(found "$2" out)"
	is "$1: each in cmd1-D0 is the command's" "$(found "$2" cmd)" \
		"$(found "$2" cmd '"of_command":true')"
	is "$1: none in out-D0 is" "$(found "$2" out)" "$(found "$2" out '"of_command":false')"
	# what happened just before the trace may have no path
	is "$1: none of the others is" "$(($(findings "$2") - $(found "$2" cmd)))" \
		"$(grep -c '"of_command":false' "$2")"
	is "$1: the summary counts the command's" "$(found "$2" cmd)" "$(field "$2" command_findings)"
}

command_apart() {
	outsider
	$OVL run -o /out/apart.jsonl -- /tmp/daemon.sh > /out/apart.txt 2>&1
	is "run -- COMMAND: exit status" 1 $?
	outsider_ends
	apart "run -- COMMAND" /out/apart.jsonl
	# rebuilds go on while the probes are attached and detached
	is "run -- COMMAND: events that contradict each other" 0 \
		"$(grep -c '"check":' /out/apart.jsonl)"
	is "text: the first line says whose" 1 "$(head -n 1 /out/apart.txt | grep -c ' are the command.s; ')"
	# the first finding by others comes after the last of the command
	is "text: the command's come first" yes "$(awk '/, by the command\)/ { a = NR }
		/, by other tasks\)/ && !b { b = NR } END { print a && b && a < b ? "yes" : "no" }' /out/apart.txt)"
	$OVL report /out/apart.jsonl > /out/apart.report
	is "report: the same" "$(grep -c ', by the command)' /out/apart.txt)" \
		"$(grep -c ', by the command)' /out/apart.report)"
}

# The same time seen by two: a trace of the whole system, and one that follows.
follow() {
	outsider
	$OVL run -q -o /out/whole.jsonl -- \
		$OVL run -q -o /out/follow.jsonl --follow -- /tmp/daemon.sh
	is "--follow: exit status" 1 $?
	outsider_ends
	some "--follow: findings" "$(findings /out/follow.jsonl)"
	is "--follow: none of the outsider" 0 "$(found /out/follow.jsonl out)"
	is "--follow: no record of the outsider" 0 "$(grep -c '/out[0-9]*-D0' /out/follow.jsonl)"
	is "--follow: as many as the whole trace has of them" "$(found /out/whole.jsonl cmd)" \
		"$(findings /out/follow.jsonl)"
	is "--follow: nothing else is judged" "$(summary /out/follow.jsonl rebuilds)" \
		"$(grep -c '"type":"rebuild".*/cmd1-D0' /out/whole.jsonl)"
	is "--follow: the session says so" 1 "$(head -n 1 /out/follow.jsonl | grep -c '"follow":true')"
}

# An outsider lists what COMMAND modifies: the stale stores are the outsider's, COMMAND took part.
joins() {
	outsider --readers 2 --renamers 0 --mode read
	sleep 1
	d=$M/out$times-D0
	export d
	$OVL run -q -o /out/joins.jsonl --follow -- sh -c 'i=0; while [ $i -lt 1000 ]; do
		mv $d/f1 $d.f1 && mv $d.f1 $d/f1; i=$((i + 1)); done'
	outsider_ends
	some "--follow: rebuilds by an outsider in which the command modified" \
		"$(grep -c '"type":"rebuild"' /out/joins.jsonl)"
	is "--follow: the command modified in each of them" 0 \
		"$(grep '"type":"rebuild"' /out/joins.jsonl | grep -c '"mods_in_window":0')"
	is "--follow: their findings are not the command's" 0 \
		"$(grep -c '"of_command":true' /out/joins.jsonl)"
}

# An outsider modifies what COMMAND lists: its stale stores are found all the same.
hurt() {
	outsider --readers 0
	sleep 1
	d=$M/out$times-D0
	export d
	truth_mark
	$OVL run -q -o /out/hurt.jsonl --follow -- sh -c 'i=0; while [ $i -lt 400 ]; do
		ls $d; i=$((i + 1)); done' > /dev/null 2>&1
	outsider_ends
	is "--follow: stale stores that an outsider causes" \
		"$(truth_since stale_stores)" "$(summary /out/hurt.jsonl stale_stores)"
	some "--follow: modifications by an outsider" "$(grep -c '"type":"modify"' /out/hurt.jsonl)"
}

# Children that exist, children that come, and their orphans.
pids() {
	outsider
	sh -c '/lab/workload --mount /mnt/a/m --prefix old1- --mode race --duration 300 > /dev/null 2> /out/old.txt & old=$!
		while [ ! -e /tmp/over ]; do
			( ( exec /lab/workload --mount /mnt/a/m --prefix late1- --mode race --duration 1 > /dev/null 2>&1; ) & )
			sleep 1.5
		done; kill $old; wait' &
	pid=$!
	sleep 1
	$OVL run -q --no-proof -d 9 -o /out/whole-pid.jsonl &
	whole=$!
	$OVL run -q --no-proof -d 8 -o /out/pid.jsonl --pid $pid
	is "--pid: exit status" 1 $?
	wait $whole
	touch /tmp/over
	wait $pid
	outsider_ends
	some "--pid: findings of a child that existed" "$(found /out/pid.jsonl old)"
	some "--pid: findings of orphans that came later" "$(found /out/pid.jsonl late)"
	is "--pid: none of the outsider" 0 "$(grep -c '/out[0-9]*-D0' /out/pid.jsonl)"
	is "--pid: nothing is said of a command" 0 "$(grep -c 'of_command\|command_findings' /out/pid.jsonl)"
	rm /tmp/over
}

# The tables of --hits are those of the tree, too.
hits() {
	outsider
	$OVL run -q --hits -o /out/hits.jsonl --follow -- /tmp/daemon.sh
	outsider_ends
	is "--hits --follow: tables are of the command's directories" "0 1" \
		"$(grep '"type":"directory"' /out/hits.jsonl | grep -c '/out[0-9]*-D0') $(grep '"type":"directory"' \
			/out/hits.jsonl | grep -c /cmd1-D0)"
	is "--hits --follow: rebuilds agree" "$(summary /out/hits.jsonl rebuilds)" \
		"$(directory /out/hits.jsonl rebuilds)"
}

# They are those of the chosen tasks, although others list the same directory.
chosen() {
	id=$(printf '0123456789abcdef%.0s' 1 2 3 4)
	mkdir "/sys/fs/cgroup/libpod-$id.scope"
	outsider --readers 0 --duration 400
	d=$M/out$times-D0
	until [ -e "$d" ]; do sleep 0.2; done
	(until [ -e /tmp/over ]; do /bin/busybox ls "$d" > /dev/null 2>&1; done) &
	others=$!
	for who in "comm ls" "cgroup /libpod-$id.scope" "container 01234567"; do
		name=--${who% *} file=/out/hits-${who% *}.jsonl
		$OVL run -q --hits -o "$file" "$name" "${who#* }" -- sh -c "
			echo \$\$ > /sys/fs/cgroup/libpod-$id.scope/cgroup.procs
			for i in \$(seq 40); do ls $d > /dev/null 2>&1; done"
		is "--hits $name: listings" 40 "$(directory "$file" listings)"
		some "--hits $name: rebuilds" "$(directory "$file" rebuilds)"
		for count in rebuilds readdirs hits; do
			is "--hits $name: $count agree" "$(summary "$file" $count)" "$(directory "$file" $count)"
		done
	done
	touch /tmp/over
	wait $others
	rm /tmp/over
	outsider_ends
	rmdir "/sys/fs/cgroup/libpod-$id.scope"
}

# Tables and slow listings of a process and its children.
costs() {
	outsider
	sh -c '/lab/workload --mount /mnt/a/m --prefix top1- --mode race --duration 300 > /dev/null 2>&1 & child=$!
		until [ -e /tmp/over ]; do sleep 0.5; done; kill $child; wait' &
	pid=$!
	sleep 1
	$OVL top --once -i 3 --pid $pid > /out/top-pid.txt 2> /dev/null
	is "top --pid: its child's directory, and no other" "1 0" \
		"$(grep -c ' impure .*/top1-D0$' /out/top-pid.txt) $(grep -c '/out[0-9]*-D0' /out/top-pid.txt)"
	$OVL slow -d 3 --over 1us --json --pid $pid > /out/slow-pid.json 2> /dev/null
	some "slow --pid: listings by its child" "$(grep -o /top1-D0 /out/slow-pid.json | wc -l)"
	is "slow --pid: none by others" 0 "$(grep -o '/out[0-9]*-D0' /out/slow-pid.json | wc -l)"
	touch /tmp/over
	wait $pid
	rm /tmp/over
	outsider_ends
}

# In a pid namespace of its own COMMAND's processes have other numbers, and ovltrace, too.
spaces() {
	outsider
	$OVL run -q -o /out/inner-ns.jsonl -- unshare --pid --fork --mount-proc /tmp/daemon.sh
	apart "a command with a pid namespace" /out/inner-ns.jsonl
	unshare --pid --fork --mount-proc $OVL run -q -o /out/outer-ns.jsonl -- /tmp/daemon.sh
	outsider_ends
	apart "ovltrace in a pid namespace" /out/outer-ns.jsonl
}

# refused NAME TEXT ARGUMENT...: one line of complaint
refused() {
	label=$1 text=$2
	shift 2
	$OVL run "$@" > /tmp/stdout 2> /tmp/stderr
	is "$label: exit status" 2 $?
	is "$label: one line that says it" "1 yes" \
		"$(wc -l < /tmp/stderr) $(grep -qF -e "$text" /tmp/stderr && echo yes)"
}

setup
command_apart
follow
joins
hurt
pids
hits
chosen
costs
spaces
refused "--follow without a command" "'--follow' requires a command" --follow
refused "--follow with --pid" "exclude each other" --follow --pid 1 -- true
