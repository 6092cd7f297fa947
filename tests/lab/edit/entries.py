# SPDX-License-Identifier: GPL-2.0-only
"""Edits dir.c: counts added and removed entries for which the version did not rise.

Lines of a replacement that begin with @ belong to the counters: see readdir.py.
"""
import re

from source import EditError

# Mirrors the beginning of struct ovl_dir_cache, which only readdir.c knows.
TRUTH = """
@#include <linux/moduleparam.h>
@
@static unsigned long truth_missed_invalidations;
@module_param(truth_missed_invalidations, ulong, 0444);
@
@struct truth_dir_cache {
@	long refcount;
@	u64 version;
@};
@
@static __always_inline bool truth_fresh(struct inode *dir)
@{
@	struct truth_dir_cache *cache = (void *)OVL_I(dir)->cache;
@
@	return cache && !cache->refcount && (OVL_I(dir)->flags >> OVL_IMPURE & 1) &&
@	       cache->version == OVL_I(dir)->version;
@}
@
@/* Do users see another number of it than the upper file's own? */
@static __always_inline bool truth_translated(struct inode *inode)
@{
@	return inode && OVL_I(inode)->__upperdentry &&
@	       (OVL_I(inode)->flags >> OVL_CONST_INO & 1) &&
@	       inode->i_ino != OVL_I(inode)->__upperdentry->d_inode->i_ino;
@}
@
@static __always_inline void truth_ended(struct inode *dir, bool fresh, u64 version, bool changed)
@{
@	if (fresh && changed && OVL_I(dir)->version == version)
@		__atomic_fetch_add(&truth_missed_invalidations, 1, __ATOMIC_RELAXED);
@}
"""

# For each operation: its target directory, and what to count after it has returned 0.
OPERATIONS = {
    # The next lookup finds the origin again only if the mounter may decode file handles.
    "link": ("newdir", [
        "truth_ended(newdir, to_fresh, to_version, truth_translated(old->d_inode) &&\n"
        "\t\t\t    old->d_sb->s_user_ns == &init_user_ns);\n"]),
    "unlink": ("dir", ["truth_ended(dir, to_fresh, to_version, truth_translated(dentry->d_inode));\n"]),
    "rmdir": ("dir", ["truth_ended(dir, to_fresh, to_version, truth_translated(dentry->d_inode));\n"]),
    "rename": ("newdir", [
        "truth_ended(newdir, to_fresh, to_version, truth_translated(old->d_inode) ||\n"
        "\t\t\t    truth_translated(new->d_inode));\n",
        "if (olddir != newdir)\n",
        "\ttruth_ended(olddir, from_fresh, from_version, truth_translated(old->d_inode) ||\n"
        "\t\t\t    ((flags & RENAME_EXCHANGE) && truth_translated(new->d_inode)));\n"]),
}


def counted(name, params, to, ended):
    """A function that wraps the operation. Only the table of operations calls it."""
    args = ", ".join(re.findall(r"(\w+)\s*(?:,|$)", params))
    lines = [f"static int truth_{name}({params})", "{"]
    for which, directory in (("to", to), ("from", "olddir")):
        if which == "to" or name == "rename":
            lines += [f"\tu64 {which}_version = OVL_I({directory})->version;",
                      f"\tbool {which}_fresh = truth_fresh({directory});"]
    lines += [f"\tint err = ovl_{name}({args});", "", "\tif (!err) {"]
    lines += ("\t\t" + "".join(ended)).replace("\n", "\n\t\t").rstrip().splitlines()
    return lines + ["\t}", "\treturn err;", "}", ""]


def count(src):
    """Counts at the end of each operation that adds or removes an entry which has an origin.

    A newly created entry has the upper file's own number. The operation itself does not
    change: noipa keeps gcc from adapting it to its new caller. clang ignores noipa and
    needs noinline, which noipa implies for gcc.
    """
    ops = "const struct inode_operations ovl_dir_inode_operations = {\n"
    src.after('#include "overlayfs.h"\n', TRUTH.lstrip("\n"))
    callers = []
    for name, (to, ended) in OPERATIONS.items():
        found = re.findall(rf"^static int ovl_{name}\(([^)]*)\)$", src.text, re.M)
        if len(found) != 1:
            raise EditError(f"ovl_{name}: defined {len(found)} times in {src.path}, not once")
        src.replace(f"static int ovl_{name}(", f"static noinline __attribute__((noipa)) int ovl_{name}(")
        src.replace(f"= ovl_{name},", f"= truth_{name},")
        callers += counted(name, found[0], to, ended)
    src.before(ops, "\n".join(callers) + "\n")


def edit(src, v):
    if v.get("link"):
        # the parent's cache lacks the new name, and the next lookup translates its number
        src.before(
            "\t/* Force lookup of new upper hardlink to find its lower */\n",
            "\tif (hardlink)\n"
            "\t\tovl_dir_modified(dentry->d_parent, true);\n\n")
    if src.truth:
        count(src)
