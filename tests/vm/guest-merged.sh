#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-merged.sh SECONDS VARIANT...
# Caches of merged directories: on each variant of overlayfs the tracer's counts
# must be the truth, to the event, and its exit status must follow from it.
. /lab/guest-lib.sh

PAIRS="merged_stores:merged_stores merged_gets:merged_gets merged_puts:merged_puts
merged_frees:merged_frees merged_leaks:merged_leaks merged_stale_caches:merged_stale
merged_refcounts:merged_refcounts stores:stores"

# exact_merged NAME FILE
exact_merged() {
	differ=
	for pair in $PAIRS; do
		want=$(truth_since "${pair#*:}")
		got=$(summary "$2" "${pair%:*}")
		[ "$want" = "$got" ] || differ="$differ ${pair%:*} $got, truly $want;"
	done
	[ "$(summary "$2" lost)" = 0 ] || differ="$differ lost $(summary "$2" lost)"
	tail -n 1 "$2" | grep -q '"inconsistencies":\[\]' || differ="$differ $(tail -n 1 "$2" | sed 's/.*"inconsistencies"//')"
	if [ -z "$differ" ]; then
		ok "$1: $(truth_since merged_stores) stores, $(truth_since merged_gets) gets," \
			"$(truth_since merged_leaks) leaks, $(truth_since merged_stale) stale," \
			"$(truth_since merged_refcounts) refcounts"
	else
		not_ok "$1:$differ"
	fi
}

# defects: 1 if the kernel has one to show since the mark, else 0
defects() {
	if [ "$(truth_since merged_leaks)" = 0 ] && [ "$(truth_since merged_stale)" = 0 ] &&
		[ "$(truth_since merged_refcounts)" = 0 ]; then
		echo 0
	else
		echo 1
	fi
}

# traced NAME OPTION... -- WORKLOAD-OPTION...
traced() {
	name=$1 file=/out/$1.jsonl options=
	shift
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	truth_mark
	$OVL run -q --merged $options -o "$file" -- /lab/workload --make /mnt/w "$@" > /dev/null
	status=$?
	exact_merged "$name counts are the truth" "$file"
	is "$name exit status" "$(defects)" $status
}

seconds=$1
shift
for v in "$@"; do
	rmmod overlay
	insmod "/lab/$v.ko"
	case $v in
	merged-stale | merged-drop) echo 2000 > $T/truth_widen_us ;;
	esac
	traced "$v-merged" -- --mode merged --duration "$seconds"
	case $v in
	merged-*) ;;
	*)
		traced "$v-list" -- --mode merged-list --ops 23
		is "$v: 23 listings build 23 caches" "23 23 23 23" "$(summary "$file" merged_stores) $(summary "$file" \
			merged_gets) $(summary "$file" merged_puts) $(summary "$file" merged_frees)"
		traced "$v-no-trampoline" --without trampoline -- --mode merged --duration "$seconds"
		;;
	esac
done
