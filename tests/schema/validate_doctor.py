#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Validates what `ovltrace doctor --json` wrote: against the JSON Schema, and in itself.

usage: validate_doctor.py FILE...

Writes one line a problem to standard output. Exit status: 0 all valid, 1 problems,
2 wrong usage or unreadable input. Needs python3-jsonschema.
"""
import json
import os
import sys

import jsonschema

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../schema/ovltrace-doctor-1.schema.json")
NEEDED = ("rebuild_begin", "content_read", "lock_dropped", "lock_retaken", "cache_stored",
          "cache_freed", "impure_cleared")


def disagreements(d):
    cover = d["coverage"]
    for name, c in cover.items():
        if c["provider"] not in ("none", "code") and not (d["traceable"] and c["target"]):
            yield f"{name}: a probe without a target, or where nothing can be traced"
    hidden = [n for n in NEEDED if cover[n]["provider"] == "none"]
    if d["complete"] and (hidden or d["lock_drop_evidence"] is None):
        yield f"complete, although {hidden} cannot be seen"
    reported = {s["what"].split(" ")[0] for s in d["shortfalls"] if s["id"] == "event"}
    if d["traceable"] and not set(hidden) <= reported:
        yield f"{hidden} cannot be seen, {sorted(reported)} is reported"
    if d["lock_drop"] == "absent" and cover["lock_dropped"]["provider"] != "code":
        yield "lock_drop is absent, yet not by the code"
    if len({(s["id"], s["what"]) for s in d["shortfalls"]}) != len(d["shortfalls"]):
        yield "a shortfall is reported twice"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with open(SCHEMA, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    status = 0
    for name in sys.argv[1:]:
        try:
            with open(name, encoding="utf-8") as f:
                lines = f.read().splitlines()
            report = json.loads(lines[0]) if len(lines) == 1 else None
        except (OSError, ValueError) as e:
            print(f"{name}: {e}")
            sys.exit(2)
        problems = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}"
                    for e in validator.iter_errors(report)]
        for problem in problems or disagreements(report):
            print(f"{name}: {problem}")
            status = 1
    sys.exit(status)


main()
