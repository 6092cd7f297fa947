#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Validates what `ovltrace audit --json` wrote: against the JSON Schema, and in itself.

usage: validate_audit.py FILE...

Writes one line a problem to standard output. Exit status: 0 all valid, 1 problems,
2 wrong usage or unreadable input. Needs python3-jsonschema.
"""
import base64
import collections
import sys

import reports


def names(node):
    """Every object with a NAME_b64, wherever it is."""
    if isinstance(node, list):
        for one in node:
            yield from names(one)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key.endswith("_b64"):
                yield key, value, node.get(key[:-4])
            yield from names(value)


def directory(d):
    if (d["verdict"] == "wrong") != bool(d["differences"]):
        yield "differences without the verdict 'wrong', or the reverse"
    if d["verdict"] in ("ok", "wrong", "partial") and not d["fresh"]:
        yield "judged, but not fresh"
    if d["verdict"] == "outdated" and d["version"] == d["cache_version"]:
        yield "outdated, but the versions are the same"
    if (d["verdict"] in ("partial", "unreadable")) and not d["reason"]:
        yield "no reason is given"
    if d["cache"] is not None and len(d["cache"]) != d["entries"]:
        yield "entries is not the length of cache"
    if d["kind"] and (d["kind"] == "impure") != (d["refcount"] == 0):
        yield "kind and refcount disagree"


def expected(report):
    """The verdict that follows from the rest."""
    if report["reason"]:
        return "impossible"
    all_dirs = [d["verdict"] for m in report["mounts"] for d in m["directories"]]
    if "wrong" in all_dirs:
        return "findings"
    if not all(m["complete"] for m in report["mounts"]):
        return "inconclusive"
    return "inconclusive" if {"changing", "partial", "unreadable"} & set(all_dirs) else "clean"


def problems(report, validator):
    bad = [e.json_path + ": " + e.message[:200] for e in validator.iter_errors(report)]
    if bad:
        yield from bad
        return
    counts = collections.Counter()
    for m in report["mounts"]:
        if m["complete"] != (m["reason"] is None):
            yield "a mount is complete with a reason, or incomplete without"
        for d in m["directories"]:
            counts[d["verdict"]] += 1
            counts["caches"] += 1
            yield from (f"{d['path']}: {p}" for p in directory(d))
    counts["mounts"] = len(report["mounts"])
    for key, recorded in report["counts"].items():
        if counts[key] != recorded:
            yield f"counts.{key} is {recorded}, but {counts[key]} are there"
    if report["verdict"] != expected(report):
        yield f"the verdict is {report['verdict']}, not {expected(report)}"
    for key, value, plain in names(report):
        try:
            base64.b64decode(value, validate=True).decode("utf-8")
            yield f"{key} is there although {plain!r} is valid UTF-8"
        except UnicodeDecodeError:
            pass


if __name__ == "__main__":
    sys.exit(reports.main(__doc__, "ovltrace-audit-1.schema.json", problems))
