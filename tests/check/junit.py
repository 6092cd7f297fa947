#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks JUnit XML against the common schema (that of Jenkins' xunit plugin).

usage: junit.py FILE...

The schema as a table: element -> attributes that must be, that may be, children in order.
"""
import re
import sys
import xml.etree.ElementTree as ET

NUMBER = re.compile(r"^\d+$")
DECIMAL = re.compile(r"^\d+(\.\d+)?$")
STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
TEXT = re.compile(r"^")
COUNTS = {"tests": NUMBER, "failures": NUMBER, "errors": NUMBER, "skipped": NUMBER, "time": DECIMAL}
SCHEMA = {
    "testsuites": ({}, {"name": TEXT, **COUNTS}, ["testsuite"], False),
    "testsuite": ({"name": TEXT, "tests": NUMBER},
                  {**COUNTS, "timestamp": STAMP, "hostname": TEXT, "id": TEXT, "package": TEXT},
                  ["properties", "testcase", "system-out", "system-err"], False),
    "properties": ({}, {}, ["property"], False),
    "property": ({"name": TEXT, "value": TEXT}, {}, [], False),
    "testcase": ({"name": TEXT, "classname": TEXT}, {"time": DECIMAL, "status": TEXT},
                 ["skipped", "error", "failure", "system-out", "system-err"], False),
    "failure": ({}, {"message": TEXT, "type": TEXT}, [], True),
    "skipped": ({}, {"message": TEXT}, [], True),
}
RESULTS = ["coverage", "stale_store", "unfreed_cache", "stale_impure_clear", "kind_mix",
           "bad_return", "lock_hazard", "d_ino", "lost", "missed_invalidation"]


def check(e, errors):
    if e.tag not in SCHEMA:
        errors.append(f"element {e.tag} is not known")
        return
    must, may, children, text = SCHEMA[e.tag]
    for name, value in e.attrib.items():
        pattern = must.get(name, may.get(name))
        if pattern is None or not pattern.match(value):
            errors.append(f"{e.tag}: attribute {name}={value!r}")
    errors += [f"{e.tag}: no attribute {name}" for name in must if name not in e.attrib]
    if not text and (e.text or "").strip():
        errors.append(f"{e.tag}: text {e.text!r}")
    last = 0
    for c in e:
        at = children.index(c.tag) if c.tag in children else -1
        if at < last:
            errors.append(f"{e.tag}: {c.tag} at the wrong place")
        last = max(at, last)
        check(c, errors)


def counts(suite, errors):
    cases = suite.findall("testcase")
    want = {"tests": len(cases), "failures": len(suite.findall("testcase/failure")),
            "skipped": len(suite.findall("testcase/skipped"))}
    for name, n in want.items():
        if suite.get(name) != str(n):
            errors.append(f"suite {suite.get('name')}: {name} is {suite.get(name)}, truly {n}")


def main(argv):
    bad = 0
    for path in argv:
        errors = []
        try:
            root = ET.parse(path).getroot()
            if root.tag != "testsuites":
                errors.append(f"the root is {root.tag}")
            check(root, errors)
            for suite in root:
                counts(suite, errors)
            names = [c.get("name") for c in root[0].findall("testcase")]
            if names != RESULTS:
                errors.append(f"results are {names}")
        except (ET.ParseError, OSError, IndexError) as e:
            errors.append(str(e))
        for error in errors:
            print(f"{path}: {error}")
        bad |= bool(errors)
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
