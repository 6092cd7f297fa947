#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Holds trace events to the rules of Perfetto's importer, and says what it has seen.

usage: perfetto.py FILE
Exit status: 0 good, 1 problems, one line each.

The importer turns `ts` from a double of microseconds into nanoseconds, sorts by it, keeps
the order of the file where times are equal, and then replays each track with a stack:
- an E ends the slice on top, which has its name and its category;
- an instant is a slice without width: what begins at its time would nest in it;
- s and f bind to the slice that is open on their track, f with "bp":"e"; each id of a
  name has one s and then one f;
- b and e make a track for each name and id, on which they nest;
- pid and tid are integers of 32 bits that have names.
Versions truncate the double, or round it; both are replayed, and the exact time, too.
An X would have to nest by ts + dur, a sum that consumers round differently: there is none.
The keys before traceEvents are not read alike: one version takes displayTimeUnit for the
unit of ts.
"""
import collections
import json
import sys
from decimal import Decimal

CLOCKS = {
    "exact": lambda text: int(Decimal(text) * 1000),
    "truncated": lambda text: int(float(text) * 1000),
    "rounded": lambda text: round(float(text) * 1000),
}
PHASES = "BEisfbeM"


class Replay:
    """One pass over the events in the importer's order."""

    def __init__(self, clock):
        self.clock = clock
        self.problems = []
        self.stack = collections.defaultdict(list)
        self.instant = {}
        self.flows = collections.defaultdict(list)
        self.count = collections.Counter()

    def bad(self, event, text):
        self.problems.append(f"{self.clock}: {event['name']} at {event['ts']}: {text}")

    def begin(self, track, event, ts):
        if self.instant.get(track) == ts:
            self.bad(event, "would nest in an instant")
        self.stack[track].append((event["name"], event["cat"]))

    def end(self, track, event):
        if not self.stack[track] or self.stack[track].pop() != (event["name"], event["cat"]):
            self.bad(event, "does not end the slice on top")

    def flow(self, track, event):
        self.flows[event["cat"], event["name"], event["id"]].append(event["ph"])
        if not self.stack[track]:
            self.bad(event, "no slice is open")
        if event["ph"] == "f" and event.get("bp") != "e":
            self.bad(event, "binds to the next slice")

    def event(self, event, ts):
        phase = event["ph"]
        track = (event["pid"], event["tid"])
        bar = (event["cat"], event["name"], event.get("id"))
        self.count[phase] += 1
        if phase in "Bb":
            self.begin(track if phase == "B" else bar, event, ts)
        elif phase in "Ee":
            self.end(track if phase == "E" else bar, event)
        elif phase == "i":
            self.instant[track] = ts
            if event.get("s") != "t":
                self.bad(event, "is not of its thread")
        else:
            self.flow(track, event)

    def run(self, events):
        for event, ts in sorted(events, key=lambda x: x[1]):
            self.event(event, ts)
        for track, stack in self.stack.items():
            if stack:
                self.problems.append(f"{self.clock}: {stack[-1][0]} on {track} has no end")
        for flow, phases in self.flows.items():
            if phases != ["s", "f"]:
                self.problems.append(f"{self.clock}: arrow {flow} is {''.join(phases)}")


def names(events, problems):
    """Metadata: each track of an event has a name, and its process has one."""
    threads, processes = set(), set()
    for e in events:
        if e["ph"] != "M":
            continue
        if not e["args"]["name"] or e["name"] not in ("thread_name", "process_name"):
            problems.append(f"metadata {e['name']} has no name")
        threads.add((e["pid"], e["tid"]))
        if e["name"] == "process_name":
            processes.add(e["pid"])
    for e in events:
        for n in (e["pid"], e["tid"]):
            if not isinstance(n, int) or not 0 < n < 1 << 32:
                problems.append(f"{e['name']}: pid or tid {n}")
        if (e["pid"], e["tid"]) not in threads or e["pid"] not in processes:
            problems.append(f"{e['name']}: pid {e['pid']}, tid {e['tid']} has no name")


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        trace = json.load(f, parse_float=str)
    events = trace["traceEvents"]
    problems = [f"key {key}" for key in trace if key != "traceEvents"]
    problems += [f"phase {e['ph']}" for e in events if e["ph"] not in PHASES]
    names(events, problems)
    timed = [e for e in events if e["ph"] in PHASES and e["ph"] != "M"]
    problems += [f"{e['name']} at {e['ts']}" for e in timed
                 if not isinstance(e["ts"], str) or Decimal(e["ts"]) < 0]
    for clock, ns in CLOCKS.items():
        replay = Replay(clock)
        replay.run([(e, ns(e["ts"])) for e in timed])
        problems += replay.problems
    for p in problems[:20]:
        print(f"# {p}")
    count = replay.count
    print(f"{count['B']} slices, {count['b']} bars, {count['s']} arrows, {count['i']} marks")
    return 1 if problems or not count["B"] else 0


sys.exit(main())
