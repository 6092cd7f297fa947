#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Validates what `ovltrace slow --json` wrote: against the JSON Schema, and in itself.

usage: validate_slow.py FILE...

Writes one line a problem to standard output. Exit status: 0 all valid, 1 problems,
2 wrong usage or unreadable input. Needs python3-jsonschema.
"""
import sys

import reports

PARTS = ("lock_wait_ns", "layers_ns", "lookups_ns", "merge_ns", "copy_ns")


def listing(r, report):
    if r["total_ns"] <= report["over_ns"]:
        yield "it is not slow"
    known = [r[p] for p in PARTS if r[p] is not None]
    if sum(known) + r["other_ns"] != r["total_ns"]:
        yield "the parts and the rest are not the total"
    for p in PARTS:
        if r[p] is not None and report["unseen"][p]:
            yield f"{p} is there, and cannot be seen"
    if r["outdated_by"] and r["rebuilt"] != "outdated":
        yield "it names who outdated a cache, and none was outdated"


def problems(report, validator):
    bad = [e.json_path + ": " + e.message[:200] for e in validator.iter_errors(report)]
    if bad:
        yield from bad
        return
    counts, sums, rows = report["counts"], report["sums"], report["listings"]
    if counts["slow"] > counts["listings"] + counts["lost"]:
        yield "more slow listings than listings"
    if len(rows) + counts["omitted"] != counts["slow"]:
        yield "the number of listings is not the count"
    if report["complete"] != (report["reason"] is None):
        yield "complete with a reason, or incomplete without"
    if (counts["lost"] or counts["torn"]) and report["complete"]:
        yield "complete with losses"
    if [r["total_ns"] for r in rows] != sorted((r["total_ns"] for r in rows), reverse=True):
        yield "the listings are not sorted"
    for key in PARTS + ("total_ns", "other_ns"):
        if key in report["unseen"] and (sums[key] is None) != bool(report["unseen"][key]):
            yield f"{key}: null without a reason, or the reverse"
        if not counts["omitted"] and sums[key] is not None and sums[key] != sum(r[key] or 0 for r in rows):
            yield f"{key}: the sum is wrong"
    for r in rows:
        yield from (f"{r['dir']['path']}: {p}" for p in listing(r, report))


if __name__ == "__main__":
    sys.exit(reports.main(__doc__, "ovltrace-slow-1.schema.json", problems))
