#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A strict reader of `ovltrace check`'s KTAP (Documentation/dev-tools/ktap.rst).

usage: ktap.py [-q] FILE      FILE may be - for standard input

Whatever the specification does not allow is an error. Prints "NAME RESULT", one
line for each result at the top, RESULT being ok, fail, todo or skip.
"""
import re
import sys

RESULTS = ["coverage", "stale_store", "unfreed_cache", "stale_impure_clear", "kind_mix",
           "bad_return", "lock_hazard", "d_ino", "lost", "missed_invalidation"]
LINE = re.compile(r"^(ok|not ok) (\d+)( [^#]*[^# ])?( # (SKIP|TODO)( .*)?)?$")
PLAN = re.compile(r"^1\.\.(\d+)$")


class Error(Exception):
    pass


class Reader:
    def __init__(self, text):
        if text and not text.endswith("\n"):
            raise Error("the last line has no end")
        for c in text:
            if ord(c) < 32 and c not in "\n":
                raise Error(f"control character {ord(c):#x}")
        self.lines = text.split("\n")[:-1]
        self.at = 0

    def error(self, what):
        line = self.lines[self.at] if self.at < len(self.lines) else "end of file"
        raise Error(f"line {self.at + 1}: {what}: {line!r}")

    def take(self, indent):
        """The next line at this depth without its indent; None at a lesser one."""
        if self.at == len(self.lines) or not self.lines[self.at].startswith(indent):
            return None
        line = self.lines[self.at][len(indent):]
        if line.startswith(" "):
            return None
        self.at += 1
        return line

    def test(self, indent):
        """One KTAP document: version, plan, results. Returns [(name, result, subtests)]."""
        if self.take(indent) != "KTAP version 1":
            self.at -= 1
            self.error("no version line")
        line = self.take(indent)
        while line is not None and line.startswith("# "):
            line = self.take(indent)
        plan = PLAN.match(line or "")
        if not plan:
            self.at -= 1
            self.error("no plan")
        found, sub = [], None
        while len(found) < int(plan.group(1)):
            if self.at == len(self.lines):
                self.error("fewer results than planned")
            if self.lines[self.at].startswith(indent + "  KTAP version 1"):
                if sub is not None:
                    self.error("two subtests for one result")
                sub = self.test(indent + "  ")
                continue
            line = self.take(indent)
            if line is None:
                self.error("a line of another depth")
            if line.startswith("# "):
                continue
            m = LINE.match(line)
            if not m:
                self.at -= 1
                self.error("neither a result nor a diagnostic")
            if int(m.group(2)) != len(found) + 1:
                self.at -= 1
                self.error("results are not numbered in order")
            result = (m.group(5) or ("ok" if m.group(1) == "ok" else "fail")).lower()
            if result in ("skip", "todo") and (result == "skip") != (m.group(1) == "ok"):
                self.error("a skipped test is 'ok', one with TODO is 'not ok'")
            found.append(((m.group(3) or "").strip(), result, sub or []))
            sub = None
        return found


def read(text):
    r = Reader(text)
    found = r.test("")
    # the totals of kselftest, and the verdict, are comments
    of = {"ok": "pass", "fail": "fail", "todo": "xfail", "skip": "skip"}
    sums = dict.fromkeys(("pass", "fail", "xfail", "xpass", "skip", "error"), 0)
    for _, result, _ in found:
        sums[of[result]] += 1
    if r.take("") != "# Totals: " + " ".join(f"{k}:{v}" for k, v in sums.items()):
        r.at -= 1
        r.error("no totals, or wrong ones")
    if not (r.take("") or "").startswith("# verdict: "):
        r.at -= 1
        r.error("no verdict")
    if r.at != len(r.lines):
        r.error("more than was planned")
    names = [name for name, _, _ in found]
    if names != RESULTS:
        raise Error(f"results are {names}")
    for name, result, subs in found:
        if result == "ok" and any(s[1] == "fail" for s in subs):
            raise Error(f"{name} is ok, and a subtest of it is not")
    return found


def main(argv):
    quiet = argv[:1] == ["-q"]
    path = argv[1 if quiet else 0]
    try:
        data = sys.stdin.buffer.read() if path == "-" else open(path, "rb").read()
        found = read(data.decode("utf-8"))
    except (Error, OSError, UnicodeDecodeError) as e:
        print(f"{path}: {e}")
        return 1
    if not quiet:
        for name, result, _ in found:
            print(name, result)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
