# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Machines that load one variant of overlayfs after the other, for run.sh: needs its vm().
# shellcheck disable=SC2154 # variables of run.sh

# variants NAME KERNEL SCRIPT "MODULE..." [OPTION-OF-THE-MACHINE...]: runs SCRIPT MODULE... in it
variants() {
	local name=$1 kernel=$2 script=$3 list=$4 v modules=()
	shift 4
	for v in $list; do
		modules+=(--put "$("$lab/overlay.sh" "$kernel" "$v"):/lab/$v.ko")
	done
	vm "$name" stock "sh /lab/$script $list" --kernel "$kernel" --put "$here/${script%% *}" \
		"${modules[@]}" "$@"
}

# Violated invariants: mixed kinds of caches, returns that are no errno, lookups under their lock.
test_kinds() {
	local tools=(--put "$build/mix" --put "$build/empty-read")
	variants kinds 6.12 guest-kinds.sh \
		"bad-return half-pointer posted late-flag stock link-version" "${tools[@]}"
	variants kinds-7.3 7.3 guest-kinds.sh "half-pointer stock" "${tools[@]}"
}

# Tests of overlayfs under a trace, with findings by test.
test_overlay() {
	local tests=(--put "$build/overlay-tests")
	variants overlay-6.12 6.12 guest-overlay.sh "stock racy half-pointer" "${tests[@]}"
	variants overlay-7.3 7.3 guest-overlay.sh stock "${tests[@]}"
	variants overlay-6.1 6.1 guest-overlay.sh stock "${tests[@]}"
}

# Lookups that are raced, caches that are freed later, readers that share the lock. FORMS names
# other variants.
test_forms() {
	variants forms 6.12 "guest-forms.sh 1" \
		"${FORMS:-raced-get rcu work-leak shared shared-racy shared-spin-leak}"
}
