#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-proof.sh racy|stock|debian|wrong|variants VARIANT...
# The proof of the plan: it confirms right plans, contradicts wrong ones, disturbs no other
# task and leaves nothing behind.
. /lab/guest-lib.sh

WRONG=/lab/ovltrace-wrong
ALWAYS="rebuild_begin cache_stored cache_freed impure_cleared inode_destroyed"
WINDOWS="content_read lock_dropped lock_retaken dir_modified dir_operation"

# proof FILE EVENT: what the session record says of it
proof() {
	head -n 1 "$1" | sed -n 's/.*"'"$2"'":{"provider"[^}]*"proof":"\([a-z ]*\)".*/\1/p'
}

# result FILE: of the proof as a whole
result() {
	head -n 1 "$1" | sed -n 's/.*"proof":{"result":"\([a-z ]*\)".*/\1/p'
}

took() {
	head -n 1 "$1" | sed -n 's/.*"proof":{[^}]*"duration_ns":\([0-9]*\)}.*/\1/p'
}

# confirms NAME FILE EVENT...: all of them
confirms() {
	name=$1 file=$2
	shift 2
	for event in "$@"; do
		is "$name: $event" confirmed "$(proof "$file" "$event")"
	done
}

# untouched NAME: no probe, no process, no mount of ours is left
untouched() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(attached)" = "$none" ] && break
		sleep 1
	done
	is "$1: nothing is attached" "$none" "$(attached)"
	is "$1: no process is left" 0 "$(cat /proc/[0-9]*/comm 2> /dev/null | grep -c '^ovltrace')"
	is "$1: mounts are as before" "$mounts" "$(cat /proc/mounts)"
	is "$1: no overlay is left anywhere" 0 "$(sed -n 's/^overlay *[0-9]* *\([0-9]*\) .*/\1/p' /proc/modules)"
}

# right EVENT...: events that this kernel has probes for
right() {
	$OVL run -o /out/proof.jsonl -d 0.5 > /out/proof.txt
	is "exit status" 0 $?
	is "result" confirmed "$(result /out/proof.jsonl)"
	confirms "proof" /out/proof.jsonl "$@"
	is "none is contradicted" 0 "$(grep -c '"proof":"contradicted"' /out/proof.jsonl)"
	is "the text says so" 1 "$(grep -c '^proof: [0-9]* events confirmed, 0 contradicted' /out/proof.txt)"
	is "its own rebuilds are not counted" "0 0" \
		"$(summary /out/proof.jsonl rebuilds) $(summary /out/proof.jsonl stores)"
	echo "# it took $(($(took /out/proof.jsonl) / 1000000)) ms"
	untouched "after the proof"
	$OVL run -q -o /out/hits.jsonl --hits -d 0.5
	is "--hits: its own listings are not counted" "0 0" \
		"$(summary /out/hits.jsonl readdirs) $(summary /out/hits.jsonl hits)"
	$OVL run -q -d 0.5
	is "--quiet without -o: exit status" 0 $?
	$OVL doctor --proof --json > /tmp/doctor.json
	is "doctor --proof: exit status" 0 $?
	is "doctor --proof: result" confirmed "$(sed -n 's/.*"proof":{"result":"\([a-z ]*\)".*/\1/p' /tmp/doctor.json)"
	$OVL doctor --proof | grep -c 'confirmed: ' > /tmp/count
	is "doctor --proof: says of which events" $# "$(cat /tmp/count)"
	untouched "after doctor --proof"
	asked
	busy "$@"
	killed
	refused
	rmmod overlay
	is "overlayfs can be unloaded" 0 $?
}

# asked: when it is run, and when not
asked() {
	$OVL run -q -o /out/no.jsonl --no-proof -d 0.5
	is "--no-proof: not run" "0 not run" "$? $(result /out/no.jsonl)"
	$OVL run -q -o /out/command.jsonl -- true
	is "with a command: not run" "0 not run" "$? $(result /out/command.jsonl)"
	$OVL run -q -o /out/both.jsonl --proof -- /lab/workload --make /mnt/w --mode alternate \
		--rounds 23 > /dev/null
	is "--proof with a command" "0 confirmed" "$? $(result /out/both.jsonl)"
	is "23 rounds make 23 rebuilds" 23 "$(summary /out/both.jsonl rebuilds)"
	$OVL run --proof --no-proof -d 1 2> /tmp/stderr
	is "both at once: exit status" 2 $?
}

# During the proof others list and rename, on the traced mount and elsewhere.
busy() {
	mkdir -p /mnt/a
	mount -t tmpfs a /mnt/a
	mkdir -p /mnt/a/l /mnt/a/u /mnt/a/w /mnt/a/m
	mount -t overlay -o lowerdir=/mnt/a/l,upperdir=/mnt/a/u,workdir=/mnt/a/w o /mnt/a/m
	$OVL run -q -o /out/mount.jsonl --mount /mnt/a/m -d 0.5
	is "--mount of another: exit status" 0 $?
	confirms "--mount of another" /out/mount.jsonl "$@"
	/lab/workload --mount /mnt/a/m --mode race --duration 60 > /dev/null &
	racers=$!
	sleep 1
	$OVL run -q -o /out/busy.jsonl -d 0.5
	status=$?
	is "under load: result" confirmed "$(result /out/busy.jsonl)"
	confirms "under load" /out/busy.jsonl "$@"
	is "under load: others are traced, and no loss" "yes 0" \
		"$([ "$(summary /out/busy.jsonl rebuilds)" -gt 0 ] && echo yes) $(summary /out/busy.jsonl lost)"
	is "under load: paths are known" 0 "$(grep -c '"type":"rebuild".*"path":null' /out/busy.jsonl)"
	is "under load: status is the verdict's" "$(verdict /out/busy.jsonl)" \
		"$(case $status in 0) echo clean ;; 1) echo findings ;; *) echo inconclusive ;; esac)"
	kill $racers 2> /dev/null
	wait $racers
	umount /mnt/a/m /mnt/a
}

# The session record is written after the proof: no record, and it was not over.
killed() {
	caught=0
	for delay in 0 0 0 0.01 0.02 0.03 0.05 0.08; do
		rm -f /tmp/killed.jsonl
		$OVL run -q -o /tmp/killed.jsonl -d 30 &
		pid=$!
		until pidof ovltrace-proof > /dev/null || [ -s /tmp/killed.jsonl ] || [ ! -d /proc/$pid ]; do
			:
		done
		[ $delay = 0 ] || sleep $delay
		kill -KILL $pid && [ ! -s /tmp/killed.jsonl ] && caught=$((caught + 1))
		wait $pid 2> /dev/null
	done
	echo "# SIGKILL met $caught proofs under way"
	is "SIGKILL met proofs under way" yes "$([ $caught -ge 2 ] && echo yes)"
	untouched "killed"
}

# No privilege to mount: the trace runs without the proof, and says why.
refused() {
	echo 0 > /proc/sys/user/max_mnt_namespaces
	$OVL run -o /out/refused.jsonl -d 0.5 > /out/refused.txt
	is "no mount namespace: exit status" 0 $?
	is "no mount namespace: not run" "not run" "$(result /out/refused.jsonl)"
	is "no mount namespace: it says why" 1 "$(grep -c '^not proved: .*mount namespace' /out/refused.txt)"
	echo 100 > /proc/sys/user/max_mnt_namespaces
}

# wrong_plan EVENT PLAN: the proof contradicts it, and the verdict is never clean
wrong_plan() {
	WRONG_PLAN=$2 $WRONG run -q -o "/out/wrong-$n.jsonl" --allow-partial -d 0.1
	is "$2, --allow-partial: never clean" "3 inconclusive" "$? $(verdict "/out/wrong-$n.jsonl")"
	is "$2: $1" contradicted "$(proof "/out/wrong-$n.jsonl" "$1")"
	n=$((n + 1))
}

# unneeded EVENT PLAN: the same, of what the verdict does without
unneeded() {
	WRONG_PLAN=$2 $WRONG run -q -o "/out/wrong-$n.jsonl" -d 0.1
	is "$2: exit status" 0 $?
	is "$2: $1" contradicted "$(proof "/out/wrong-$n.jsonl" "$1")"
	n=$((n + 1))
}

wrong() {
	n=0
	$WRONG run -q -o /out/unchanged.jsonl -d 0.5
	is "the same program with a right plan" "0 confirmed" "$? $(result /out/unchanged.jsonl)"
	echo earlier > /out/earlier.txt
	WRONG_PLAN="drop ovlt_at_path_upper" $WRONG run -q -o /out/earlier.txt -d 0.1 2> /tmp/stderr
	is "without --allow-partial: no trace" 3 $?
	is "without --allow-partial: it says which event" 1 \
		"$(grep -c "partial: rebuild_begin failed its proof" /tmp/stderr)"
	is "without --allow-partial: an earlier trace is kept" earlier "$(cat /out/earlier.txt)"
	wrong_plan rebuild_begin "drop ovlt_at_path_upper"
	wrong_plan rebuild_begin "layout"
	wrong_plan content_read "drop ovlt_at_read"
	wrong_plan lock_dropped "drop ovlt_at_unlock"
	wrong_plan lock_dropped "late ovlt_at_unlock"
	wrong_plan lock_retaken "drop ovlt_at_locked"
	wrong_plan cache_stored "drop ovlt_at_store"
	wrong_plan cache_stored "late ovlt_at_store"
	wrong_plan cache_freed "drop ovlt_at_free"
	wrong_plan cache_freed "late ovlt_at_free"
	wrong_plan impure_cleared "drop ovlt_at_flag_clear"
	unneeded dir_modified "drop ovlt_out_dir_modified"
	unneeded dir_operation "drop ovlt_in_rename"
	unneeded inode_destroyed "drop ovlt_at_destroy"
}

# variants NAME...: no kernel that is right to look at is contradicted, whatever it does
variants() {
	for v in "$@"; do
		rmmod overlay
		insmod "/lab/$v.ko"
		$OVL run -q -o "/out/$v.jsonl" -d 0.3
		is "$v: result" "0 confirmed" "$? $(result "/out/$v.jsonl")"
		confirms "$v" "/out/$v.jsonl" $ALWAYS
		case $v in
		stock*) ;;
		*) confirms "$v" "/out/$v.jsonl" $WINDOWS ;;
		esac
	done
}

none=$(attached)
mounts=$(cat /proc/mounts)
case $1 in
racy) right $ALWAYS copy_up_order $WINDOWS ;;
stock | debian) right $ALWAYS copy_up_order ;;
wrong) wrong ;;
variants)
	shift
	variants "$@"
	;;
esac
