#!/bin/sh
# Builds the host-side unit tests under ASan and UBSan and runs them:
#   tests/unit/run.sh BUILD_DIR
# PURE may name the sources under test; CC the compiler; JOBS how many at once.
# The last line is "N passed, N failed, N skipped".
set -u

build=${1:?usage: $0 BUILD_DIR}
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$build" && build=$(cd "$build" && pwd) || exit 2
cd "$root" || exit 2

CC=${CC:-gcc}
# decisions: no libbpf, no system calls
PURE=${PURE:-"
	src/audit/compare.c
	src/audit/list.c
	src/check/json.c
	src/check/judge.c
	src/check/junit.c
	src/check/ktap.c
	src/check/slots.c
	src/code/code.c
	src/detect/detect.c
	src/detect/bad_return.c
	src/detect/kind_mix.c
	src/detect/lock_hazard.c
	src/detect/merged_leak.c
	src/detect/merged_refcount.c
	src/detect/merged_stale.c
	src/detect/stale_impure_clear.c
	src/detect/stale_store.c
	src/detect/unfreed_cache.c
	src/doctor/diagnose.c
	src/util/dirpath.c
	src/model/dirstat.c
	src/sink/dirtable.c
	src/replay/evidence.c
	src/code/hazard.c
	src/sink/page.c
	src/util/json.c
	src/record/write_directory.c
	src/util/json_read.cc
	src/record/write.c
	src/model/invariants.c
	src/code/ksyms.c
	src/code/layout.c
	src/model/ledger.c
	src/util/lines.c
	src/model/merged.c
	src/model/merged_life.c
	src/sink/metrics.c
	src/model/model.c
	src/model/verdict.c
	src/record/coverage.c
	src/record/inconsistency.c
	src/record/names.c
	src/probe/sequencer.c
	src/plan/plan.c
	src/plan/caches.c
	src/plan/events.c
	src/plan/invariants.c
	src/plan/merged.c
	src/plan/programs.c
	src/plan/proto.c
	src/plan/sites.c
	src/plan/stats.c
	src/session/proof_judge.c
	src/model/rebuild.c
	src/record/form.c
	src/record/form_directory.c
	src/record/form_events.c
	src/record/form_parts.c
	src/record/read.c
	src/record/value.c
	src/replay/replay.c
	src/replay/close.c
	src/replay/judge.c
	src/sink/text.c
	src/sink/text_summary.c
	src/doctor/system.c
	src/sink/table.c
	src/session/testlog.c
	src/sink/testsum.c
	src/util/text.c
	src/sink/timeline.c
	src/util/heavy.c
"}
flags="-D_GNU_SOURCE -Iinclude -Isrc -Itests/unit -g -O1
	-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
	-Wall -Wextra -Werror"
libs="-lboost_json -lstdc++ -lz"
log=$build/unit.log
: >"$log"

# object FILE: its path in the name, since folders have files of the same name
object()
{
	echo "$build/$(echo "${1%.*}" | tr / -).o"
}

objs=
helpers=
tests=
for c in $PURE; do
	objs="$objs $(object "$c")"
done
for c in $(find tests/unit -name "*.c" | sort); do
	case $c in
	*_test.c) tests="$tests $c" ;;
	*) helpers="$helpers $c" ; objs="$objs $(object "$c")" ;;
	esac
done

# one line per file: source, object
{
	for c in $PURE; do echo "$c $(object "$c")"; done
	for c in $helpers $tests; do echo "$c $(object "$c")"; done
} | CC=$CC FLAGS=$flags xargs -P "${JOBS:-2}" -n 2 sh -c '
	case $1 in
	*.cc) ${CXX:-g++} -std=gnu++17 $FLAGS -c -o "$2" "$1" ;;
	*) $CC -std=gnu11 $FLAGS -c -o "$2" "$1" ;;
	esac' sh
if [ $? -ne 0 ]; then
	echo "not ok build of the unit tests" | tee -a "$log"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi

run()
{
	name=${1#tests/unit/}
	name=${name%.c}
	mkdir -p "$build/${name%/*}"
	# the objects are few: all are linked into each
	if ! $CC $flags -o "$build/$name" "$(object "$1")" $objs $libs; then
		echo "not ok $name: does not link"
		return
	fi
	"$build/$name" >"$build/$name.out" 2>&1
	status=$?
	cat "$build/$name.out"
	# a sanitizer's report or a signal ends it before it says so itself
	if [ $status -ne 0 ] && ! grep -q '^not ok' "$build/$name.out"; then
		echo "not ok $name: exit status $status"
	fi
	# a second reader, which is not ours, reads what it wrote
	[ -f "tests/unit/$name.check" ] && [ $status -eq 0 ] || return 0
	if ! command -v python3 >/dev/null; then
		echo "ok $name by another reader # SKIP no python3"
	elif ! "$build/$name" --write | python3 "tests/unit/$name.check"; then
		echo "not ok $name by another reader"
	fi
}

for c in $tests; do
	run "$c"
done 2>&1 | tee -a "$log"

skipped=$(grep -c '^ok .*# SKIP' "$log")
passed=$(($(grep -c '^ok' "$log") - skipped))
failed=$(grep -c '^not ok' "$log")
awk '/^# [0-9]+ checks$/ { n += $2 } END { printf "# %d checks in all\n", n }' "$log"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
