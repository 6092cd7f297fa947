# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
# For scripts that run in the machine: checks, truth, and the tracer's summary.
# Each check prints one line, "ok NAME" or "not ok NAME: what was seen".

T=/sys/module/overlay/parameters
# shellcheck disable=SC2034 # used by those that read this
OVL=/lab/ovltrace-static
# contract's name of a count, and the truth counter that it must equal
PAIRS="windows:windows stores:stores mods:mods stale_stores:stale_stores
superseded_stores:superseded_stores unfreed_caches:unfreed stale_impure_clears:stale_clears
rebuilds:rebuilds"

mkdir -p /mnt/w /out

ok() {
	echo "ok $*"
}

not_ok() {
	echo "not ok $*"
}

# is NAME WANT GOT
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1: wanted '$2', got '$3'"
	fi
}

# truth COUNTER
truth() {
	cat "$T/truth_$1"
}

truth_mark() {
	for pair in $PAIRS windows:windows; do
		eval "before_${pair#*:}=$(truth "${pair#*:}")"
	done
}

# truth_since COUNTER: how much it rose since the mark
truth_since() {
	eval "echo \$(( $(truth "$1") - before_$1 ))"
}

# summary FILE COUNT: from the last record
summary() {
	tail -n 1 "$1" | sed -n 's/.*"counts":{[^}]*"'"$2"'":\([^,}]*\).*/\1/p'
}

# directory FILE FIELD [KIND]: the sum of it over all directories of that kind
directory() {
	sed -n '/"type":"directory".*"kind":"'"${3:-impure}"'"/s/.*"kind":.*"'"$2"'":\([0-9]*\).*/\1/p' "$1" |
		awk '{ n += $1 } END { print n + 0 }'
}

# provider FILE EVENT: from the first record
provider() {
	head -n 1 "$1" | sed -n 's/.*"'"$2"'":{"provider":"\([a-z-]*\)".*/\1/p'
}

# verdict FILE
verdict() {
	tail -n 1 "$1" | sed -n 's/.*"verdict":"\([a-z]*\)".*/\1/p'
}

# exact NAME FILE: every count of the summary is the truth since the mark
exact() {
	differ=
	for pair in $PAIRS; do
		want=$(truth_since "${pair#*:}")
		got=$(summary "$2" "${pair%:*}")
		[ "$want" = "$got" ] || differ="$differ ${pair%:*} $got, truly $want;"
	done
	# a workload of impure directories has none of these, whatever races in it
	for count in kind_mixes bad_returns lock_hazards; do
		got=$(summary "$2" "$count")
		[ "$got" = 0 ] || [ "$got" = null ] || differ="$differ $count $got;"
	done
	[ "$(summary "$2" lost)" = 0 ] || differ="$differ lost $(summary "$2" lost)"
	if [ -z "$differ" ]; then
		ok "$1: $(truth_since windows) windows, $(truth_since stale_stores) stale," \
			"$(truth_since superseded_stores) superseded, $(truth_since unfreed) unfreed," \
			"$(truth_since stale_clears) stale clears"
	else
		not_ok "$1:$differ"
	fi
}

# status_of_truth: 1 if the kernel has a defect to show since the mark, else 0
status_of_truth() {
	if [ "$(truth_since stale_stores)" = 0 ] && [ "$(truth_since unfreed)" = 0 ] &&
		[ "$(truth_since stale_clears)" = 0 ]; then
		echo 0
	else
		echo 1
	fi
}

# attached: how many BPF links and kprobes the kernel has
attached() {
	wc -l < /sys/kernel/debug/kprobes/list
}
