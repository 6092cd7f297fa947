#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Validates what `ovltrace audit --listings --json` wrote: against the JSON Schema, and in itself.

usage: validate_listings.py FILE...

Writes one line a problem to standard output. Exit status: 0 all valid, 1 problems,
2 wrong usage or unreadable input. Needs python3-jsonschema.
"""
import collections
import sys

import reports

LIMITS = {"layer_changed", "rootless", "xino", "renumbered"}
UNSURE = ("changing", "partial", "unreadable")


def directory(d):
    if (d["verdict"] in ("wrong", "limited")) != bool(d["differences"] or d["omitted"]):
        yield "differences without such a verdict, or the reverse"
    if not d["omitted"] and d["differences"]:
        wrong = any(not x["limit"] for x in d["differences"])
        if wrong != (d["verdict"] == "wrong"):
            yield "the verdict does not follow from the differences"
    if d["verdict"] in ("partial", "unreadable") and not d["reason"]:
        yield "no reason is given"
    for x in d["differences"]:
        yield from (f"{x['name']!r}: {p}" for p in difference(x))


def difference(x):
    if x["limit"] != (x["cause"] in LIMITS):
        yield "limit does not follow from the cause"
    if (x["listed_ino"] is None) != (x["kind"] == "missing"):
        yield "it is listed and missing, or neither"
    if (x["statx_ino"] is None) != (x["kind"] in ("phantom", "double")):
        yield "statx_ino is there or null in the wrong kind"
    if x["kind"] == "ino" and x["listed_ino"] == x["statx_ino"]:
        yield "the numbers are the same"
    if x["kind"] == "type" and x["listed_type"] == x["statx_type"]:
        yield "the types are the same"


def problems(report, validator):
    bad = [e.json_path + ": " + e.message[:200] for e in validator.iter_errors(report)]
    if bad:
        yield from bad
        return
    counts, causes, omitted = collections.Counter(), collections.Counter(), 0
    for t in report["trees"]:
        if t["complete"] != (t["reason"] is None):
            yield "a tree is complete with a reason, or incomplete without"
        counts["directories"] += t["compared"]
        counts["names"] += t["names"]
        for d in t["directories"]:
            counts[d["verdict"]] += 1
            omitted += d["omitted"]
            causes.update(x["cause"] for x in d["differences"])
            yield from (f"{d['path']}: {p}" for p in directory(d))
    counts["trees"] = len(report["trees"])
    said = report["counts"]
    for key in ("trees", "directories", "names", "wrong", "limited") + UNSURE:
        if counts[key] != said[key]:
            yield f"counts.{key} is {said[key]}, but {counts[key]} are there"
    if sum(said[k] for k in ("ok", "gone", "wrong", "limited") + UNSURE) != said["directories"]:
        yield "the verdicts do not sum up to the directories"
    if sum(said["causes"].values()) != said["defects"] + said["limits"]:
        yield "the causes do not sum up to defects and limits"
    if sum(said["causes"].values()) != sum(causes.values()) + omitted:
        yield "the causes do not sum up to the differences"
    complete = all(t["complete"] for t in report["trees"])
    unsure = not complete or any(said[k] for k in UNSURE)
    want = "findings" if said["wrong"] else "inconclusive" if unsure else "clean"
    if report["verdict"] != want:
        yield f"the verdict is {report['verdict']}, not {want}"


if __name__ == "__main__":
    sys.exit(reports.main(__doc__, "ovltrace-listings-1.schema.json", problems))
