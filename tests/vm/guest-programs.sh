#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Loads every BPF program that a plan needs on this kernel, with each option that changes
# the plan. /out/programs has a line for each command, and one for each program that it loads.
export PROGRAM_COSTS=/out/programs
costs=/lab/ovltrace-costs
# the verifier's work for one program: a debug kernel takes a second for about 10,000
LIMIT=${LIMIT:-20000}

# loads COMMAND...: a finding or reduced coverage is no error
loads() {
	echo "# $*" >> "$PROGRAM_COSTS"
	"$costs" "$@" > /tmp/log 2>&1
	status=$?
	case $status in
	0 | 1 | 3) ;;
	*) echo "not ok programs: $*: status $status: $(tail -n 1 /tmp/log)" && return ;;
	esac
	if grep 'the kernel refuses' /tmp/log; then
		echo "not ok programs: $*: a program is refused"
	else
		echo "ok programs: $*"
	fi
}

mkdir -p /out
loads run -q -d 0.1
loads run -q -d 0.1 --merged --hits
loads run -q -d 0.1 --hits --comm ls
loads run -q -d 0.1 --widen 100 -- true
loads run -q -d 0.1 --follow -- true
loads run -q -d 0.1 --without trampoline --merged --hits
loads run -q -d 0.1 --without call-site --allow-partial --costly --merged
loads top --once -i 0.1
loads slow -d 0.1
loads slow -d 0.1 --without trampoline
loads audit
over=$(awk -v limit=$LIMIT '!/^#/ && $3 > limit { print $2, $3 }' "$PROGRAM_COSTS")
if [ -n "$over" ]; then
	echo "not ok programs: more than $LIMIT verified instructions: $over"
elif ! grep -q '^trace_bpf ' "$PROGRAM_COSTS"; then
	echo "not ok programs: none was loaded"
else
	echo "ok programs: none takes more than $LIMIT verified instructions"
fi
