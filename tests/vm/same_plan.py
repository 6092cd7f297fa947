#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Whether a captured kernel's plan is what `ovltrace doctor --json` said there.

usage: same_plan.py FIXTURE DOCTOR.json [COMMITTED-FIXTURE]

With the third, which must be of the same kernel and module, the plans of both
fixtures must be the same. Writes one line a difference; exit status 0 if there is none.
"""
import json
import re
import sys


def read(name):
    """release, and the text of each plan by its name"""
    with open(name, encoding="ascii") as f:
        head, _, plans = f.read().partition("\nplans\n")
    parts = re.split(r"^plan: (.*)\n", plans, flags=re.M)[1:]
    return re.search(r"^release (.*)$", head, re.M)[1], dict(zip(parts[::2], parts[1::2]))


def differences(plan, doctor):
    said = re.search(r"^lock_drop (\w+): (.*)$", plan, re.M).groups()
    if said != (doctor["lock_drop"], doctor["lock_drop_evidence"]):
        yield f"lock_drop: {said}"
    if re.search(r"^layout \w+: (.*)$", plan, re.M)[1] != doctor["layout"]:
        yield "layout"
    if (re.search(r"^complete (.*)$", plan, re.M)[1] == "yes") != doctor["complete"]:
        yield "complete"
    events = re.findall(r"^event (\w+) (\S+)(?: inferred)?(?: costly)? (\S+): (.*)$", plan, re.M)
    if len(events) != len(doctor["coverage"]):
        yield f"{len(events)} events"
    for name, *seen in events:
        c = doctor["coverage"][name]
        if seen != [c["provider"], c["target"] or "-", c["evidence"]]:
            yield f"{name}: {seen}, not {c}"


def main():
    release, plans = read(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as f:
        doctor = json.load(f)
    problems = list(differences(plans["records and hits"], doctor))
    if release != doctor["kernel"]:
        problems.append(f"{release} is not {doctor['kernel']}")
    if len(sys.argv) > 3:
        other, committed = read(sys.argv[3])
        if other == release and committed != plans:
            problems.append(f"{sys.argv[3]} has other plans for the same kernel")
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(bool(problems))


main()
