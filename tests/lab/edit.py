#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes a variant of overlayfs out of pristine sources.

usage: edit.py [--no-truth] VARIANT DIR     edits DIR/readdir.c in place
       edit.py --list                       names the variants, one a line

Code is found by its text. An anchor that does not occur exactly once is an
error: a kernel that looks different must be looked at, not guessed at.

In the replacements below a line that begins with '@' belongs to the counters of
truth and is left out with --no-truth. What is left then is the bare variant,
which check-inlining.sh compares with the counted one.
"""
import re
import sys

# What a variant consists of; the edits below look at these words only.
#   drop      lock released around the 'loop' or around each 'entry'
#   snapshot  stamp the version that was read, not the one at the store
#   free      how the slot is emptied after the read: 'null' (free, NULL, store),
#             'nonull' (free, store), 'swap' (store, then free the old one)
#   retry     read again if the directory changed, the last time under the lock
#   careful   clear the impure flag only if the directory did not change
#   posted    every lookup of an entry is unlocked, whether the lock was dropped or not
#   noinline  the four functions stay functions
FIXED = {"drop": "loop", "snapshot": True, "free": "null"}
VARIANTS = {
    "stock": {},
    "racy": {"drop": "loop"},
    "fixed": FIXED,
    "half-version": {"drop": "loop", "snapshot": True},
    "half-free": {"drop": "loop", "free": "null"},
    "free-nonull": {**FIXED, "free": "nonull"},
    "swap-free": {**FIXED, "free": "swap"},
    "retry": {**FIXED, "retry": True},
    "racy-noinline": {"drop": "loop", "noinline": True},
    "fixed-noinline": {**FIXED, "noinline": True},
    # overlay.sh builds these two with -fno-inline: not even inode_lock() is inlined
    "stock-outline": {},
    "racy-outline": {"drop": "loop"},
    "racy-nobtf": {"drop": "loop"},  # overlay.sh takes the .BTF section away
    "per-entry": {"drop": "entry"},
    "noclear": {**FIXED, "careful": True},
    # as the change was first posted: merged directories look up unlocked, too, under the lock
    "posted": {"drop": "loop", "posted": True},
}

COUNTERS = [
    "windows", "mods", "rebuilds", "listings", "stores", "stale_stores",
    "superseded_stores", "unfreed", "freed", "clears", "stale_clears",
]

RETRIES = 3


class EditError(Exception):
    pass


class Source:
    """A C file that is edited by its text."""

    def __init__(self, path, truth):
        self.path = path
        self.truth = truth
        with open(path, encoding="utf-8") as f:
            self.text = f.read()

    def _render(self, text):
        kept = []
        for line in text.splitlines(keepends=True):
            if line.startswith("@"):
                if not self.truth:
                    continue
                line = line[1:]
            kept.append(line)
        return "".join(kept)

    def replace(self, anchor, text):
        found = self.text.count(anchor)
        if found != 1:
            first = anchor.strip().splitlines()[0].strip()
            raise EditError(f"anchor '{first}': found {found} times in {self.path}, not once")
        self.text = self.text.replace(anchor, self._render(text))

    def after(self, anchor, text):
        self.replace(anchor, anchor + text)

    def before(self, anchor, text):
        self.replace(anchor, text + anchor)

    def save(self):
        with open(self.path, "w", encoding="utf-8") as f:
            f.write(self.text)


# --- the pieces of code ------------------------------------------------------

def truth_header():
    """Counters as read-only module parameters, and the knob.

    Plain compiler atomics on purpose: the kernel's own are inline assembly,
    which the inliner weighs differently.
    """
    lines = ["@#include <linux/delay.h>", "@", "@/* Counters of what really happened, for tests. */"]
    for name in COUNTERS:
        lines.append(f"@static unsigned long truth_{name};")
        lines.append(f"@module_param(truth_{name}, ulong, 0444);")
    lines += [
        "@static unsigned int truth_widen_us;",
        "@module_param(truth_widen_us, uint, 0644);",
        "@/* Without a call, so that the counted code calls what the bare code calls. */",
        "@#define truth_version(inode) (OVL_I(inode)->version)",
        "@#define truth_slot(inode) (OVL_I(inode)->cache)",
        "@#define TRUTH_ADD(name, n) __atomic_fetch_add(&truth_##name, (n), __ATOMIC_RELAXED)",
        "",
    ]
    return "\n".join(lines)


def drop(indent):
    return (
        f"@{indent}TRUTH_ADD(windows, 1);\n"
        f"{indent}inode_unlock(dir);\n"
        f"@{indent}if (truth_widen_us)\n"
        f"@{indent}\tusleep_range(truth_widen_us, truth_widen_us);\n"
    )


def retake(indent):
    return f"{indent}inode_lock(dir);\n"


# --- the edits, one for each function ----------------------------------------

def edit_cache_update(src, v):
    """A lookup that takes the parent's lock where the caller has let go of it."""
    src.replace(
        "static int ovl_cache_update(const struct path *path, struct ovl_cache_entry *p, bool update_ino)\n",
        "static int ovl_cache_update(const struct path *path, struct ovl_cache_entry *p, bool update_ino,\n"
        "\t\t\t    bool unlocked)\n")
    if v.get("posted"):
        src.replace("\tthis = lookup_one(mnt_idmap(path->mnt), p->name, dir, p->len);\n",
                    "\tthis = lookup_one_unlocked(mnt_idmap(path->mnt), p->name, dir, p->len);\n")
    else:
        src.replace(
            "\tthis = lookup_one(mnt_idmap(path->mnt), p->name, dir, p->len);\n",
            "\tif (unlocked)\n"
            "\t\tthis = lookup_one_unlocked(mnt_idmap(path->mnt), p->name, dir, p->len);\n"
            "\telse\n"
            "\t\tthis = lookup_one(mnt_idmap(path->mnt), p->name, dir, p->len);\n")
    src.replace(
        "ovl_cache_update(&file->f_path, p, !p->ino);",
        "ovl_cache_update(&file->f_path, p, !p->ino, false);")


def edit_read_impure(src, v):
    """The listing and the loop of lookups over it."""
    per_entry = v["drop"] == "entry"
    unlocked = "!keep_lock" if v.get("retry") else "true"
    if v.get("retry"):
        src.replace(
            "static int ovl_dir_read_impure(const struct path *path,  struct list_head *list,\n"
            "\t\t\t       struct rb_root *root)\n",
            "static int ovl_dir_read_impure(const struct path *path,  struct list_head *list,\n"
            "\t\t\t       struct rb_root *root, bool keep_lock)\n")
    src.replace(
        "\tstruct path realpath;\n\tstruct ovl_cache_entry *p, *n;\n",
        "\tstruct path realpath;\n"
        "\tstruct inode *dir = d_inode(path->dentry);\n"
        "\tstruct ovl_cache_entry *p, *n;\n")
    if per_entry:
        src.replace(
            "\t\t\terr = ovl_cache_update(path, p, true);\n"
            "\t\t\tif (err)\n"
            "\t\t\t\treturn err;\n",
            drop("\t\t\t") +
            "\t\t\terr = ovl_cache_update(path, p, true, true);\n" +
            retake("\t\t\t") +
            "\t\t\tif (err)\n"
            "\t\t\t\treturn err;\n")
        return
    open_window, close_window = drop("\t"), retake("\t")
    if v.get("retry"):
        open_window = "\tif (!keep_lock) {\n" + drop("\t\t") + "\t}\n"
        close_window = "\tif (!keep_lock) {\n" + retake("\t\t") + "\t}\n"
    src.before("\tlist_for_each_entry_safe(p, n, list, l_node) {\n\t\tif (strcmp(p->name, \".\") != 0 &&\n",
               open_window)
    src.replace(
        "\t\t\terr = ovl_cache_update(path, p, true);\n"
        "\t\t\tif (err)\n"
        "\t\t\t\treturn err;\n",
        f"\t\t\terr = ovl_cache_update(path, p, true, {unlocked});\n"
        "\t\t\tif (err)\n"
        "\t\t\t\tgoto out;\n")
    src.replace(
        "\t\t\t\t\t\t\t      &newp, &parent)))\n"
        "\t\t\t\treturn -EIO;\n"
        "\n"
        "\t\t\trb_link_node(&p->node, parent, newp);\n"
        "\t\t\trb_insert_color(&p->node, root);\n"
        "\t\t}\n"
        "\t}\n"
        "\treturn 0;\n",
        "\t\t\t\t\t\t\t      &newp, &parent))) {\n"
        "\t\t\t\terr = -EIO;\n"
        "\t\t\t\tgoto out;\n"
        "\t\t\t}\n"
        "\n"
        "\t\t\trb_link_node(&p->node, parent, newp);\n"
        "\t\t\trb_insert_color(&p->node, root);\n"
        "\t\t}\n"
        "\t}\n"
        "out:\n" + close_window +
        "\treturn err;\n")


def count_mods(indent):
    """The windows' modifications, to be counted once on each way out of the read.

    The version can't move but in a window, so the difference to the version that
    was read is their sum. Not counted at the retake itself: the compiler duplicates
    that path for its several outcomes, and code in between would stop it.
    """
    return f"@{indent}TRUTH_ADD(mods, truth_version(inode) - truth_read);\n"


def edit_error(src):
    src.replace(
        "\tres = ovl_dir_read_impure(path, &cache->entries, &cache->root);\n"
        "\tif (res) {\n",
        "\tres = ovl_dir_read_impure(path, &cache->entries, &cache->root);\n"
        "\tif (res) {\n" + count_mods("\t\t"))


def read_call(v):
    """The rebuild's read: once, or again for as long as the directory changes."""
    if not v.get("retry"):
        return ("@\ttruth_read = truth_version(inode);\n"
                "@\tTRUTH_ADD(listings, 1);\n" +
                ("\tversion = ovl_inode_version_get(inode);\n" if v.get("snapshot") else "") +
                "\tres = ovl_dir_read_impure(path, &cache->entries, &cache->root);\n")
    return (f"\tfor (tries = 1; ; tries++) {{\n"
            "@\t\ttruth_read = truth_version(inode);\n"
            "@\t\tTRUTH_ADD(listings, 1);\n"
            "\t\tversion = ovl_inode_version_get(inode);\n"
            "\t\tres = ovl_dir_read_impure(path, &cache->entries, &cache->root,\n"
            f"\t\t\t\t\t  tries == {RETRIES});\n"
            "\t\tif (res || ovl_inode_version_get(inode) == version)\n"
            "\t\t\tbreak;\n" + count_mods("\t\t") +
            "\t\tovl_cache_free(&cache->entries);\n"
            "\t}\n")


def free_slot():
    """Count and note what is freed, then free it."""
    return ("@\ttruth_gone = truth_slot(inode);\n"
            "@\tif (truth_gone)\n"
            "@\t\tTRUTH_ADD(freed, 1);\n"
            "\tovl_dir_cache_free(inode);\n")


def store(v):
    """Stamp and store, with the slot emptied in the variant's own way."""
    stamp = "version" if v.get("snapshot") else "ovl_inode_version_get(inode)"
    how = v.get("free")
    text = count_mods("\t")
    if how == "null":
        text += free_slot() + "\tovl_set_dir_cache(inode, NULL);\n"
    elif how == "nonull":
        text += free_slot()
    elif how == "swap":
        text += "\told = ovl_dir_cache(inode);\n"
    text += (f"\tcache->version = {stamp};\n"
             # A pointer that this call freed under the lock it still holds is
             # no leak, whether or not the slot was set to NULL since.
             "@\ttruth_over = truth_slot(inode);\n"
             "@\tif (truth_over == truth_gone)\n"
             "@\t\ttruth_over = NULL;\n"
             "\tovl_set_dir_cache(inode, cache);\n"
             "@\tTRUTH_ADD(stores, 1);\n"
             "@\tif (cache->version != truth_read)\n"
             "@\t\tTRUTH_ADD(stale_stores, 1);\n"
             "@\telse if (truth_version(inode) != truth_read)\n"
             "@\t\tTRUTH_ADD(superseded_stores, 1);\n")
    if how == "swap":
        text += ("\tif (old) {\n"
                 "@\t\tif (truth_over == old)\n"
                 "@\t\t\ttruth_over = NULL;\n"
                 "@\t\tTRUTH_ADD(freed, 1);\n"
                 "\t\tovl_cache_free(&old->entries);\n"
                 "\t\tkfree(old);\n"
                 "\t}\n")
    text += ("@\tif (truth_over)\n"
             "@\t\tTRUTH_ADD(unfreed, 1);\n")
    return text


def edit_clear(src, v):
    """The impure flag goes when the listing had nothing to translate."""
    src.before("\t\t/*\n\t\t * A good opportunity to get rid of an unneeded", count_mods("\t\t"))
    src.replace(
        "\t\tovl_clear_flag(OVL_IMPURE, inode);\n"
        "\t\tkfree(cache);\n",
        "@\t\tTRUTH_ADD(clears, 1);\n"
        "@\t\tif (truth_version(inode) != truth_read)\n"
        "@\t\t\tTRUTH_ADD(stale_clears, 1);\n"
        "\t\tovl_clear_flag(OVL_IMPURE, inode);\n" +
        ("keep:\n" if v.get("careful") else "") +
        "\t\tkfree(cache);\n")
    if v.get("careful"):
        src.before(
            "\t\tif (!ovl_want_write(dentry)) {\n"
            "\t\t\tovl_removexattr(ofs, ovl_dentry_upper(dentry),\n"
            "\t\t\t\t\tOVL_XATTR_IMPURE);\n",
            "\t\tif (ovl_inode_version_get(inode) != version)\n"
            "\t\t\tgoto keep;\n")


def edit_get_impure(src, v):
    """Version check, rebuild, clear, stamp and store."""
    src.replace(
        "\tstruct ovl_fs *ofs = OVL_FS(dentry->d_sb);\n"
        "\tstruct ovl_dir_cache *cache;\n"
        "\n"
        "\tcache = ovl_dir_cache(inode);\n"
        "\tif (cache && ovl_inode_version_get(inode) == cache->version)\n"
        "\t\treturn cache;\n",
        "\tstruct ovl_fs *ofs = OVL_FS(dentry->d_sb);\n"
        "\tstruct ovl_dir_cache *cache;\n" +
        ("\tstruct ovl_dir_cache *old;\n" if v.get("free") == "swap" else "") +
        ("\tu64 version;\n" if v.get("snapshot") else "") +
        ("\tint tries;\n" if v.get("retry") else "") +
        "@\tstruct ovl_dir_cache *truth_gone, *truth_over;\n"
        "@\tu64 truth_read;\n"
        "\n"
        "\tcache = ovl_dir_cache(inode);\n"
        "\tif (cache && ovl_inode_version_get(inode) == cache->version)\n"
        "\t\treturn cache;\n"
        "@\tTRUTH_ADD(rebuilds, 1);\n")
    src.replace(
        "\t/* Impure cache is not refcounted, free it here */\n"
        "\tovl_dir_cache_free(inode);\n",
        "\t/* Impure cache is not refcounted, free it here */\n" + free_slot())
    src.replace(
        "\tres = ovl_dir_read_impure(path, &cache->entries, &cache->root);\n",
        # What the address stood for is forgotten with the lock: from here on
        # another reader may have stored a new cache at the freed one's place.
        "@\ttruth_gone = NULL;\n" + read_call(v))
    src.replace(
        "\t\tkfree(cache);\n"
        "\t\treturn NULL;\n"
        "\t}\n"
        "\n"
        "\tcache->version = ovl_inode_version_get(inode);\n"
        "\tovl_set_dir_cache(inode, cache);\n",
        "\t\tkfree(cache);\n"
        "\t\treturn NULL;\n"
        "\t}\n"
        "\n" + store(v))


def edit_noinline(src):
    for text in ("static struct ovl_dir_cache *ovl_cache_get_impure(const struct path *path)\n",
                 "void ovl_cache_free(struct list_head *list)\n",
                 "void ovl_dir_cache_free(struct inode *inode)\n"):
        src.replace(text, text.replace("static ", "static noinline ") if text.startswith("static")
                    else "noinline " + text)
    src.replace("static int ovl_dir_read_impure(", "static noinline int ovl_dir_read_impure(")


def make(variant, directory, truth):
    v = VARIANTS[variant]
    src = Source(f"{directory}/readdir.c", truth)
    if truth:
        src.after('#include "overlayfs.h"\n', truth_header())
    if v.get("drop"):
        edit_cache_update(src, v)
        edit_read_impure(src, v)
    edit_error(src)
    edit_get_impure(src, v)
    edit_clear(src, v)
    if v.get("noinline"):
        edit_noinline(src)
    if re.search(r"^@", src.text, re.M):
        raise EditError("a line of the counters was left unresolved")
    src.save()


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
        print(f"edit.py: variant '{variant}': unknown\n  one of: {' '.join(VARIANTS)}", file=sys.stderr)
        return 2
    try:
        make(variant, directory, truth)
    except (EditError, OSError) as e:
        print(f"edit.py: variant '{variant}': {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
