# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What the tests of run.sh wrote is valid: needs its tally().
# shellcheck disable=SC2154 # variables of run.sh

# Every record that a test made is valid, and every finding is proved by others.
records() {
	local files=("$results/$1"/*.jsonl)
	[ -e "${files[0]}" ] || return 0
	if /usr/bin/python3 "$here/../schema/validate.py" "${files[@]}" > "$results/$1/records" 2>&1; then
		echo "ok $1: records of ${#files[@]} runs are valid and prove their findings"
	else
		head -n 5 "$results/$1/records"
		echo "not ok $1: records, see $results/$1/records"
	fi > "$results/$1/records-end"
	tally < "$results/$1/records-end"
	"$here/../report/same.sh" "$build/ovltrace" "${files[@]}" > "$results/$1/replay" 2>&1 || true
	tally < "$results/$1/replay"
}

# What audits and `slow` wrote in a test is valid.
audits() {
	audits_of "$1" audit
	audits_of "$1" listings
	audits_of "$1" slow
}

# audits_of NAME SCHEMA
audits_of() {
	local files=("$results/$1"/*.json) to=$results/$1/valid-$2
	[ -e "${files[0]}" ] || return 0
	grep -l "\"schema\":\"ovltrace-$2/" "${files[@]}" > "$to-files" || return 0
	mapfile -t files < "$to-files"
	if /usr/bin/python3 "$here/../schema/validate_$2.py" "${files[@]}" > "$to" 2>&1; then
		echo "ok $1: ${#files[@]} reports are valid ($2)"
	else
		head -n 5 "$to"
		echo "not ok $1: reports ($2), see $to"
	fi > "$to-end"
	tally < "$to-end"
}

# What doctor said in a test is valid.
doctors() {
	local files=("$results/$1"/doctor-*.json)
	[ -e "${files[0]}" ] || return 0
	if /usr/bin/python3 "$here/../schema/validate_doctor.py" "${files[@]}" > "$results/$1/doctors" 2>&1; then
		echo "ok $1: what ${#files[@]} doctors said is valid"
	else
		head -n 5 "$results/$1/doctors"
		echo "not ok $1: doctors, see $results/$1/doctors"
	fi > "$results/$1/doctors-end"
	tally < "$results/$1/doctors-end"
}
