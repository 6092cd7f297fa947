#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Whether each command named the right container, path and cause, of those of guest-podman.sh.

usage: podman.py DIRECTORY

Writes a line for each check.
"""
import json
import os
import re
import sys

OWNERS = ("root", "alice")
NAMES = ("slow", "wrong", "quiet")


def check(name, want, got):
    print(f"ok {name}" if want == got else f"not ok {name}: wanted {want!r}, got {got!r}")


def some(name, found):
    print(f"ok {name}: {len(found)}" if found else f"not ok {name}: none")


class Said:
    """what the commands wrote, and the containers as podman knows them"""

    def __init__(self, directory):
        self.directory = directory
        self.container, self.cgroup = {}, {}
        for line in self.lines("containers"):
            owner, name, number, cgroup = line.split()
            self.container[owner, name] = "podman " + number[:12]
            self.cgroup[owner, name] = cgroup
        self.status = dict(line.split() for line in self.lines("status"))

    def text(self, name):
        with open(os.path.join(self.directory, name), encoding="utf-8") as f:
            return f.read()

    def lines(self, name):
        return self.text(name).splitlines()

    def report(self, name):
        return json.loads(self.text(name))

    def records(self, name, kind):
        return [r for r in map(json.loads, self.lines(name)) if r["type"] == kind]

    def names(self, what):
        return {self.container[owner, what] for owner in OWNERS}


def podman(said):
    for owner in OWNERS:
        listed = {(line.split()[0], line.split()[-1]) for line in said.lines(f"ps-{owner}")[1:]}
        check(f"podman ps of {owner} has its containers",
              {(said.container[owner, n].split()[1], n) for n in NAMES}, listed)
        mount = said.text(f"mount-{owner}")
        check(f"{owner}: overlayfs, rootless or not", [True, owner != "root"],
              [" overlay " in mount, "userxattr" in mount])


def rows(said, name):
    """pairs of a directory's numbers and its tasks"""
    lines = said.lines(name)
    begin = next((i for i, line in enumerate(lines) if line.endswith(" PATH")), len(lines)) + 1
    return list(zip(lines[begin::2], lines[begin + 1::2]))


def rows_of(said, name, path):
    """what stands below such a directory: the host's path, or that in a mount namespace"""
    return [tasks for numbers, tasks in rows(said, name)
            if re.search(path + r"( in mount namespace \d+)?$", numbers)]


def by_whom(tasks):
    return set(re.findall(r"podman [0-9a-f]{12}", tasks))


def causes(tasks):
    """of each container in a row: who rebuilds, who invalidates"""
    parts = re.match(r" *rebuilt by (\S+) .*?(?:; invalidated by (\S+) .* (\S+) \d+)?(?:; no cache \d+)?$", tasks)
    return (parts[1], parts[2], parts[3]) if parts else tasks


def top(said):
    for path, cause in (("/big", ("ls", None, None)), ("/busy", ("ls", "mv", "rename"))):
        found = rows_of(said, "top", path)
        check(f"top: {path}, of two containers", [{c} for c in sorted(said.names("slow"))],
              sorted(map(by_whom, found), key=sorted))
        check(f"top: {path}: who rebuilds, and who invalidates", {cause}, set(map(causes, found)))
    check("top: the two costliest directories", True,
          all(re.search("/(big|busy)( |$)", numbers) for numbers, _ in rows(said, "top")[:2]))
    first = said.lines("top")[0]
    check("top: the first line names one of them", [True, True],
          [bool(re.search("/(big|busy)[, ]", first)), bool(by_whom(first) & said.names("slow"))])
    found = [by_whom(line) for line in said.lines("top-by-container")[1:] if " podman " in line]
    check("top --by container: the slow ones first", said.names("slow"), set().union(*found[:2]))
    check("top --by container: not those that sleep", set(), said.names("quiet") & set().union(*found))


def slow(said):
    report = said.report("slow.json")
    for path, kind, rebuilt in (("/big", "merged", "no_cache"), ("/busy", "impure", "outdated")):
        found = [r for r in report["listings"] if r["dir"]["path"].endswith(path) and r["rebuilt"]]
        check(f"slow: {path}, by ls of their containers", {("ls", c, kind) for c in said.names("slow")},
              {(r["task"]["comm"], r["task"]["container"], r["kind"]) for r in found})
        check(f"slow: {path}: why it is rebuilt", {rebuilt}, {r["rebuilt"] for r in found[1:]})
        if rebuilt == "outdated":
            check(f"slow: {path}: by whom it is outdated", {("mv", c, "rename") for c in said.names("slow")},
                  {(r["outdated_by"]["task"]["comm"], r["outdated_by"]["task"]["container"],
                    r["outdated_by"]["op"]) for r in found if r["outdated_by"]})
        else:
            check(f"slow: {path}: the upper layer and those of the image", {3}, {r["layers"] for r in found})
    slowest = max(report["listings"], key=lambda r: r["total_ns"])
    check("slow: the slowest is one of them", True, slowest["task"]["container"] in said.names("slow"))
    check("slow: no listing by those that sleep", [],
          [r for r in report["listings"] if r["task"]["container"] in said.names("quiet")])
    first = said.lines("slow.txt")[0]
    check("slow: the first line names one of them", [True, True],
          [bool(re.search("/(big|busy)[, ]", first)), bool(by_whom(first) & said.names("slow"))])


def is_wrong_path(path):
    return bool(re.search(r"/D\d+$", path))


def run(said):
    found = said.records("run.jsonl", "finding")
    check("run: status", "1", said.status["run"])
    check("run: hard links that do not invalidate caches, by ln", {("missed_invalidation", "ln", True)},
          {(f["kind"], f["task"]["comm"], is_wrong_path(f["dir"]["path"])) for f in found})
    check("run: in root's container", {said.cgroup["root", "wrong"]},
          {f["task"]["cgroup_path"] for f in found})


def differences(said, tree):
    """of a tree of `audit --listings`: names of directories, and what is wrong there"""
    return {(re.sub(r".*/(D\d*|[^/]*)$", lambda m: re.sub(r"\d+", "", m[1]), d["path"]),
             x["kind"], x["name"], x["cause"])
            for d in tree["directories"] for x in d["differences"]}


def listings(said):
    report = said.report("listings.json")
    trees = {t["container"]: t for t in report["trees"]}
    check("audit --listings: status", "1", said.status["listings.json"])
    check("audit --listings: an overlay for each container", set(said.container.values()), set(trees))
    for owner in OWNERS:
        wrong = trees.get(said.container[owner, "wrong"])
        check(f"audit --listings: {owner}: rootless", owner != "root", wrong["rootless"])
        check(f"audit --listings: {owner}: what is wrong, and why", WRONG[owner], differences(said, wrong))
        for name in ("slow", "quiet"):
            check(f"audit --listings: {owner}: {name}: nothing", set(),
                  differences(said, trees[said.container[owner, name]]))


def audit(said):
    report = said.report("audit.json")
    mounts = {m["container"]: m for m in report["mounts"]}
    check("audit: an overlay for each container", set(said.container.values()), set(mounts))
    wrong = {(c, is_wrong_path(d["path"])) for c, m in mounts.items() for d in m["directories"]
             if d["verdict"] == "wrong"}
    check("audit: wrong caches", {(said.container["root", "wrong"], True)}, wrong)


def filtered(said, owner, name):
    who, path = f"{owner}: {name}", f"{owner}-{name}"
    tasks = set().union(*[by_whom(t) for _, t in rows(said, f"top-{path}")])
    mine = {said.container[owner, name]}
    if name == "quiet":
        check(f"top --container: {who}: nothing", set(), tasks)
    else:
        check(f"top --container: {who}", mine, tasks)
    found = said.report(f"slow-{path}.json")["listings"]
    check(f"slow --container: {who}", mine if name == "slow" else set(),
          {r["task"]["container"] for r in found if name == "slow" or "/b" in r["dir"]["path"]})
    trees = said.report(f"listings-{path}.json")["trees"]
    check(f"audit --listings --container: {who}", mine, {t["container"] for t in trees})
    finds = (owner, name) == ("root", "wrong")
    for way in ("container",) if name == "quiet" else ("container", "cgroup"):
        of = f"run-{way}-{path}"
        check(f"run --{way}: {who}: status", "1" if finds else "0", said.status[of])
        findings = said.records(of + ".jsonl", "finding")
        check(f"run --{way}: {who}: its findings alone", {said.cgroup[owner, name]} if finds else set(),
              {f["task"]["cgroup_path"] for f in findings})
        rebuilt = said.records(of + ".jsonl", "rebuild")
        of_whom = set() if name == "quiet" else {said.cgroup[owner, name]}
        check(f"run --{way}: {who}: its rebuilds alone", of_whom, {r["task"]["cgroup_path"] for r in rebuilt})
        tables = said.records(of + ".jsonl", "directory")
        check(f"run --hits --{way}: {who}: its directories alone", of_whom,
              {r["task"]["cgroup_path"] for d in tables for r in d["rebuilders"]})
        # the tables are read right before the probes of records are detached
        counted = sum(d["rebuilds"] for d in tables if d["kind"] == "impure")
        check(f"run --hits --{way}: {who}: as many rebuilds, or one less: {counted} of {len(rebuilt)}",
              True, len(rebuilt) - 1 <= counted <= len(rebuilt))


# `D`: a hard link in a fresh impure directory; `o`: a whiteout with nothing below. In the rootless
# mount a link has a number of its own, in the list and for statx() alike.
WRONG = {
    "root": {("D", "ino", "link", "hard_link"), ("o", "phantom", "gone", "whiteout")},
    "alice": {("o", "phantom", "gone", "whiteout")},
}


def main():
    said = Said(sys.argv[1])
    podman(said)
    top(said)
    slow(said)
    run(said)
    listings(said)
    audit(said)
    for owner in OWNERS:
        for name in NAMES:
            filtered(said, owner, name)


main()
