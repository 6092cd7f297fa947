#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks trace events: perfetto.py FILE. Valid JSON, slices of a thread nest, bars
have both ends, arrows begin and end in slices. Says what it has seen.

usage: perfetto.py FILE
Exit status: 0 good, 1 problems, one line each.
"""
import bisect
import collections
import decimal
import json
import sys

problems = []


def nest(slices, where):
    """Each slice is inside the one below it, or after it."""
    stack = []
    for ts, neg, name in sorted(slices):
        end = ts - neg
        while stack and stack[-1] <= ts and not (stack[-1] == ts == end):
            stack.pop()
        if stack and end > stack[-1]:
            problems.append(f"{where}: {name} at {ts} does not nest")
        stack.append(end)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        trace = json.load(f, parse_float=decimal.Decimal)
    slices = collections.defaultdict(list)
    bars, flows, named = {}, collections.defaultdict(list), set()
    count = collections.Counter()
    for e in trace["traceEvents"]:
        count[e["ph"]] += 1
        track = (e["pid"], e["tid"])
        if e["ph"] == "M":
            named.add(track)
            continue
        ts = e["ts"]
        if ts < 0 or track not in named:
            problems.append(f"{e['name']} at {ts}: before time, or on a track without a name")
        if e["ph"] == "X":
            slices[track].append((ts, -e["dur"], e["name"]))
        elif e["ph"] == "b":
            bars[(e["cat"], e["id"], e["pid"])] = e
        elif e["ph"] == "e":
            begin = bars.pop((e["cat"], e["id"], e["pid"]), None)
            if not begin or begin["ts"] > ts or begin["name"] != e["name"]:
                problems.append(f"bar {e['id']} ends without a begin")
        elif e["ph"] in "sf":
            flows[(e["name"], e["id"])].append(e)
        elif e["ph"] != "i":
            problems.append(f"phase {e['ph']}")
    for track, of_track in slices.items():
        nest(of_track, track)
        of_track.sort()
    for key in bars:
        problems.append(f"bar {key} has no end")
    for key, (*ends,) in flows.items():
        if [e["ph"] for e in ends] != ["s", "f"] or ends[0]["ts"] > ends[1]["ts"]:
            problems.append(f"arrow {key} has not one begin and one end in that order")
        for e in ends:
            of_track = slices[(e["pid"], e["tid"])]
            at = bisect.bisect_right(of_track, (e["ts"], decimal.Decimal(1), ""))
            if not any(ts <= e["ts"] <= ts - neg for ts, neg, _ in of_track[max(0, at - 200):at]):
                problems.append(f"arrow {key} is at no slice")
    for p in problems[:20]:
        print(f"# {p}")
    print(f"{count['X']} slices, {count['b']} bars, {len(flows)} arrows, {count['i']} marks")
    return 1 if problems or not count["X"] else 0


sys.exit(main())
