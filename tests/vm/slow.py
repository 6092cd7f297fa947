#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Whether the listings that guest-slow.sh made have the parts that they must have.

usage: slow.py DIRECTORY

Reads slow.json, kprobe.json and hold.txt. Writes a line for each check.
"""
import json
import os
import sys

PARTS = ("lock_wait_ns", "layers_ns", "lookups_ns", "merge_ns", "copy_ns")


def check(name, want, got):
    print(f"ok {name}" if want == got else f"not ok {name}: wanted {want!r}, got {got!r}")


def listings(report, name):
    """in the order of their calls"""
    found = [r for r in report["listings"] if (r["dir"]["path"] or "").endswith("/" + name)]
    return sorted(found, key=lambda r: r["begin_ns"])


def whole(report):
    """None, or what is wrong with the arithmetic of all listings"""
    for r in report["listings"]:
        if None in [r[p] for p in PARTS]:
            return f"a part is null: {r}"
        if sum(r[p] for p in PARTS) != r["total_ns"] or r["other_ns"]:
            return f"the parts are not the total: {r}"
    return None


def rebuilds(rows):
    return [r for r in rows if r["rebuilt"]]


def load(report, of):
    check(f"{of}: every part of every listing is known, and they sum to the total", None, whole(report))
    check(f"{of}: complete", [True, None], [report["complete"], report["reason"]])
    check(f"{of}: nothing is lost", [0, 0, 0], [report["counts"][c] for c in ("lost", "torn", "omitted")])
    check(f"{of}: each listing is slow", report["counts"]["listings"], report["counts"]["slow"])
    merged = rebuilds(listings(report, "merged"))
    check(f"{of}: merged: three layers, 41 names with . and .., no cache",
          {("merged", 3, 43, "no_cache")},
          {(r["kind"], r["layers"], r["entries"], r["rebuilt"]) for r in merged})
    check(f"{of}: merged: reading layers takes time", True, all(r["layers_ns"] > 0 for r in merged))
    plain = listings(report, "plain")
    check(f"{of}: plain: no layer, no lookup, no cache", {("plain", 0, 0, None, None, 0)},
          {(r["kind"], r["layers"], r["lookups"], r["entries"], r["rebuilt"], r["layers_ns"]) for r in plain})
    impure = rebuilds(listings(report, "impure"))
    check(f"{of}: impure: two rebuilds, of one layer, 20 lookups", [(1, 20, 20)] * 2,
          [(r["layers"], r["lookups"], r["entries"]) for r in impure])
    check(f"{of}: impure: the lookups take time", True, all(r["lookups_ns"] > 0 for r in impure))
    check(f"{of}: impure: listings that the cache serves", True,
          len(listings(report, "impure")) > 2 and
          all(r["layers_ns"] == r["lookups_ns"] == 0 for r in listings(report, "impure") if not r["rebuilt"]))
    last = impure[-1] if impure else {"rebuilt": None, "outdated_by": None}
    by = last["outdated_by"] or {"op": None, "task": {"comm": None}}
    check(f"{of}: impure: the last one because mv renamed", ["outdated", "rename", "mv"],
          [last["rebuilt"], by["op"], by["task"]["comm"]])


def hold(report, words):
    at = dict(zip(words[::2], map(int, words[1::2])))
    rows = [r for r in report["listings"] if r["task"]["comm"] == "slow-hold"]
    holder = [r for r in rows if r["task"]["tid"] == at["holder"]]
    waiter = [r for r in rows if r["task"]["tid"] == at["waiter"]]
    check("one listing of each thread", [1, 1], [len(holder), len(waiter)])
    if len(holder) != 1 or len(waiter) != 1:
        return
    h, w = holder[0], waiter[0]
    check("the holder waits in the copy to the caller", True,
          h["copy_ns"] >= at["released"] - at["waits"])
    check("the waiter begins at its call", True, w["begin_ns"] >= at["called"])
    check("the waiter has the lock after its release", True,
          w["begin_ns"] + w["lock_wait_ns"] >= at["released"])
    check("its wait is at least the time for which it was seen to wait", True,
          w["lock_wait_ns"] >= at["released"] - at["waits"])
    check("it is the most of its time", True, w["lock_wait_ns"] * 2 > w["total_ns"])


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    reports = {}
    for name in ("slow", "kprobe"):
        with open(os.path.join(sys.argv[1], name + ".json"), encoding="utf-8") as f:
            reports[name] = json.load(f)
        load(reports[name], name)
    with open(os.path.join(sys.argv[1], "hold.txt"), encoding="ascii") as f:
        hold(reports["slow"], f.read().split())
    return 0


if __name__ == "__main__":
    sys.exit(main())
