# shellcheck shell=bash disable=SC2154 # a part of test.sh
# SPDX-License-Identifier: GPL-2.0-only
# Where outputs go: what they may not destroy, and what they may not follow.

# written NAME STATUS ARGUMENT...: exit status; what was said goes to $tmp/said
written() {
	local name=$1 want=$2
	shift 2
	"$ovltrace" "$@" > "$tmp/stdout" 2> "$tmp/said"
	is "$name" "$want" $?
}

mkdir "$tmp/out.d"
cp "$tmp/stale" "$tmp/out.d/recording"
written "report onto its own recording" 2 report -o "$tmp/out.d/recording" "$tmp/out.d/recording"
is "it says so" 1 "$(grep -c 'this is the recording that is to be read' "$tmp/said")"
ln "$tmp/out.d/recording" "$tmp/out.d/same"
written "report onto a hard link of its recording" 2 report -o "$tmp/out.d/same" "$tmp/out.d/recording"
is "the recording is as it was" 0 "$(cmp "$tmp/stale" "$tmp/out.d/recording"; echo $?)"
echo earlier > "$tmp/out.d/report"
written "an unreadable recording" 2 report -o "$tmp/out.d/report" "$tmp/noise"
written "no recording" 2 report -o "$tmp/out.d/report" "$tmp/none"
is "the earlier report is kept" earlier "$(cat "$tmp/out.d/report")"
written "a report over an earlier one" 1 report -o "$tmp/out.d/report" "$tmp/stale"
is "it is there, for its owner only" "600 1" \
	"$(stat -c %a "$tmp/out.d/report") $(grep -c 'verdict: findings' "$tmp/out.d/report")"
written "a report to /dev/stdout" 1 report -o /dev/stdout "$tmp/stale"
is "it is there, too" 0 "$(cmp "$tmp/stdout" "$tmp/out.d/report"; echo $?)"
written "a report to /dev/null" 1 report -o /dev/null "$tmp/stale"
written "a report to a full disk" 2 report -o /dev/full "$tmp/stale"
is "devices are still devices" "character special file" "$(stat -c %F /dev/null)"

echo earlier > "$tmp/out.d/trace"
"$ovltrace" run -q -d 0.1 --btf /dev/null -o "$tmp/out.d/trace" > "$tmp/stdout" 2> "$tmp/said" < /dev/null
is "a trace that cannot start keeps the last recording" earlier "$(cat "$tmp/out.d/trace")"

if [ "$(id -u)" = 0 ]; then
	echo precious > "$tmp/precious"
	chmod 755 "$tmp"
	mkdir -m 1777 "$tmp/public"
	ln -s "$tmp/precious" "$tmp/public/link"
	chown -h 65534:65534 "$tmp/public/link"
	for command in "report -o $tmp/public/link $tmp/stale" "check -d 1 -o $tmp/public/link" \
		"run -q -d 0.1 -o $tmp/public/link"; do
		# shellcheck disable=SC2086 # words
		"$ovltrace" $command > "$tmp/stdout" 2> "$tmp/said"
		status=$?
		# a system that cannot be traced has ended `run` before
		[ "${command%% *}" = run ] && [ $status = 4 ] && status=2
		is "${command%% *} -o: the link of another user" 2 $status
	done
	is "what the link leads to is as it was" precious "$(cat "$tmp/precious")"
else
	skip "links of other users" "requires root"
fi
is "nothing is left behind" "" "$(find "$tmp/out.d" "$tmp" -maxdepth 1 -name '.*.tmp')"

# addresses: the golden recording has findings of all kinds, and names that look like addresses
golden=$here/../golden/recording.jsonl
for format in text json html perfetto openmetrics; do
	"$ovltrace" report -f $format "$golden" > "$tmp/plain"
	is "$format: hashed addresses give the same status" $? \
		"$("$ovltrace" report -f $format --hash-addresses "$golden" > "$tmp/hashed"; echo $?)"
	is "$format: as many lines, and no address" "$(wc -l < "$tmp/plain") 0" \
		"$(wc -l < "$tmp/hashed") $(grep -c 0xffff888 "$tmp/hashed")"
	sed -E 's/0x[0-9a-f]{16}/ADDRESS/g' -i "$tmp/plain" "$tmp/hashed"
	is "$format: nothing else differs" 0 "$(diff "$tmp/plain" "$tmp/hashed" > "$tmp/diff"; echo $?)"
done

# rotation: parts.py writes what `run --rotate-size` would
"$here/parts.py" "$tmp/stale" "$tmp/rotated" 7
report_json() {
	"$ovltrace" report -f json "$1" | sed "s/\"part\":1,//"
	echo "${PIPESTATUS[0]}"
}
is "parts: the same report as of the whole recording" "$(report_json "$tmp/stale")" \
	"$(report_json "$tmp/rotated")"
is "parts: read one after the other, too" "$(report_json "$tmp/stale")" "$(cat "$tmp"/rotated.{6,5,4,3,2,1} \
	"$tmp/rotated" | report_json -)"
cp "$tmp/rotated" "$tmp/alone"
replays "parts: only the last one" 1 "parts 1 to 6 of the recording, with [0-9]* records, are not there" "$tmp/alone"
replays "parts: its counts are those of the summary" 1 "stale stores  *249$" "$tmp/alone"
"$here/generate.py" 1000 > "$tmp/plain"
"$here/parts.py" "$tmp/plain" "$tmp/tidy.5" 3
replays "parts: clean" 0 "verdict: clean" "$tmp/tidy.5"
replays "parts: without the last one it is not" 3 "the summary, is missing" "$tmp/tidy.5.1"
rm "$tmp/tidy.5.2"
replays "parts: nor without the first one" 3 "parts 1 to 1 of the recording" "$tmp/tidy.5"
cp "$tmp/rotated.3" "$tmp/kept"
cp "$tmp/clean" "$tmp/rotated.3"
replays "parts: one of another recording is not taken" 1 "parts 1 to 4 of the recording" "$tmp/rotated"
mv "$tmp/kept" "$tmp/rotated.3"
written "a report onto an earlier part" 2 report -o "$tmp/rotated.4" "$tmp/rotated"
head -c -20 "$tmp/rotated.4" > "$tmp/kept"
mv "$tmp/kept" "$tmp/rotated.4"
replays "parts: a damaged one is noticed" 1 "the last line is cut" "$tmp/rotated"
