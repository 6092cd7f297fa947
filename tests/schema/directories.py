# SPDX-License-Identifier: GPL-2.0-only
"""Directory records of "ovltrace/1": each adds up, and all of them give the counts."""


class Directories:
    """Of a file; see validate.File for the members."""

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
        if "rebuild_times" in rec:
            self.on_times(rec)
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

    def on_times(self, rec):
        """The histogram has each rebuild once, and agrees with their total and longest time."""
        times = rec["rebuild_times"]
        from_us = [t["from_us"] for t in times]
        if from_us != sorted(set(from_us)) or any(us & (us - 1) for us in from_us):
            self.say("buckets of rebuild times are not rising powers of two")
        if sum(t["count"] for t in times) != rec["rebuilds"]:
            self.say(f"rebuilds is {rec['rebuilds']}, the histogram has {sum(t['count'] for t in times)}")
        if sum(t["count"] * t["from_us"] for t in times) > rec["rebuild_ns"] / 1000:
            self.say("the rebuilds of the histogram are longer than all rebuilds")
        longest = rec["max_rebuild_ns"] // 1000
        if times and not from_us[-1] <= longest < (from_us[-1] * 2 or 1) and from_us[-1] < 4194304:
            self.say("the longest rebuild is not in the last bucket of the histogram")

    def directory_counts(self, counts):
        """Each readdir is in the record of its directory, or counted as unreported."""
        if "unreported_readdirs" not in counts:
            if self.directories:
                self.say("directory records, but no count of what is in none")
            return
        unreported, recorded, seen = counts["unreported_readdirs"], 0, 0
        for kind, prefix in (("impure", ""), ("merged", "merged_")):
            recs = [r for (_, _, k), v in self.directories.items() if k == kind for r in v]
            readdirs, hits = counts[prefix + "readdirs"], counts[prefix + "hits"]
            if readdirs is None:
                if recs:
                    self.say(f"counts.{prefix}readdirs is null, but {kind} directories have records")
                continue
            recorded += sum(r["readdirs"] for r in recs)
            seen += readdirs
            got = sum(r["hits"] for r in recs)
            if got > hits or (not unreported and got != hits):
                self.say(f"counts.{prefix}hits is {hits}, but {got} are in the records")
            got = sum(r["rebuilds"] for r in recs)
            whole = not unreported and not self.part and not counts["lost"] and not counts.get("partial_rebuilds")
            if kind == "impure" and whole and counts["rebuilds"] not in (None, got):
                self.say(f"counts.rebuilds is {counts['rebuilds']}, but directories had {got}")
        if recorded + unreported != seen:
            self.say(f"{seen} readdirs are counted, but {recorded} are in the records and {unreported} unreported")
