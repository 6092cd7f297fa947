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
import base64
import codecs
import json
import os
import re
import sys

import jsonschema

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../schema/ovltrace-1.schema.json")
FINDINGS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "../../src/record/findings.def")
MAX_PROBLEMS = 50  # of a file; more are counted
# incidents that do not have their finding's name
INCIDENTS = {
    "impure_cache_stored": "kind_mix",
    "merged_cache_freed": "kind_mix",
    "merged_cache_served": "kind_mix",
    "impure_cache_served": "kind_mix",
    "listed_as_real": "kind_mix",
    "locked_lookup": "lock_hazard",
}
MERGED_NEEDED = ("merged_cache_stored", "merged_content_read", "merged_cache_got",
                 "merged_cache_put", "merged_cache_freed")
NEEDED = ("rebuild_begin", "content_read", "lock_dropped", "lock_retaken", "cache_stored",
          "cache_freed", "impure_cleared")


def finding_counts(*groups):
    """Kinds of findings and the names of their counts, of the registry's lines of these groups."""
    with open(FINDINGS, encoding="utf-8") as f:
        lines = re.findall(r"^FINDING\(\w+, (\w+), (\w+), (\w+),", f.read(), re.M)
    return {kind: counts for kind, counts, group in lines if group in groups}


FINDING_COUNTS = finding_counts("COUNTS_ALWAYS", "COUNTS_ADDED")
# files of older versions lack these
ADDED_COUNTS = finding_counts("COUNTS_ADDED").values()
# of merged directories' caches: there with run --merged only
MERGED_FINDING_COUNTS = finding_counts("COUNTS_MERGED")
MERGED_COUNTS = ("merged_stores", "merged_gets", "merged_puts", "merged_frees",
                 *MERGED_FINDING_COUNTS.values())

# One U+FFFD for each byte that begins no valid sequence.
codecs.register_error("each-byte", lambda e: ("\ufffd", e.start + 1))


def inlined(node, defs):
    """The schema without $ref: resolving them costs more than all checks."""
    if isinstance(node, list):
        return [inlined(n, defs) for n in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return inlined(defs[node["$ref"].rsplit("/", 1)[1]], defs)
    return {k: inlined(v, defs) for k, v in node.items()}


def validators():
    """A compiled validator for each record type."""
    with open(SCHEMA, encoding="utf-8") as f:
        schema = json.load(f)
    make = jsonschema.Draft202012Validator
    make.check_schema(schema)
    defs = schema["$defs"]
    common = inlined(schema["properties"], defs)
    found = {}
    for name in schema["properties"]["type"]["enum"]:
        one = inlined(defs[name], defs)
        one["properties"] = {**common, **one["properties"]}
        found[name] = make(one)
    return found


def unique(pairs):
    obj = dict(pairs)
    if len(obj) != len(pairs):
        raise ValueError("a key is there twice")
    return obj


def not_a_number(word):
    raise ValueError(f"{word} is no JSON")


def same_dir(a, b):
    return (a["dir"]["dev"], a["dir"]["ino"]) == (b["dir"]["dev"], b["dir"]["ino"])


def key_b64(obj, say):
    """Each NAME_b64 must decode to bytes that give NAME."""
    for key, value in obj.items():
        if isinstance(value, dict):
            key_b64(value, say)
            continue
        if not key.endswith("_b64"):
            continue
        raw = base64.b64decode(value, validate=True)
        name = key[:-4]
        if raw.decode("utf-8", "each-byte") != obj.get(name):
            say(f"{key} and {name} disagree")
        try:
            raw.decode("utf-8")
            say(f"{key} is there although {name} is valid UTF-8")
        except UnicodeDecodeError:
            pass


class File:
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
                rec = json.loads(raw.decode("utf-8"), object_pairs_hook=unique,
                                 parse_constant=not_a_number)
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

    def on_finding(self, rec):
        self.record[rec["seq"]] = rec
        if rec.get("at_ns", 0) > rec["ts_ns"]:
            self.say("a finding that is told before it happens")
        if "test" in rec:
            self.of_test(rec)
        if rec["kind"] in MERGED_FINDING_COUNTS:
            self.merged_finding(rec)
            return
        self.count[FINDING_COUNTS[rec["kind"]]] += 1
        evidence = []
        if len(set(rec["evidence"])) != len(rec["evidence"]):
            self.say("evidence names a record twice")
        for seq in rec["evidence"]:
            e = self.record.get(seq)
            if not e or e["type"] not in ("rebuild", "modify", "incident"):
                self.say(f"evidence {seq} is no earlier rebuild, modify or incident")
            elif not same_dir(e, rec):
                self.say(f"evidence {seq} is of another directory")
            else:
                evidence.append(e)
        check = getattr(self, "proof_" + rec["kind"], None)
        if check:
            check(rec, [e for e in evidence if e["type"] == "rebuild"])
        elif not any(self.shows(rec["kind"], e) for e in evidence):
            self.say(f"no evidence of this {rec['kind']}")

    @staticmethod
    def shows(kind, e):
        """Does this one record show that defect?"""
        if e["type"] == "rebuild":
            return kind == "bad_return" and e["errno"] == -5
        shown = e["type"] == "incident" and INCIDENTS.get(e["incident"], e["incident"])
        return kind == shown and (
            kind != "bad_return" or not -4095 <= e["value"] <= 0 or e["value"] == -5)

    def merged_finding(self, rec):
        self.count[MERGED_FINDING_COUNTS[rec["kind"]]] += 1
        e = self.record.get(rec["evidence"][0]) if len(rec["evidence"]) == 1 else None
        if not e or e["type"] != "merged_cache" or not same_dir(e, rec):
            self.say("its evidence is not one earlier merged_cache of the directory")
            return
        stale = e["version_read"] not in (None, e["version_stamped"])
        shown = {
            "merged_leak": e["end"] == "leaked",
            "merged_stale_cache": stale or e["outdated"],
            "merged_refcount": "refcount" in e or "freed_under" in e or "got_after_free" in e,
        }
        if not shown[rec["kind"]] or e.get("cut"):
            self.say(f"record {e['seq']} does not show it")
        if (rec["confidence"] == "exact") != (e["stored_ns"] is not None):
            self.say("exact, but it is older than the trace, or the reverse")

    def proof_stale_store(self, rec, rebuilds):
        self.open_stale[rec["seq"]] = self.line
        if not any(r["outcome"] == "stored" and r["version_stamped"] != r["version_read"] and
                   r["task"]["tid"] == rec["task"]["tid"] for r in rebuilds):
            self.say("no rebuild in evidence was stamped with another version than it read")

    def proof_unfreed_cache(self, rec, rebuilds):
        pairs = [(a, b) for a in rebuilds for b in rebuilds
                 if a is not b and b.get("slot_before") == a.get("cache", "")]
        if len(rebuilds) > 1 and not pairs:
            self.say("no rebuild in evidence found the other one's cache in the slot")
        alone = self.part or "with NULL" in rec["text"] or "was destroyed" in rec["text"]
        if rec["confidence"] == "exact" and len(rebuilds) < (1 if alone else 2):
            self.say("exact, but a rebuild is missing in evidence")
        told = re.search(r"cache (0x[0-9a-f]+)", rec["text"])
        known = {r.get(k) for r in rebuilds for k in ("cache", "slot_before")}
        if told and rebuilds and told.group(1) not in known:
            self.say(f"the cache {told.group(1)} is in no rebuild in evidence")

    def proof_stale_impure_clear(self, _, rebuilds):
        if not any(r["impure_cleared"] and r["version_at_store"] != r["version_read"]
                   for r in rebuilds):
            self.say("no rebuild in evidence cleared the flag at another version than it read")

    def on_stale_end(self, rec):
        found = self.record.get(rec["finding"])
        if not found or found.get("kind") != "stale_store" or not same_dir(found, rec):
            self.say(f"{rec['finding']} is no stale_store of this directory before it")
        elif self.open_stale.pop(rec["finding"], None) is None:
            self.say(f"a second end of stale_store {rec['finding']}")
        elif rec["stored_ns"] > rec["ts_ns"]:
            self.say("the stale cache ends before it was stored")
        else:
            stored = [self.record[s] for s in found["evidence"] if s in self.record]
            if rec["stored_ns"] not in [r.get("end_ns") for r in stored]:
                self.say("stored_ns is not when a rebuild in evidence ended")

    def on_directory(self, rec):
        key = (rec["dir"]["dev"], rec["dir"]["ino"], rec["kind"])
        # a number that came back is another directory
        self.directories.setdefault(key, []).append(rec)
        if not rec["readdirs"]:
            self.say("a directory that was not listed")
        if rec["hits"] + rec["rebuilds"] > rec["readdirs"]:
            self.say("more hits and rebuilds than readdirs")
        if rec["listings"] > rec["readdirs"] or rec["cold"] > rec["rebuilds"]:
            self.say("more listings than readdirs, or more cold rebuilds than rebuilds")
        if rec["max_rebuild_ns"] > rec["rebuild_ns"] or (rec["lock_held_ns"] or 0) > rec["rebuild_ns"]:
            self.say("a part of the rebuilds' time is longer than the whole")
        rebuilds = sum(r["count"] for r in rec["rebuilders"]) + rec["rebuilders_others"]
        if rebuilds != rec["rebuilds"]:
            self.say(f"rebuilds is {rec['rebuilds']}, its tasks have {rebuilds}")
        if sum(r["ns"] for r in rec["rebuilders"]) > rec["rebuild_ns"]:
            self.say("the tasks' rebuilds are longer than all rebuilds")
        unseen = [rec[k] is None for k in ("modifications", "invalidations", "invalidators_others")]
        if any(unseen) != all(unseen):
            self.say("invalidations are seen only in part")
        if rec["invalidations"] is not None:
            outdated = sum(i["count"] for i in rec["invalidations"]) + rec["invalidators_others"]
            if outdated > rec["modifications"]:
                self.say("more invalidations than modifications")

    def directory_counts(self, counts):
        """Each readdir is in the record of its directory, or untold."""
        if "unreported_readdirs" not in counts:
            if self.directories:
                self.say("directory records, but no count of what is in none")
            return
        untold, told, seen = counts["unreported_readdirs"], 0, 0
        for kind, prefix in (("impure", ""), ("merged", "merged_")):
            recs = [r for (_, _, k), v in self.directories.items() if k == kind for r in v]
            readdirs, hits = counts[prefix + "readdirs"], counts[prefix + "hits"]
            if readdirs is None:
                if recs:
                    self.say(f"counts.{prefix}readdirs is null, but {kind} directories have records")
                continue
            told += sum(r["readdirs"] for r in recs)
            seen += readdirs
            got = sum(r["hits"] for r in recs)
            if got > hits or (not untold and got != hits):
                self.say(f"counts.{prefix}hits is {hits}, but {got} are in the records")
            got = sum(r["rebuilds"] for r in recs)
            whole = not untold and not self.part and not counts["lost"] and not counts.get("partial_rebuilds")
            if kind == "impure" and whole and counts["rebuilds"] not in (None, got):
                self.say(f"counts.rebuilds is {counts['rebuilds']}, but directories had {got}")
        if told + untold != seen:
            self.say(f"{seen} readdirs are counted, but {told} are in the records and {untold} untold")

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
            told = counts.get(name)
            if name not in counts:
                if n or name not in ADDED_COUNTS:
                    self.say(f"counts.{name} is missing")
                continue
            if told is None and n:
                self.say(f"counts.{name} is null, but {n} are in the records")
            if told is None or told == n:
                continue
            # rebuilds that were not seen whole have no record
            if told > n and name in ("windows", "mods", "stores") and (
                    partial or self.count["lost"] or (self.part and name == "stores")):
                continue
            self.say(f"counts.{name} is {told}, but {n} are in the records")
        self.directory_counts(counts)
        self.verdict(rec)
        if self.session and rec["duration_ns"] > rec["ts_ns"] - self.session["ts_ns"]:
            self.say("duration_ns is longer than from the session to the summary")

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
