#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Validates files of "ovltrace/1": each line against the JSON Schema, and the
records against each other.

usage: validate.py [--part] FILE...

--part: the trace saw a part only, because of --pid, or because it began while
directories were being listed. Stores without a rebuild, and evidence of one
side only, are no errors then.

Writes one line a problem, "FILE:LINE: what", to standard output.
Exit status: 0 all valid, 1 problems, 2 wrong usage or unreadable input.
Needs python3-jsonschema.
"""
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

from directories import Directories
from evidence import (ADDED_COUNTS, FINDING_COUNTS, MERGED_COUNTS, MERGED_FINDING_COUNTS,
                      Evidence)
from lines import key_b64, parse, validators

MAX_PROBLEMS = 50  # of a file; more are counted
MERGED_NEEDED = ("merged_cache_stored", "merged_content_read", "merged_cache_got",
                 "merged_cache_put", "merged_cache_freed")
NEEDED = ("rebuild_begin", "content_read", "lock_dropped", "lock_retaken", "cache_stored",
          "cache_freed", "impure_cleared")



class File(Directories, Evidence):
    """Records of one file so far, and the checks that need more than one line."""

    def __init__(self, name, compiled, part):
        self.name, self.compiled, self.part = name, compiled, part
        self.line = self.problems = 0
        self.record = {}  # by seq: rebuild, modify, finding
        self.session = self.summary = self.last = None
        self.directories = {}  # (dev, ino, kind) -> its record
        self.tests = {}  # by name: (begin, end) of each, end None while it runs
        self.merged = False
        self.open_stale = {}  # seq of a stale_store -> its line
        self.count = dict.fromkeys(
            ["rebuilds", "windows", "stores", "mods", "superseded_stores", "lost",
             *FINDING_COUNTS.values()], 0)

    def say(self, what, line=None):
        self.problems += 1
        if self.problems <= MAX_PROBLEMS:
            print(f"{self.name}:{line or self.line}: {what}")

    def read(self, f):
        whole = True
        for raw in f:
            self.line += 1
            whole = raw.endswith(b"\n")
            try:
                rec = parse(raw)
            except (ValueError, RecursionError) as e:
                self.say(f"not a line of JSON: {e}")
                continue
            self.one(rec)
        if not whole:
            self.say("the last line is cut")
        self.end()
        if self.problems > MAX_PROBLEMS:
            print(f"{self.name}: {self.problems - MAX_PROBLEMS} more problems")

    def one(self, rec):
        kind = rec.get("type") if isinstance(rec, dict) else None
        if not isinstance(kind, str) or kind not in self.compiled:
            self.say(f"unknown record type {kind!r}")
            return
        bad = False
        for e in self.compiled[kind].iter_errors(rec):
            where = ".".join(map(str, e.absolute_path)) or kind
            self.say(f"schema: {where}: {e.message[:200]}")
            bad = True
        if bad:
            return
        self.order(rec)
        key_b64(rec, self.say)
        getattr(self, "on_" + kind)(rec)
        self.last = rec

    def order(self, rec):
        want = self.last["seq"] + 1 if self.last else 1
        if rec["seq"] != want:
            self.say(f"seq is {rec['seq']}, not {want}")
        if self.last and rec["ts_ns"] < self.last["ts_ns"]:
            self.say(f"ts_ns goes back by {self.last['ts_ns'] - rec['ts_ns']} ns")
        if not self.last and rec["type"] != "session":
            self.say("the first record is no session")
        if self.summary:
            self.say("a record after the summary")

    # --- records ---

    def on_session(self, rec):
        if self.session:
            self.say("a second session")
        self.session = rec
        self.merged = MERGED_NEEDED[0] in rec["coverage"]
        if self.merged:
            self.count.update(dict.fromkeys(MERGED_COUNTS, 0))

    def on_rebuild(self, rec):
        self.record[rec["seq"]] = rec
        self.count["rebuilds"] += 1
        self.windows(rec)
        if rec["outcome"] == "error" and rec["errno"] == 0:
            self.say("outcome is error, but errno is 0")
        if rec["impure_cleared"] and rec["outcome"] != "empty":
            self.say("impure_cleared, but the outcome is not empty")
        if rec["outcome"] != "stored":
            return
        self.count["stores"] += 1
        if rec["cache"] == "0x0":
            self.say("stored, but the cache is NULL")
        if rec["version_read"] == rec["version_stamped"] != rec["version_at_store"]:
            self.count["superseded_stores"] += 1

    def windows(self, rec):
        at, mods = rec["begin_ns"], 0
        for w in rec["windows"]:
            self.count["windows"] += 1
            mods += w["version_retake"] - w["version_drop"]
            if w["drop_ns"] < at:
                self.say("a window begins before the rebuild or before its predecessor's end")
            if w["retake_ns"] < w["drop_ns"]:
                self.say("a window ends before it begins")
            if w["wait_ns"] > w["retake_ns"] - w["drop_ns"]:
                self.say("the wait for the lock is longer than its window")
            at = w["retake_ns"]
        if at > rec["end_ns"]:
            self.say("a window ends after the rebuild")
        if rec["end_ns"] < rec["begin_ns"]:
            self.say("the rebuild ends before it begins")
        if rec["end_ns"] > rec["ts_ns"]:
            self.say("the rebuild ends after its record's time")
        if mods != rec["mods_in_window"]:
            self.say(f"mods_in_window is {rec['mods_in_window']}, its windows have {mods}")
        self.count["mods"] += mods

    def on_modify(self, rec):
        self.record[rec["seq"]] = rec
        if rec["version_after"] <= rec["version_before"]:
            self.say("a modify that raises no version")

    def on_incident(self, rec):
        self.record[rec["seq"]] = rec

    def on_merged_cache(self, rec):
        self.record[rec["seq"]] = rec
        if not self.merged:
            self.say("a merged_cache, but the session covers none")
        for name, n in (("stores", rec["stored_ns"] is not None), ("gets", rec["gets"]),
                        ("puts", rec["puts"]), ("frees", rec["freed_ns"] is not None)):
            self.count["merged_" + name] += n
        if rec["cache"] == "0x0":
            self.say("the cache is NULL")
        for name in ("stored_ns", "freed_ns"):
            if (rec[name] or 0) > rec["ts_ns"]:
                self.say(f"{name} is after the record's time")
        if rec["freed_ns"] and rec["freed_ns"] < (rec["stored_ns"] or 0):
            self.say("freed before it was stored")
        whole = rec["stored_ns"] is not None and not rec.get("cut")
        if whole and rec["end"] in ("freed", "leaked", "inode") and rec["gets"] != rec["puts"]:
            self.say(f"its life is over, but it was taken {rec['gets']} times and given back {rec['puts']} times")

    def on_test(self, rec):
        end = rec.get("end_ns")
        if rec["begin_ns"] > rec["ts_ns"] or (end is not None and
                                              not rec["begin_ns"] <= end <= rec["ts_ns"]):
            self.say("a test's times are not in order")
        times = self.tests.setdefault(rec["name"], [])
        if (rec["begin_ns"], None) in times:
            times.remove((rec["begin_ns"], None))
        elif rec["source"] == "fstests" and rec["event"] == "end":
            self.say(f"test {rec['name']} ends, and has not begun")
        times.append((rec["begin_ns"], end))

    def of_test(self, rec):
        at = rec["at_ns"]
        if not any(begin <= at and (end is None or at < end)
                   for begin, end in self.tests.get(rec["test"], [])):
            self.say(f"test {rec['test']} did not run at that time")

    def on_lost(self, rec):
        self.count["lost"] += rec["count"]

    def on_summary(self, rec):
        self.summary = rec
        counts = rec["counts"]
        partial = counts.get("partial_rebuilds") or 0
        if not self.merged and any(name in counts for name in MERGED_COUNTS):
            self.say("counts of merged caches, but the session covers none")
        for name, n in self.count.items():
            recorded = counts.get(name)
            if name not in counts:
                if n or name not in ADDED_COUNTS:
                    self.say(f"counts.{name} is missing")
                continue
            if recorded is None and n:
                self.say(f"counts.{name} is null, but {n} are in the records")
            if recorded is None or recorded == n:
                continue
            # rebuilds that were not seen whole have no record
            if recorded > n and name in ("windows", "mods", "stores") and (
                    partial or self.count["lost"] or (self.part and name == "stores")):
                continue
            self.say(f"counts.{name} is {recorded}, but {n} are in the records")
        self.directory_counts(counts)
        self.whose(rec)
        self.verdict(rec)
        if self.session and rec["duration_ns"] > rec["ts_ns"] - self.session["ts_ns"]:
            self.say("duration_ns is longer than from the session to the summary")

    def whose(self, rec):
        """All findings are told apart, or none is."""
        of = [r.get("of_command", "absent") for r in self.record.values() if r["type"] == "finding"]
        if ("command_findings" in rec) != ("absent" not in of) and of:
            self.say("command_findings without of_command, or the reverse")
        elif "command_findings" in rec:
            want = None if None in of else of.count(True)
            if rec["command_findings"] != want:
                self.say(f"command_findings is {rec['command_findings']}, but {want} in the records")

    def verdict(self, rec):
        counts, verdict = rec["counts"], rec["verdict"]
        names = [*FINDING_COUNTS.values(), *(MERGED_FINDING_COUNTS.values() if self.merged else ())]
        findings = sum(counts.get(name) or 0 for name in names)
        gaps = [e for e in NEEDED + (MERGED_NEEDED if self.merged else ()) if self.session and
                (self.session["coverage"][e]["provider"] == "none" or
                 self.session["coverage"][e].get("proof") == "contradicted")]
        doubts = rec.get("inconsistencies") or []
        if findings and verdict == "clean":
            self.say(f"the verdict is clean, with {findings} findings")
        if verdict == "findings" and not findings:
            self.say("the verdict is findings, without any")
        if verdict == "clean" and (counts["lost"] or doubts or gaps):
            self.say("the verdict is clean, with losses, doubts or gaps in coverage")
        if not counts["lost"] and not doubts:
            for seq, line in self.open_stale.items():
                self.say(f"stale_store {seq} has no stale_end", line)

    def end(self):
        if not self.line:
            self.line = 1
            self.say("the file is empty")
        elif not self.summary:
            self.say("the last record is no summary")


def main(argv):
    part = argv[:1] == ["--part"]
    files = argv[1:] if part else argv
    if not files or files[0].startswith("--"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    compiled = validators()
    bad = False
    for name in files:
        one = File(name, compiled, part)
        try:
            with open(name, "rb") as f:
                one.read(f)
        except OSError as e:
            print(f"validate.py: '{name}': {e.strerror}", file=sys.stderr)
            return 2
        bad |= one.problems > 0
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
