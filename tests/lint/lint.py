#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: lint.py BUILD_DIR [ROOT]

Checks the rules of the source tree; docs/testing.md lists them. Layers and purity
are read from the #includes and from the objects in BUILD_DIR. There is no list of
exceptions. Prints one line a check, and the violations.
"""
import collections
import os
import re
import subprocess
import sys

import bpf_locks

# A room uses only rooms on lines below its own.
LAYERS = ["cmd", "check audit doctor", "session replay perform", "sink", "probe", "model",
          "plan detect explore", "code", "record", "util"]
RANK = {room: i for i, line in enumerate(LAYERS) for room in line.split()}
PURE = {"model", "plan", "detect", "explore", "code", "record"}
KNOWS_LIBBPF = {"probe", "audit"}
LIBBPF = re.compile(r"(lib)?bpf_|btf_|ring_buffer__|perf_buffer__|user_ring_buffer__")
# What a pure room may ask of libc: memory, strings, numbers, sorting. abort is assert's.
LIBC = re.compile(
    r"(mem\w+|str(?!error|signal|ftime|ptime)\w+|malloc|calloc|realloc|reallocarray|free|v?snprintf|"
    r"qsort|bsearch|abort|__assert_fail|__stack_chk_fail|__ctype_\w+|to(lower|upper)|isalnum|"
    r"__isoc\d+_strto\w+|l?l?abs|sqrt|round|ceil|floor|log2?|pow|_GLOBAL_OFFSET_TABLE_)$"
    r"|__(mem|str|snprintf|vsnprintf)\w*_chk$")
# The disassembler works in memory only.
DISASSEMBLES, CAPSTONE = re.compile(r"src/code/insn_\w+\.c$"), re.compile(r"cs_\w+$")
# The only file that includes uthash.h: it keeps an insert without memory from exiting.
HASH = "src/util/hash.h"
MAX_LINES, MAX_PARAMETERS, MAX_COLUMNS = 400, 5, 100


def files_of_git(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"],
                            capture_output=True, text=True, check=True).stdout.split("\n")
    return [f for f in listed if f and os.path.isfile(os.path.join(root, f))]


def files_of_tarball(build, root):
    for at, dirs, names in os.walk(root):
        dirs[:] = [d for d in dirs if d != "__pycache__" and
                   os.path.realpath(os.path.join(at, d)) != os.path.realpath(build)]
        yield from (os.path.relpath(os.path.join(at, n), root) for n in names)


class Tree:
    def __init__(self, build, root):
        self.build, self.root = build, root
        git = os.path.exists(os.path.join(root, ".git"))
        self.files = sorted(files_of_git(root) if git else files_of_tarball(build, root))

    def read(self, name):
        with open(os.path.join(self.root, name), encoding="utf-8", errors="replace") as f:
            return f.read()

    def path(self, name):
        return os.path.join(self.root, name)

    def having(self, *suffixes, under=""):
        return [f for f in self.files if f.endswith(suffixes) and f.startswith(under)]

    def objects(self):
        """(source, room, defined symbols, undefined symbols) of each source in src/."""
        for source in self.having(".c", ".cc", under="src/"):
            name = os.path.splitext(source)[0][len("src/"):]
            path = os.path.join(self.build, name + ".o")
            if not os.path.exists(path):
                yield source, room_of(source), None, None
                continue
            # gcc-nm reads objects for link-time optimization, too
            out = subprocess.run([os.environ.get("NM", "gcc-nm"), "-P", path],
                                 capture_output=True, text=True, check=True).stdout
            defined, undefined = set(), set()
            for line in out.splitlines():
                symbol, kind = line.split()[:2]
                if kind in "Uw":
                    undefined.add(symbol)
                elif kind.isupper():
                    defined.add(symbol)
            yield source, room_of(source), defined, undefined


def room_of(source):
    return source.split("/")[1]


def may_use(room, other):
    return room == other or RANK[room] < RANK[other]


def layers_of_includes(tree):
    for f in tree.having(".c", ".h", ".cc", ".def", under="src/"):
        room = room_of(f)
        if room not in RANK:
            yield f"{f}: src/{room}/ is no room"
            continue
        for kind, name in re.findall(r'^#include ([<"])([^">]+)', tree.read(f), re.M):
            if name == "uthash.h" and f != HASH:
                yield f"{f}: includes uthash.h, which exits without memory: use util/hash.h"
            elif name.endswith(".skel.h") or name.startswith("bpf/"):
                if room not in KNOWS_LIBBPF:
                    yield f"{f}: includes {name}: only probe and audit know libbpf"
            elif kind == '"' and not name.startswith("ovltrace/"):
                other = name.split("/")[0]
                if "/" not in name or other not in RANK:
                    yield f'{f}: "{name}" is not "room/file.h"'
                elif not may_use(room, other):
                    yield f"{f}: {room} includes {name}"
                elif room != other and name.endswith("internal.h"):
                    yield f"{f}: includes {name}, which is {other}'s own"


def layers_of_objects(tree):
    objects = list(tree.objects())
    home = {s: room for _, room, defined, _ in objects for s in defined or ()}
    for source, room, defined, undefined in objects:
        if defined is None:
            yield f"{source}: has no object in {tree.build}"
            continue
        for s in sorted(undefined):
            if s in home and not may_use(room, home[s]):
                yield f"{source}: {room} uses {s} of {home[s]}"
            elif s not in home and LIBBPF.match(s) and room not in KNOWS_LIBBPF:
                yield f"{source}: uses {s}: only probe and audit know libbpf"


def loops_in_objects(tree):
    """The files of the model call each other in one direction."""
    objects = [o for o in tree.objects() if o[1] == "model" and o[2] is not None]
    home = {s: source for source, _, defined, _ in objects for s in defined}
    uses = collections.defaultdict(set)
    for source, _, _, undefined in objects:
        uses[source] = {home[s] for s in undefined if s in home} - {source}
    while uses:
        ends = [f for f in uses if not uses[f] & uses.keys()]
        if not ends:
            break
        for f in ends:
            del uses[f]
    # what only uses files of a loop is not in it
    while True:
        tops = [f for f in uses if not any(f in u for u in uses.values())]
        if not tops:
            break
        for f in tops:
            del uses[f]
    for f in sorted(uses):
        yield f"{f}: in a loop with {', '.join(sorted(uses[f] & uses.keys()))}"


def purity(tree):
    objects = list(tree.objects())
    ours = {s for _, _, defined, _ in objects for s in defined or ()}
    for source, room, _, undefined in objects:
        if room in PURE:
            for s in sorted((undefined or set()) - ours):
                if not LIBC.match(s) and not (DISASSEMBLES.match(source) and CAPSTONE.match(s)):
                    yield f"{source}: {room} is pure, but uses {s}"


def sizes(tree):
    for f in tree.having(".c", ".h", ".cc", ".def", ".py", ".sh"):
        n = tree.read(f).count("\n")
        if n > MAX_LINES:
            yield f"{f}: {n} lines, more than {MAX_LINES}"


def columns(tree):
    """Of prose. A row of a table is one line, and code blocks stay as they are."""
    for f in tree.having(".md"):
        code = False
        for n, line in enumerate(tree.read(f).split("\n"), 1):
            code ^= line.startswith("```")
            if len(line) > MAX_COLUMNS and not code and not line.startswith("|"):
                yield f"{f}:{n}: {len(line)} columns, more than {MAX_COLUMNS}"


def without_comments(text):
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
    return re.sub(r'"(\\.|[^"\\])*"', '""', text)


def count_parameters(text, at):
    """Of the list that begins after the parenthesis before `at`."""
    depth, commas = 1, 0
    for c in text[at:]:
        depth += c in "([{"
        depth -= c in ")]}"
        if not depth:
            return commas + 1
        commas += depth == 1 and c == ","
    return 0


def parameters(tree):
    for f in tree.having(".c", ".h", ".cc"):
        text = without_comments(tree.read(f))
        for m in re.finditer(r"^[A-Za-z_][\w \t*]*?\**\b([a-z]\w*)\(", text, re.M):
            n = count_parameters(text, m.end())
            if n > MAX_PARAMETERS:
                yield f"{f}: {m.group(1)}() has {n} parameters, more than {MAX_PARAMETERS}"


def licences(tree):
    data = re.compile(r"\.(md|json|jsonl)$|^LICENSE$|^debian/(changelog|source/format)$|^tests/unit/fixtures/|^tests/golden/(want/|.*\.gz$)")
    for f in tree.files:
        if not data.search(f):
            head = "\n".join(tree.read(f).split("\n")[:5])
            if not re.search(r"SPDX-License-Identifier: GPL-2\.0-only\b", head):
                yield f"{f}: no SPDX-License-Identifier: GPL-2.0-only in its first lines"


def merges(tree):
    for f in tree.files:
        if not f.endswith(".gz"):
            for n, line in enumerate(tree.read(f).split("\n"), 1):
                if re.match(r"(<{7}|>{7}|\|{7}) ", line):
                    yield f"{f}:{n}: a conflict of a merge is not resolved"


def tool(command, tree, files):
    if not files:
        return
    done = subprocess.run(["xargs", "-0", "-P2", "-n", "20"] + command, cwd=tree.root, text=True,
                          input="\0".join(files), capture_output=True, check=False)
    if done.returncode:
        yield from (done.stdout + done.stderr).strip().split("\n")[:60]


def formatting(tree):
    yield from tool(["clang-format", "--dry-run", "--Werror"], tree, tree.having(".c", ".h", ".cc"))


def shell(tree):
    files = [f for f in tree.files
             if f.endswith(".sh") or re.match(r"#!.*\b(ba)?sh\b", tree.read(f)[:40])]
    yield from tool(["shellcheck", "-S", "warning"], tree, files)


def locks(tree):
    yield from bpf_locks.violations(tree.build)


def hardening(tree):
    """What a program needs that runs as root on input of others."""
    program = os.path.join(tree.build, "ovltrace")
    elf = subprocess.run(["readelf", "-W", "-h", "-l", "-d", "-s", program],
                         capture_output=True, text=True, check=True).stdout
    for what, pattern in [("position-independent", r"Flags:.*\bPIE\b"),
                          ("linked with -z relro", r"\bGNU_RELRO\b"),
                          ("linked with -z now", r"Flags:.*\bNOW\b"),
                          ("without an executable stack", r"\bGNU_STACK .*\bRW\b"),
                          ("compiled with a stack protector", r"\b__stack_chk_fail\b"),
                          ("compiled with _FORTIFY_SOURCE", r"\b__s?n?printf_chk\b")]:
        if not re.search(pattern, elf):
            yield f"{program}: is not {what}"


def units(tree):
    """The exposure of a unit, in tenths."""
    for f in tree.having(".service"):
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager",
                               "--threshold=30", tree.path(f)], capture_output=True, text=True,
                              check=False)
        if done.returncode:
            said = (done.stdout + done.stderr).strip().split("\n")
            yield f"{f}: more exposed than 3.0, or wrong: {said[-1]}"


CHECKS = [("layers, by #include", layers_of_includes), ("layers, by symbols", layers_of_objects),
          ("model without a loop", loops_in_objects), ("purity", purity),
          ("at most 400 lines a file", sizes), ("at most 5 parameters", parameters),
          ("at most 100 columns of prose", columns), ("licences", licences),
          ("no conflicts of merges", merges), ("BPF programs without locks", locks),
          ("hardening", hardening), ("units", units), ("clang-format", formatting),
          ("shellcheck", shell)]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    tree = Tree(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else top)
    only = os.environ.get("LINT", "")
    failed = passed = 0
    for name, check in CHECKS:
        if only not in name:
            continue
        wrong = list(check(tree))
        for line in wrong:
            print(f"# {line}")
        print(f"{'not ok' if wrong else 'ok'} lint: {name}")
        failed += bool(wrong)
        passed += not wrong
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
