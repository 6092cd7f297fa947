#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-refused.sh
# Programs and probes that the kernel really refuses: tests/vm/wrong_plan.c makes them unfit.
# The next provider of the event is taken, coverage says which one was refused and why, and
# where none is left the trace is partial. `doctor` says the same before.
. /lab/guest-lib.sh
OVL=/lab/ovltrace-wrong

# session FILE EVENT FIELD: of the event's coverage in the session record
session() {
	head -n 1 "$1" | sed -n 's/.*"'"$2"'":{\([^}]*\)}.*/\1/p' | sed -n 's/.*"'"$3"'":"\([^"]*\)".*/\1/p'
}

# says NAME TEXT FILE
says() {
	is "$1" yes "$(grep -qF -e "$2" "$3" && echo yes)"
}

# goes_on NAME WHAT PROVIDER EVENT [OPTION-OF-RUN]...: another provider, and the counts are the truth
goes_on() {
	label=$1 what=$2 provider=$3 event=$4
	file=/out/$(echo "$label" | tr ' ' -).jsonl
	shift 4
	truth_mark
	WRONG_PLAN=$what $OVL run -q -o "$file" "$@" -- /lab/workload --make /mnt/w --mode race \
		--duration 1 > /dev/null 2> /tmp/stderr
	is "$label: exit status" "$(status_of_truth)" $?
	exact "$label: counts are the truth" "$file"
	is "$label: the provider" "$provider" "$(session "$file" "$event" provider)"
	is "$label: coverage names what is refused" yes \
		"$(session "$file" "$event" refused | grep -q "${what#* }\|kprobe-call-site on" && echo yes)"
	says "$label: a note says it" "note: the kernel refuses " /tmp/stderr
}

# partial NAME WHAT TEXT: run refuses to start, with that text
partial() {
	label=$1 what=$2 text=$3
	WRONG_PLAN=$what $OVL run -q -d 1 2> /tmp/stderr
	is "$label: exit status of run" 3 $?
	is "$label: one line" 1 "$(wc -l < /tmp/stderr)"
	says "$label: what is refused" "$text" /tmp/stderr
	is "$label: nothing stays attached" "$none" "$(attached)"
}

# doctor NAME WHAT STATUS TEXT: doctor loads the programs, and says what the kernel refuses
doctor() {
	label=$1 what=$2 want=$3 text=$4
	file=/out/doctor-$(echo "$label" | tr ' ' -).json
	WRONG_PLAN=$what $OVL doctor --json > "$file"
	is "doctor, $label: exit status" "$want" $?
	says "doctor, $label: what is refused" "$text" "$file"
	says "doctor, $label: not all programs were loaded" '"programs":{"loaded":false,' "$file"
	WRONG_PLAN=$what $OVL doctor > /tmp/doctor.txt
	is "doctor, $label: a line says why" yes \
		"$(grep -A 1 "^[a-z][a-z ]*: the kernel refuses $text" /tmp/doctor.txt | grep -q '^  why: .' &&
			echo yes)"
	WRONG_PLAN=$what $OVL run -q -d 1 2> /dev/null
	is "doctor, $label: run's exit status is the same" "$want" $?
	is "doctor, $label: nothing is attached" "$none" "$(attached)"
}

none=$(attached)
site="the kernel refuses kprobe-call-site on 'ovl_iterate_real+0x"

goes_on "refused site" "shift ovlt_at_unlock" fentry lock_dropped --costly
partial "refused site and nothing else" "shift ovlt_at_unlock" "$site"
goes_on "refused program" "load ovlt_at_store" fentry cache_stored
goes_on "refused trampoline" "load ovlt_in_set_dir_cache" kprobe cache_stored --hits
partial "refused program and nothing else" "load ovlt_at_unlock" \
	"the kernel refuses program ovlt_at_unlock: "

doctor "refused program" "load ovlt_in_set_dir_cache" 0 "program ovlt_in_set_dir_cache"
doctor "refused program and nothing else" "load ovlt_at_unlock" 3 "program ovlt_at_unlock"
doctor "all programs refused" "load" 4 "program ovlt_"
# the whole log of the verifier
WRONG_PLAN="load ovlt_at_unlock" $OVL doctor -v > /dev/null 2> /tmp/stderr
says "doctor -v: the verifier's log" "BEGIN PROG LOAD LOG" /tmp/stderr

# what the verdict does without
WRONG_PLAN="load ovlt_out_iterate" $OVL run -q -o /out/detail.jsonl -- /lab/workload --make /mnt/w \
	--mode alternate --rounds 23 > /dev/null 2>&1
is "refused detail: exit status" 0 $?
is "refused detail: 23 rounds make 23 rebuilds" 23 "$(summary /out/detail.jsonl rebuilds)"
is "refused detail: it is not seen" none "$(session /out/detail.jsonl readdir_returned provider)"

# what --hits and top count
WRONG_PLAN="load ovlt_stat_in_iterate" $OVL run -q --hits -o /out/hits.jsonl -- /lab/workload \
	--make /mnt/w --mode cached --ops 101 > /dev/null 2>&1
is "refused listings: exit status" 0 $?
is "refused listings: hits" 203 "$(summary /out/hits.jsonl hits)"
is "refused listings: the provider" kprobe "$(session /out/hits.jsonl readdir provider)"
WRONG_PLAN="load ovlt_stat_in_iterate" $OVL top --once -i 0.5 > /dev/null 2> /tmp/stderr
is "refused listings: exit status of top" 0 $?
says "refused listings: top notes it" "the kernel refuses program ovlt_stat_in_iterate: " /tmp/stderr

# check continues: it has its results that need no trace
WRONG_PLAN="shift ovlt_at_unlock" $OVL check -d 9 > /out/check.ktap 2> /tmp/stderr
is "check: exit status" yes "$(case $? in 1 | 3) echo yes ;; esac)"
says "check: coverage says what is refused" "kprobe-call-site on" /out/check.ktap
says "check: other results are there" "ok 8 d_ino" /out/check.ktap
says "check: caches are still traced" "ok 3 unfreed_cache" /out/check.ktap
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ "$(attached)" = "$none" ] && break
	sleep 1
done
is "nothing stays attached" "$none" "$(attached)"
