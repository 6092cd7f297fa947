#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judges the rows of the kernel matrix, and writes its table.

usage: judge.py [--table FILE] [--skipped ROW]... RESULTS ROW...

A row is right if every count of every trace is the truth where the tracer says
that it sees all; and if a trace that is not the truth, for whatever reason, is
never called clean.
"""
import json
import os
import re
import subprocess
import sys

VALIDATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "schema", "validate.py")
RUNS = ["race-wide", "empty-wide", "race", "many", "cold", "alternate"]
DEFECTS = ["stale_stores", "unfreed_caches", "stale_impure_clears"]
SPLAT = "124"  # of vm.sh; the guest may have gone on
UNFREED = re.compile(r"the cache (0x[0-9a-f]+)")
STATUS = {"clean": 0, "findings": 1, "inconclusive": 3}
EVENTS = ["rebuild_begin", "content_read", "lock_dropped", "lock_retaken", "cache_stored",
          "cache_freed", "impure_cleared", "dir_modified", "dir_operation", "inode_destroyed"]


class Run:
    """A trace and the truth about it."""

    def __init__(self, directory, label):
        self.label = label
        self.path = f"{directory}/{label}.jsonl"
        with open(self.path, encoding="utf-8") as f:
            records = [json.loads(line) for line in f]
        self.session, self.summary = records[0], records[-1]
        if self.summary["type"] != "summary":
            raise ValueError(f"{label}: no summary")
        self.verdict = self.summary["verdict"]
        self.counts = self.summary["counts"]
        self.unfreed = {UNFREED.search(r["text"]).group(1) for r in records
                        if r["type"] == "finding" and r["kind"] == "unfreed_cache"}
        with open(f"{directory}/{label}.truth", encoding="utf-8") as f:
            self.truth = {name: int(value) for name, value in map(str.split, f)}
        self.status = self.truth.pop("status")

    def differences(self):
        return [f"{name} {self.counts.get(name)}, truly {value}"
                for name, value in self.truth.items() if self.counts.get(name) != value]

    def problem(self, complete):
        """What is wrong with it, or None."""
        differences = self.differences()
        if self.status != STATUS.get(self.verdict):
            return f"status {self.status}, verdict {self.verdict}"
        if self.counts["lost"] or not complete:
            if self.verdict == "clean":
                return "clean, though not all was seen"
        elif differences:
            return "; ".join(differences)
        elif self.truth and self.verdict != ("findings" if any(map(self.truth.get, DEFECTS)) else "clean"):
            return f"verdict {self.verdict}, truly {self.truth}"
        if not self.truth and self.verdict != "clean":
            return f"verdict {self.verdict} on Debian's own overlayfs"
        if self.label == "alternate" and not self.counts["lost"] and self.counts["rebuilds"] != 23:
            return f"{self.counts['rebuilds']} rebuilds of 23"
        if differences and self.verdict == "clean":
            return "clean, though not the truth"
        return None


class Row:
    def __init__(self, results, name):
        self.name = name
        self.directory = f"{results}/{name}"
        self.problems = []
        self.leaks = None
        with open(f"{self.directory}/row", encoding="utf-8") as f:
            self.kernel, self.variant, self.options, status = f.read().split("\n")[:4]
        self.runs, self.doctor, self.release = [], {}, self.kernel
        if status == SPLAT:
            self.problems.append("its kernel complained, see console.log")
        elif status != "0":
            self.problems.append(f"the machine ended with status {status}")
            return
        try:
            self.release = self.read("release")
            self.doctor = json.loads(self.read("doctor.json"))
            self.runs = [Run(self.directory, label) for label in RUNS]
        except (OSError, ValueError) as e:
            self.problems.append(str(e))
            return
        self.judge()

    def read(self, name):
        with open(f"{self.directory}/{name}", encoding="utf-8") as f:
            return f.read().strip()

    def judge(self):
        wanted = "absent" if self.variant in ("debian", "stock") else "present"
        # in a build that inlines nothing the lock may be released by anybody's helper
        if self.doctor["lock_drop"] not in (wanted, "unknown"):
            self.problems.append(f"lock drop {self.doctor['lock_drop']}, truly {wanted}")
        if "retbleed=stuff" in self.options and "Stuffing" not in self.read("retbleed"):
            self.problems.append("call-depth tracking is not in use: " + self.read("retbleed"))
        if "preempt=full" in self.options and "(full)" not in self.read("preempt"):
            self.problems.append("not preemptible: " + self.read("preempt"))
        promised, kept = self.read("doctor-status"), self.read("run-status")
        if promised != kept:
            self.problems.append(f"doctor ends with {promised}, an idle run with {kept}")
        for run in self.runs:
            problem = run.problem(self.doctor["complete"])
            if problem:
                self.problems.append(f"{run.label}: {problem}")
        self.judge_leaks()
        done = subprocess.run(["/usr/bin/python3", VALIDATE] + [run.path for run in self.runs],
                              capture_output=True, text=True, check=False)
        if done.returncode:
            self.problems.append("records: " + (done.stdout + done.stderr).strip().split("\n")[0])

    def boot_options(self):
        """Without what the machine alone needs."""
        options = re.sub(r"--(mem|timeout) \S+|--leaks|--append|--cpu", "", self.options)
        return " ".join(options.split()) or "-"

    def judge_leaks(self):
        """kmemleak, where the kernel has it, knows the caches that the traces call unfreed.

        It reports them, and no others; or it has them as allocated, but hidden by a pointer.
        """
        if not os.path.exists(f"{self.directory}/kmemleak"):
            return
        leaks = [line.split() for line in self.read("kmemleak").split("\n") if line]
        reported = {address for what, address in leaks if what == "cache"}
        hidden = {address for what, address in leaks if what == "hidden"}
        unfreed = set().union(*(run.unfreed for run in self.runs))
        self.leaks = (f"of {len(unfreed)} unfreed caches kmemleak reports {len(reported & unfreed)}"
                      f" and has {len(hidden & unfreed)} hidden by a pointer")
        if reported | hidden != unfreed or len(unfreed) != self.total("unfreed_caches"):
            self.problems.append(f"{self.leaks}; it reports {len(reported - unfreed)} others")
        other = sum(what == "other" for what, _ in leaks)
        if other:
            self.problems.append(f"kmemleak has {other} leaks that are not overlayfs's")

    def provider(self, event):
        seen = self.doctor.get("coverage", {}).get(event, {"provider": "none"})
        return seen["provider"] + (f" ({seen['confidence']})" if "confidence" in seen else "")

    def exact(self):
        if not self.runs:
            return "-"
        with_truth = [run for run in self.runs if run.truth]
        if not with_truth:
            return "no truth there"
        wrong = [run for run in with_truth if run.differences()]
        return "yes" if not wrong else f"no, in {len(wrong)} of {len(with_truth)}"

    def total(self, name):
        return sum(run.counts.get(name) or 0 for run in self.runs)

    def verdicts(self):
        seen = [run.verdict for run in self.runs]
        return ", ".join(f"{seen.count(v)} {v}" for v in sorted(set(seen))) or "-"


def text_table(head, lines):
    yield "| " + " | ".join(head) + " |"
    yield "| " + " | ".join("---" for _ in head) + " |"
    for line in lines:
        yield "| " + " | ".join(str(cell) for cell in line) + " |"


def write_table(path, rows):
    with open(path, "w", encoding="utf-8") as f:
        out = lambda lines: print("\n".join(lines), end="\n\n", file=f)  # noqa: E731
        out(["", f"{len(RUNS)} traces a row: {', '.join(RUNS)}."])
        out(text_table(
            ["row", "kernel", "variant", "boot options", "lock drop", "sees all", "rebuilds", "windows",
             "defects", "counts are the truth", "verdicts", "lost"],
            [[r.name, r.release, r.variant, r.boot_options(),
              r.doctor.get("lock_drop", "-"), "yes" if r.doctor.get("complete") else "no",
              r.total("rebuilds"), r.total("windows"), sum(map(r.total, DEFECTS)), r.exact(),
              r.verdicts(), r.total("lost")] for r in rows]))
        f.write("What each event is seen with (`ovltrace doctor --json`), and in which rows:\n\n")
        lines = []
        for event in EVENTS:
            providers = {}
            for r in rows:
                providers.setdefault(r.provider(event), []).append(r.name)
            most = max(providers, key=lambda p: len(providers[p]))
            for provider in sorted(providers, key=lambda p: p != most):
                where = "all" if len(providers) == 1 else \
                    "the others" if provider == most else ", ".join(providers[provider])
                lines.append([f"`{event}`", provider, where])
        print("\n".join(text_table(["event", "provider", "rows"], lines)), file=f)
        f.write("\n")


def main(argv):
    table, skipped = None, []
    while argv[0].startswith("--"):
        if argv[0] == "--table":
            table = argv[1]
        else:
            skipped.append(argv[1])
        argv = argv[2:]
    rows = [Row(argv[0], name) for name in argv[1:]]
    for r in rows:
        if r.problems:
            print(f"not ok {r.name}: " + " / ".join(r.problems))
        else:
            print(f"ok {r.name}: {r.release} {r.variant}: {r.total('rebuilds')} rebuilds,"
                  f" {r.total('windows')} windows, {sum(map(r.total, DEFECTS))} defects,"
                  f" counts are the truth: {r.exact()}; {r.verdicts()}; lost {r.total('lost')}"
                  + (f"; {r.leaks}" if r.leaks else ""))
    for name in skipped:
        print(f"ok {name} # SKIP the mirror has this kernel no more")
    if table:
        write_table(table, rows)
    failed = sum(1 for r in rows if r.problems)
    print(f"{len(rows) - failed} passed, {failed} failed, {len(skipped)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
