#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Kernel stacks of a finding's tasks: who stored, and who modified. Needs a racy kernel.
. /lab/guest-lib.sh

# race FILE [OPTION]...: a race under the tracer
race() {
	file=$1
	shift
	$OVL run -q -o "$file" "$@" -- /lab/workload --make /mnt/w --mode race --duration 2 > /dev/null
}

# record FILE SEQ
record() {
	grep "^{[^{]*\"seq\":$2," "$1"
}

# stack: the stack of the record on standard input, "a+0x1 [overlay]","b+0x2"
stack() {
	sed -n 's/.*"stack":\[\(.*"\)\].*/\1/p'
}

# calls NAME STACK FUNCTION...: these functions are in it, in this order
calls() {
	name=$1 rest=$2 missing=
	shift 2
	for f in "$@"; do
		case $rest in
		*\""$f"[+.]*) rest=${rest#*\""$f"[+.]} ;;
		*) missing="$missing $f" ;;
		esac
	done
	if [ -z "$missing" ]; then
		ok "$name"
	else
		not_ok "$name: no$missing in $rest"
	fi
}

# proves NAME FILE: the evidence of the first stale store
proves() {
	finding=$(grep -m 1 '"kind":"stale_store"' "$2")
	evidence=$(echo "$finding" | sed 's/.*"evidence":\[\([0-9,]*\)\].*/\1/; s/,/ /g')
	store='' change=''
	for seq in $evidence; do
		rec=$(record "$2" "$seq")
		case $rec in
		*'"type":"rebuild"'*) store=$(echo "$rec" | stack) ;;
		*'"type":"modify"'*) change=$(echo "$rec" | stack) ;;
		esac
	done
	calls "$1: the reader stored in a listing" "$store" ovl_iterate iterate_dir
	calls "$1: the other task renamed" "$change" ovl_rename vfs_rename
	is "$1: the tracer's frames" 0 "$(grep -c '"\(bpf_\|arch_rethook\|__bpf\|stack_trace\)' "$2")"
	is "$1: addresses in stacks" 0 "$(grep -c '"stack":[^}]*0x[0-9a-f]\{12\}' "$2")"
	# Left out: trampolines that call the function again.
	is "$1: functions that call themselves" 0 \
		"$(stack < "$2" | tr ',' '\n' | sed 's/+.*//' | uniq -d | grep -c '"\(ovl_iterate\|ovl_rename\)$')"
	is "$1: records without a stack" 0 \
		"$(grep '"type":"\(rebuild\|modify\)"' "$2" | grep -vc '"stack":\[')"
}

truth_mark
race /out/stacks.jsonl --stacks
is "stacks: exit status" 1 $?
exact "stacks: counts are the truth" /out/stacks.jsonl
is "stacks: the session says so" 1 "$(head -n 1 /out/stacks.jsonl | grep -c '"stacks":true')"
proves stacks /out/stacks.jsonl

# Other probes: instead of a trampoline's stack that of a kprobe or a kretprobe.
truth_mark
race /out/kprobes.jsonl --stacks --without trampoline
is "kprobes: exit status" 1 $?
exact "kprobes: counts are the truth" /out/kprobes.jsonl
proves kprobes /out/kprobes.jsonl

# A recording keeps them, in all forms.
for form in json html text; do
	$OVL report --format $form /out/stacks.jsonl > /tmp/report.$form
done
is "report: json shows both" 1 \
	"$(grep '"stacks":\[.*"vfs_rename+' /tmp/report.json | grep -c '"iterate_dir+')"
for form in html text; do
	is "report: $form shows the reader's" 1 \
		"$(grep -c '^ *iterate_dir+0x[0-9a-f]*$' /tmp/report.$form | sed 's/[1-9][0-9]*/1/')"
	is "report: $form shows the other task's" 1 \
		"$(grep -c '^ *vfs_rename+0x[0-9a-f]*$' /tmp/report.$form | sed 's/[1-9][0-9]*/1/')"
done

race /out/hidden.jsonl --stacks --hash-addresses --no-paths
is "hashed addresses: exit status" 1 $?
is "hashed addresses: none in clear" 0 "$(grep -c 'ffffffff[89a-f]' /out/hidden.jsonl)"
is "hashed addresses: stacks are kept" 1 "$(grep -c '"iterate_dir+' /out/hidden.jsonl | sed 's/[1-9][0-9]*/1/')"

# Who stored the caches of merged directories.
$OVL run -q --merged --stacks -o /out/merged.jsonl -- \
	/lab/workload --make /mnt/w --mode merged --duration 2 > /dev/null
calls "merged: the builder stored in a listing" \
	"$(grep -m 1 '"type":"merged_cache".*"stack"' /out/merged.jsonl | stack)" \
	ovl_set_dir_cache ovl_iterate iterate_dir

# Without the option there is none.
truth_mark
race /out/none.jsonl
is "without the option: exit status" 1 $?
exact "without the option: counts are the truth" /out/none.jsonl
is "without the option: stacks" 0 "$(grep -c '"stack' /out/none.jsonl)"

# A walk that the kernel cuts is marked.
echo 4 > /proc/sys/kernel/perf_event_max_stack
race /out/cut.jsonl --stacks
is "a short walk: exit status" 1 $?
is "a short walk: stacks that are not marked" 0 \
	"$(grep '"stack":\[' /out/cut.jsonl | grep -vc '"stack_truncated":true')"
