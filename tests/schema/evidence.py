# SPDX-License-Identifier: GPL-2.0-only
"""Findings of "ovltrace/1": the records in evidence show the defect."""
import os
import re

FINDINGS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "../../src/record/findings.def")
# incidents that do not have their finding's name
INCIDENTS = {
    "impure_cache_stored": "kind_mix",
    "merged_cache_freed": "kind_mix",
    "merged_cache_served": "kind_mix",
    "impure_cache_served": "kind_mix",
    "listed_as_real": "kind_mix",
    "locked_lookup": "lock_hazard",
}


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


def same_dir(a, b):
    return (a["dir"]["dev"], a["dir"]["ino"]) == (b["dir"]["dev"], b["dir"]["ino"])


class Evidence:
    """Of a file's findings; see validate.File for the members."""

    def on_finding(self, rec):
        self.record[rec["seq"]] = rec
        if rec.get("at_ns", 0) > rec["ts_ns"]:
            self.say("a finding that is reported before it happens")
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
        named = re.search(r"cache (0x[0-9a-f]+)", rec["text"])
        known = {r.get(k) for r in rebuilds for k in ("cache", "slot_before")}
        if named and rebuilds and named.group(1) not in known:
            self.say(f"the cache {named.group(1)} is in no rebuild in evidence")

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
