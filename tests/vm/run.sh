#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: run.sh BUILD_DIR [NAME]...
#        run.sh --list | --list-locks
# The tests that need a kernel. Without NAME all that `make test-kernels` runs, which --list
# names. `core` is what `make test` runs: one kernel, exactness, check and loss.
set -euo pipefail

# the longest first
names=(fixes proof merged check ways follow faults schedules forms arm64 outputs privileges refused builds doctor change racy audit capture explore kinds overlay slow stacks programs long other debian)
# what `make test-locks` runs, a machine each
locks=(proof provoke check merged untyped hits stacks widen kprobe killed run idle doctor top audit fault)
case $1 in
--list) printf '%s\n' "${names[@]}" && exit ;;
--list-locks) printf 'locks-%s\n' "${locks[@]}" && exit ;;
esac
build=$(realpath "$1")
guest=$build # what runs in the machine
shift
here=$(dirname "$(realpath "$0")")
lab=$here/../lab
results=$build/results
mkdir -p "$results"
passed=0 failed=0 skipped=0

# Counts the check lines that come in, and shows them.
tally() {
	local line
	while IFS= read -r line; do
		printf '%s\n' "$line"
		case $line in
		"ok "*"# SKIP"*) skipped=$((skipped + 1)) ;;
		"ok "*) passed=$((passed + 1)) ;;
		"not ok "*) failed=$((failed + 1)) ;;
		esac
	done
}

# vm NAME OVERLAY COMMANDS [OPTION...]: one machine; its files go to results/NAME
vm() {
	local name=$1 overlay=$2 commands=$3 status=0
	shift 3
	rm -rf "${results:?}/$name"
	mkdir -p "$results/$name"
	"$lab/vm.sh" --overlay "$overlay" --put "$guest/ovltrace-static" --put "$guest/workload" \
		--put "$here/guest-lib.sh" --put "$here/guest-exact.sh" --put "$here/guest-ways.sh" \
		--put "$here/guest-audit.sh" --put "$here/guest-change.sh" \
		--put "$here/guest-doctor.sh" --put "$here/guest-outputs.sh" --put "$here/guest-tests.sh" \
		--put "$here/guest-top.sh" \
		--put "$(command -v setpriv):/lab/setpriv-full" \
		--get-dir "$results/$name" --keep-log "$results/$name/console.log" \
		--timeout 420 "$@" -- "$commands" > "$results/$name/output" || status=$?
	tally < "$results/$name/output"
	if [ $status = 0 ]; then
		echo "ok $name: the machine ended well, its kernel did not complain"
	else
		echo "not ok $name: status $status of the machine (124: its kernel complained," \
			"125: it was lost); console in $results/$name/console.log"
	fi > "$results/$name/end"
	tally < "$results/$name/end"
	records "$name"
	audits "$name"
	doctors "$name"
}

test_core() {
	vm core racy 'sh /lab/guest-exact.sh racy 1 500; sh /lab/guest-ways.sh losses'
	check racy racy
}

# The same counts on arm64, emulated.
test_arm64() {
	local guest=$build-arm64
	OVLTRACE_ARCH=arm64 vm arm64 racy 'sh /lab/guest-exact.sh racy 1 500' --timeout 900
}

# Every command on Debian's arm64 kernels, and two traces at once: not part of
# `make test-kernels`. Needs the tools of `make tools ARCH=arm64`.
test_arm64_commands() {
	local guest=$build-arm64 kernel what
	for kernel in ${KERNELS:-6.1 6.12 7.3}; do
		what=untouched
		[ "$kernel" != 6.1 ] || what=order
		OVLTRACE_ARCH=arm64 vm "arm64-commands-$kernel" debian "sh /lab/guest-commands.sh
			LIMIT=40000 sh /lab/guest-programs.sh; sh /lab/guest-check.sh $what" --kernel "$kernel" \
			--timeout 1500 --put "$guest/ovltrace-costs" --put "$here/guest-commands.sh" \
			--put "$here/guest-programs.sh" --put "$here/guest-check.sh"
	done
	OVLTRACE_ARCH=arm64 vm arm64-two racy 'sh /lab/guest-ways.sh two'
}

test_racy() {
	vm racy racy 'sh /lab/guest-exact.sh racy 3 0 500; sh /lab/guest-tests.sh'
}

# Readers that do not read, and commands that never end.
test_outputs() {
	vm outputs racy 'sh /lab/guest-outputs.sh'
}

# What a trace gives up, and what works without it.
test_privileges() {
	vm privileges racy 'sh /lab/guest-privileges.sh' --put "$here/guest-privileges.sh"
}

# Ten seconds each, as a kernel developer would try it, and two tracers at once.
test_long() {
	vm long racy 'sh /lab/guest-ways.sh long'
}

test_fixes() {
	local v
	for v in stock fixed; do
		vm $v $v "sh /lab/guest-exact.sh $v 2 0 500"
	done
	for v in half-version half-free free-nonull swap-free retry noclear per-entry plain-write \
		xchg-write; do
		vm $v $v "sh /lab/guest-exact.sh $v 1 300"
	done
}

# Functions that are functions, and a module without types.
test_builds() {
	local v
	for v in racy-noinline fixed-noinline racy-outline stock-outline racy-nobtf; do
		vm $v $v "sh /lab/guest-exact.sh $v 1 300"
	done
	# types from a file: those that the module was stripped of
	vm btf racy-nobtf "sh /lab/guest-ways.sh btf" \
		--put "$("$lab/overlay.sh" 6.12 racy):/lab/typed.ko"
}

test_ways() {
	vm ways racy 'sh /lab/guest-ways.sh ways'
}

# COMMAND's findings and those of others, on three kernels.
test_follow() {
	local kernel
	for kernel in 6.12 6.1 7.3; do
		vm follow-$kernel racy 'sh /lab/guest-follow.sh' --kernel $kernel --timeout 900 \
			--put "$here/guest-follow.sh"
	done
}

# Kernel stacks of a finding's tasks, on three kernels.
test_stacks() {
	local kernel
	for kernel in ${KERNELS:-6.12 6.1 7.3}; do
		vm "stacks-$kernel" racy 'sh /lab/guest-stacks.sh' --kernel "$kernel" \
			--put "$here/guest-stacks.sh"
	done
}

# The tracer is killed, stopped and surprised.
test_faults() {
	vm faults racy 'sh /lab/guest-faults.sh' --put "$here/guest-faults.sh"
	vm oom racy 'sh /lab/guest-oom.sh' --put "$here/guest-oom.sh" --oom
}

# Programs and probes that the kernel refuses cost their provider, not the trace.
test_refused() {
	vm refused racy 'sh /lab/guest-refused.sh' --put "$here/guest-refused.sh" \
		--put "$build/ovltrace-wrong"
}

# check NAME OVERLAY EXPECTED KERNEL...: runs `check` and reads its report strictly
check() {
	local name=$1 overlay=$2
	vm "check-$name" "$overlay" "sh /lab/guest-check.sh $name" --put "$here/guest-check.sh" "${@:3}"
	reports "check-$name" "check $name"
}

# reports DIR TITLE: the forms in which a check has written its report
reports() {
	local dir=$results/$1 name=$2
	{
		for f in "$dir"/*.ktap; do
			/usr/bin/python3 "$here/../check/ktap.py" -q "$f" &&
				echo "ok $name: $(basename "$f") is KTAP by the letter" ||
				echo "not ok $name: $(basename "$f") is no KTAP"
		done
		/usr/bin/python3 "$here/../check/junit.py" "$dir"/*.xml &&
			echo "ok $name: its JUnit XML is valid" || echo "not ok $name: JUnit XML"
		/usr/bin/python3 -m json.tool < "$dir/report.json" > /dev/null &&
			echo "ok $name: its JSON is valid" || echo "not ok $name: JSON"
	} > "$dir/forms" 2>&1
	tally < "$dir/forms"
}

# Every short history, without probes.
test_explore() {
	vm explore debian 'sh /lab/guest-explore.sh' --put "$here/guest-explore.sh" \
		--put "$("$lab/overlay.sh" 6.12 link-version):/lab/link-version.ko"
	reports explore explore
}

# All schedules of readers and modifications, on these variants: schedules NAME VARIANT...
schedules() {
	local name=$1 v puts=()
	shift
	for v; do
		puts+=(--put "$("$lab/overlay.sh" 6.12 "$v"):/lab/$v.ko")
	done
	vm "$name" stock "sh /lab/guest-schedules.sh $*" --put "$here/guest-schedules.sh" "${puts[@]}"
}

# With and without a lock drop. Two machines, each for less than its time limit.
test_schedules() {
	schedules schedules stock racy half-version half-free
	reports schedules schedules
	schedules schedules-fixed fixed noclear retry
}

test_check() {
	local v
	for v in racy fixed posted; do
		check $v $v
	done
	check stock stock --put "$("$lab/overlay.sh" 6.12 stock):/lab/stock.ko" \
		--put "$("$lab/overlay.sh" 6.12 link-version):/lab/link-version.ko"
	check order debian --kernel 6.1
}

# The parts of slow listings, on three kernels.
test_slow() {
	local kernel name part=
	for kernel in 6.12 6.1 7.3; do
		name=slow-$kernel
		vm "$name" debian "sh /lab/guest-slow.sh $part" --kernel $kernel \
			--put "$here/guest-slow.sh" --put "$build/slow-hold"
		/usr/bin/python3 "$here/slow.py" "$results/$name" > "$results/$name/relations" 2>&1 ||
			echo "not ok $name: its relations cannot be read" >> "$results/$name/relations"
		tally < "$results/$name/relations"
		part=parts
	done
}

test_debian() {
	# top first: the other one unloads overlayfs
	vm debian debian 'sh /lab/guest-top.sh; sh /lab/guest-ways.sh debian'
}

# Every command on a kernel of another configuration: real-time, Debian's.
test_other() {
	vm other racy 'sh /lab/guest-commands.sh' --put "$here/guest-commands.sh" --kernel 6.12+rt
	check other racy --kernel 6.12+rt
}

# The same on a kernel with lockdep and KASAN: not part of `make test-kernels`.
test_debug() {
	vm debug racy 'sh /lab/guest-commands.sh' --put "$here/guest-commands.sh" \
		--kernel 6.12-debug --mem 2G --leaks --timeout 1200
	check other racy --kernel 6.12-debug --mem 2G --leaks --timeout 1200
}

# What the BPF programs cost to load: see docs/programs.md.
test_programs() {
	for kernel in 6.1 6.12; do
		vm programs-$kernel racy 'sh /lab/guest-programs.sh' --kernel $kernel \
			--put "$here/guest-programs.sh" --put "$build/ovltrace-costs"
	done
}

# Overlayfs as clang's ThinLTO makes it, without counters that keep names of operations: not
# part of `make test-kernels`.
test_clang() {
	vm clang untouched 'sh /lab/guest-kinds.sh untouched; sh /lab/guest-commands.sh' \
		--put "$here/guest-kinds.sh" --put "$here/guest-commands.sh" --kernel 6.12-clang
	check untouched untouched --kernel 6.12-clang
}

# Takes away privileges, settings and modules, one by one.
test_doctor() {
	vm doctor debian 'sh /lab/guest-doctor.sh settings'
	vm doctor-confidentiality debian 'sh /lab/guest-doctor.sh lockdown' \
		--append lockdown=confidentiality
	vm doctor-integrity debian 'sh /lab/guest-doctor.sh integrity' --append lockdown=integrity
}

# The package, in a machine that systemd has booted: make test-systemd.
test_systemd() {
	local deb depends
	deb=$(echo "$build"/deb/ovltrace_*.deb)
	depends=$(dpkg-deb -f "$deb" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/[ ,]\+/ /g')
	# shellcheck disable=SC2086 # a list of packages
	vm systemd racy 'sh /lab/guest-systemd.sh' --systemd --timeout 1200 \
		--disk "$("$lab/image.sh" systemd-sysv prometheus-node-exporter $depends)" \
		--put "$here/guest-systemd.sh" --put "$deb:/lab/ovltrace.deb"
}

# Containers of root's podman and of a user's, in machines with systemd: make test-podman.
test_podman() {
	local kernel name disk
	disk=$("$lab/image.sh" systemd-sysv podman netavark uidmap dbus dbus-user-session libpam-systemd)
	for kernel in ${KERNELS:-6.12 7.3}; do
		name=podman-$kernel
		vm "$name" debian 'sh /lab/guest-podman.sh' --kernel "$kernel" --systemd --mem 2G \
			--disk "$disk" --timeout 2400 --put "$(command -v busybox):/lab/busybox" \
			--put "$here/guest-podman.sh"
		/usr/bin/python3 "$here/podman.py" "$results/$name" > "$results/$name/named" 2>&1 ||
			echo "not ok $name: what was said cannot be read" >> "$results/$name/named"
		tally < "$results/$name/named"
	done
}

# The image that tests/package/container.sh has made, in $OVLTRACE_CONTAINER.
test_container() {
	vm container racy 'sh /lab/guest-container.sh' --disk "$OVLTRACE_CONTAINER/disk" \
		--put "$here/guest-container.sh" --put "$OVLTRACE_CONTAINER/command"
}

# These plans are the same: the one made here, the one made from the captured kernel, the one
# that doctor shows and, for Debian's kernel, the one in the committed fixture.
test_capture() {
	local overlay name fixture
	for overlay in debian racy; do
		name=capture-$overlay
		vm "$name" "$overlay" '/lab/capture > /out/live.kernel
			/lab/ovltrace-static doctor --json > /out/doctor-live.json' --put "$build/capture"
		"$build/unit/plan/fixture_test" "$results/$name/live.kernel" > "$results/$name/replayed" || true
		tally < "$results/$name/replayed"
		fixture=()
		[ $overlay != debian ] || fixture=("$here/../unit/fixtures/6.12-debian.kernel")
		if "$here/same_plan.py" "$results/$name/live.kernel" "$results/$name/doctor-live.json" \
			"${fixture[@]}" > "$results/$name/same"; then
			echo "ok $name: doctor and the captured kernel have the same plan"
		else
			head -n 5 "$results/$name/same"
			echo "not ok $name: doctor and the captured kernel, see $results/$name/same"
		fi > "$results/$name/same-end"
		tally < "$results/$name/same-end"
	done
}

# Wrong caches that races leave behind; and Debian's own overlayfs of 6.1.
test_audit() {
	vm audit racy 'sh /lab/guest-audit.sh plant'
	vm audit-6.1 debian 'sh /lab/guest-audit.sh life; sh /lab/guest-audit.sh elsewhere
		sh /lab/guest-audit.sh listings' --kernel 6.1
}

# A hundred audits under load, on kernels that make no wrong cache: not part of `make test-kernels`.
test_audit_load() {
	local v
	for v in stock fixed; do
		vm audit-$v $v "sh /lab/guest-audit.sh load $v 50"
	done
}

# Processors, mounts and the module come and go. A kernel whose module is not held by
# fentry loses its probes with it.
test_change() {
	vm change racy 'sh /lab/guest-change.sh'
	vm change-nobtf racy-nobtf 'sh /lab/guest-change.sh unload'
}

# The proof of the plan, on kernels that it must confirm and with plans that it must not.
test_proof() {
	local v modules=() variants="stock racy fixed half-version half-free free-nonull swap-free
		retry noclear per-entry racy-noinline fixed-noinline racy-outline stock-outline racy-nobtf"
	for v in racy stock debian; do
		vm proof-$v $v "sh /lab/guest-proof.sh $v" --put "$here/guest-proof.sh"
	done
	vm proof-wrong racy 'sh /lab/guest-proof.sh wrong' --put "$here/guest-proof.sh" \
		--put "$build/ovltrace-wrong"
	for v in $variants; do
		modules+=(--put "$("$lab/overlay.sh" 6.12 "$v"):/lab/$v.ko")
	done
	vm proof-variants racy "sh /lab/guest-proof.sh variants ${variants//[[:space:]]/ }" \
		--put "$here/guest-proof.sh" "${modules[@]}"
}

# Caches of merged directories, on kernels that leak, miscount and outdate them.
test_merged() {
	local v modules=() variants="stock racy merged-leak merged-over merged-reuse merged-rewind
		merged-stale merged-drop"
	for v in $variants; do
		modules+=(--put "$("$lab/overlay.sh" 6.12 "$v"):/lab/$v.ko")
	done
	vm merged stock "sh /lab/guest-merged.sh 1 ${variants//[[:space:]]/ }" \
		--put "$here/guest-merged.sh" "${modules[@]}"
}

. "$here/valid.sh"
. "$here/locks.sh"
. "$here/variants.sh"

[ $# -gt 0 ] || set -- "${names[@]}"
for name in "$@"; do
	case $name in
	locks-*) test_lock "${name#locks-}" ;;
	*) "test_$name" ;;
	esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
