#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: same.sh OVLTRACE FILE...
# A replayed recording must give the counts, findings and exit status of the run, without
# remarks. Prints one check line for all files.
set -uo pipefail

ovltrace=$1
shift
bad=0
for file in "$@"; do
	"$ovltrace" report --format json "$file" > /tmp/replay.$$ 2>&1
	status=$?
	/usr/bin/python3 - "$file" /tmp/replay.$$ $status << 'END' || bad=$((bad + 1))
import json
import sys

name, replayed, status = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(name, "rb") as f:
    records = [json.loads(line) for line in f]
try:
    with open(replayed, encoding="utf-8") as f:
        report = json.load(f)
except ValueError:
    with open(replayed, encoding="utf-8") as f:
        sys.exit(f"# {name}: no report: {f.read()[:300]}")
summary, recorded = records[-1], [r for r in records if r["type"] == "finding"]
one = report["recordings"][0]
problems = [r["text"] for r in one["remarks"] if r["damage"]]
if one["verdict"] != summary["verdict"] or report["verdict"] != summary["verdict"]:
    problems.append(f"verdict {one['verdict']}, recorded {summary['verdict']}")
if one["counts"] != summary["counts"]:
    problems.append(f"counts {one['counts']}, recorded {summary['counts']}")
want = {"clean": 0, "findings": 1, "inconclusive": 3}[summary["verdict"]]
if status != want:
    problems.append(f"exit status {status}, not {want}")
shown = one["findings"]
if len(shown) + one["findings_not_shown"] != len(recorded):
    problems.append(f"{len(shown)} findings and {one['findings_not_shown']} more, not {len(recorded)}")
for a, b in zip(shown, recorded):
    b = {k: v for k, v in b.items() if k != "type"}
    proof = [records[seq - 1] for seq in b["evidence"] if "stack" in records[seq - 1]]
    if proof:
        b["stacks"] = [{k: r[k] for k in ("seq", "stack", "stack_truncated") if k in r} for r in proof]
    if a != b:
        problems.append(f"finding {b['seq']} is another one: {a}")
        break
costs = [{k: v for k, v in r.items() if k not in ("type", "seq", "ts_ns")}
         for r in records if r["type"] == "directory"]
if costs and (one["directories"] != costs[:10] or one["directories_not_shown"] != len(costs[10:])):
    problems.append(f"directories {one['directories']}")
for p in problems:
    print(f"# {name}: {p}")
sys.exit(bool(problems))
END
done
rm -f /tmp/replay.$$
if [ $bad = 0 ]; then
	echo "ok report: $# recordings give the same counts, findings and exit status again"
else
	echo "not ok report: $bad of $# recordings give another result again"
fi
[ $bad = 0 ]
