# SPDX-License-Identifier: GPL-2.0-only
"""Edits pristine sources of overlayfs into a variant.

usage: python3 edit [--no-truth] VARIANT DIR     edits DIR/readdir.c and DIR/dir.c in
                                                 place, and copy_up.c for `late` variants
       python3 edit --list                       names the variants, one a line

Code is found by its text. An anchor must occur exactly once. If a kernel's text
differs, somebody has to read it.
"""
import re
import sys

import entries
import forms
import kinds
import readdir
from kernels import kernel_of
from source import EditError, Source
from variants import VARIANTS


def save(src):
    if re.search(r"^@", src.text, re.M):
        raise EditError("a line of the counters was left unresolved")
    src.save()


def make(variant, directory, truth):
    src = Source(f"{directory}/readdir.c", truth)
    readdir.edit(src, kernel_of(src), VARIANTS[variant])
    save(src)
    src = Source(f"{directory}/dir.c", truth)
    entries.edit(src, VARIANTS[variant])
    save(src)
    if VARIANTS[variant].get("shared"):
        for name, edit in (("ovl_entry.h", forms.edit_inode), ("super.c", forms.edit_super)):
            src = Source(f"{directory}/{name}", truth)
            edit(src)
            save(src)
    if VARIANTS[variant].get("late"):
        copy_up = Source(f"{directory}/copy_up.c", truth)
        kinds.edit_late_flag(copy_up)
        save(copy_up)


def main(argv):
    if argv == ["--list"]:
        print("\n".join(VARIANTS))
        return 0
    truth = "--no-truth" not in argv
    args = [a for a in argv if a != "--no-truth"]
    if len(args) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    variant, directory = args
    if variant not in VARIANTS:
        print(f"edit: variant '{variant}': unknown\n  one of: {' '.join(VARIANTS)}", file=sys.stderr)
        return 2
    try:
        make(variant, directory, truth)
    except (EditError, OSError) as e:
        print(f"edit: variant '{variant}': {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
