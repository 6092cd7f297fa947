# SPDX-License-Identifier: GPL-2.0-only
"""Edits readdir.c according to the words of a variant.

Lines of a replacement that begin with '@' belong to the truth counters, and are
left out with --no-truth. check-inlining.sh compares the variant without them
with the counted one. `k` is the kernel whose text is edited, `v` the variant.
INODE and VERSION stand for that kernel's expressions for the directory's inode
and its version.
"""

import forms
import kinds
import merged

COUNTERS = [
    "windows", "mods", "rebuilds", "listings", "stores", "stale_stores",
    "superseded_stores", "unfreed", "freed", "clears", "stale_clears",
] + merged.COUNTERS

RETRIES = 3


def truth_header(v):
    """Counters as read-only module parameters, and the knob.

    They use the compiler's atomics. The kernel's are inline assembly, which the
    inliner weighs differently.
    """
    lines = ["@#include <linux/delay.h>", "@#include <linux/moduleparam.h>", "@", "@/* Counters of what really happened, for tests. */"]
    for name in COUNTERS + kinds.counters_of(v):
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


def edit_cache_update(src, k, v):
    """A lookup that takes the parent's lock if the caller has dropped it."""
    src.replace(k.signature(), k.signature(",\n\t\t\t    bool unlocked"))
    if v.get("posted"):
        src.replace("\tthis = " + k.locked_lookup(), "\tthis = " + k.unlocked_lookup())
        kinds.unlocked_lookup(src, k)
        return
    src.replace(
        "\tthis = " + k.locked_lookup(),
        "\tif (unlocked)\n"
        "\t\tthis = " + k.unlocked_lookup() +
        "\telse\n"
        "\t\tthis = " + k.locked_lookup())
    src.replace(k.merged_update(), k.merged_update(", false"))


def edit_read_impure(src, k, v):
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
            "\t\t\terr = " + k.real_update() +
            "\t\t\tif (err)\n"
            "\t\t\t\treturn err;\n",
            drop("\t\t\t") +
            "\t\t\terr = " + k.real_update(", true") +
            retake("\t\t\t") +
            "\t\t\tif (err)\n"
            "\t\t\t\treturn err;\n")
        return
    open_window, close_window = drop("\t"), retake("\t")
    if v.get("retry"):
        open_window = "\tif (!keep_lock) {\n" + drop("\t\t") + "\t}\n"
        close_window = "\tif (!keep_lock) {\n" + retake("\t\t") + "\t}\n"
    src.before(k.loop(), open_window)
    src.replace(
        "\t\t\terr = " + k.real_update() +
        "\t\t\tif (err)\n"
        "\t\t\t\treturn err;\n",
        "\t\t\terr = " + k.real_update(f", {unlocked}") +
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


def edit_error(src):
    src.replace(
        "\tres = ovl_dir_read_impure(path, &cache->entries, &cache->root);\n"
        "\tif (res) {\n",
        "\tres = ovl_dir_read_impure(path, &cache->entries, &cache->root);\n"
        "\tif (res) {\n" + forms.count_mods("\t\t"))


def read_call(v):
    """The rebuild's read: once, or again for as long as the directory changes."""
    if not v.get("retry"):
        return (("again:\n" if v.get("again") == "read" else "") +
                "@\ttruth_read = truth_version(INODE);\n"
                "@\tTRUTH_ADD(listings, 1);\n" +
                ("\tversion = VERSION;\n" if v.get("snapshot") else "") +
                "\tres = ovl_dir_read_impure(path, &cache->entries, &cache->root);\n" +
                forms.come_again(v))
    return (f"\tfor (tries = 1; ; tries++) {{\n"
            "@\t\ttruth_read = truth_version(INODE);\n"
            "@\t\tTRUTH_ADD(listings, 1);\n"
            "\t\tversion = VERSION;\n"
            "\t\tres = ovl_dir_read_impure(path, &cache->entries, &cache->root,\n"
            f"\t\t\t\t\t  tries == {RETRIES});\n"
            "\t\tif (res || VERSION == version)\n"
            "\t\t\tbreak;\n" + forms.count_mods("\t\t") +
            "\t\tovl_cache_free(&cache->entries);\n"
            "\t}\n")


def free_slot():
    """Counts and remembers the cache, then frees it."""
    return ("@\ttruth_gone = truth_slot(INODE);\n"
            "@\tif (truth_gone)\n"
            "@\t\tTRUTH_ADD(freed, 1);\n"
            "\tovl_dir_cache_free(INODE);\n")


def free_slot_straight(v):
    """The same without a branch. On 6.1, where the lock stays held, a branch would
    change which of the later paths the compiler duplicates."""
    return ("@\ttruth_gone = truth_slot(INODE);\n"
            "@\tTRUTH_ADD(freed, !!truth_gone);\n" + (kinds.FREE if v.get("late") else "") +
            "\tovl_dir_cache_free(INODE);\n")


WRITES = {
    None: "\tovl_set_dir_cache(INODE, cache);\n",
    "plain": "\tOVL_I(INODE)->cache = cache;\n",
    "xchg": "\txchg(&OVL_I(INODE)->cache, cache);\n",
}


def store(v):
    """Stamp and store, with the slot emptied in the variant's own way."""
    stamp = "version" if v.get("snapshot") else "VERSION"
    how = v.get("free")
    text = forms.count_mods("\t")
    if how == "null":
        text += free_slot() + "\tovl_set_dir_cache(INODE, NULL);\n"
    elif how == "nonull":
        text += free_slot()
    elif how == "swap":
        text += "\told = ovl_dir_cache(INODE);\n"
    text += (f"\tcache->version = {stamp};\n"
             # A pointer that this call freed, under the lock that it still holds,
             # is no leak, even if the slot was not set to NULL.
             "@\ttruth_over = truth_slot(INODE);\n"
             "@\tif (truth_over == truth_gone)\n"
             "@\t\ttruth_over = NULL;\n"
             + WRITES[v.get("write")] +
             "@\tTRUTH_ADD(stores, 1);\n" + (kinds.STORE if v.get("late") else "") +
             "@\tif (cache->version != truth_read)\n"
             "@\t\tTRUTH_ADD(stale_stores, 1);\n"
             "@\telse if (truth_version(INODE) != truth_read)\n"
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
    src.before("\t\t/*\n\t\t * A good opportunity to get rid of an unneeded", forms.count_mods("\t\t"))
    src.replace(
        "\t\tovl_clear_flag(OVL_IMPURE, INODE);\n"
        "\t\tkfree(cache);\n",
        "@\t\tTRUTH_ADD(clears, 1);\n"
        "@\t\tif (truth_version(INODE) != truth_read)\n"
        "@\t\t\tTRUTH_ADD(stale_clears, 1);\n"
        "\t\tovl_clear_flag(OVL_IMPURE, INODE);\n" +
        ("keep:\n" if v.get("careful") else "") +
        "\t\tkfree(cache);\n")
    if v.get("careful"):
        src.before(
            "\t\tif (!ovl_want_write(dentry)) {\n"
            "\t\t\tovl_removexattr(ofs, ovl_dentry_upper(dentry),\n"
            "\t\t\t\t\tOVL_XATTR_IMPURE);\n",
            "\t\tif (VERSION != version)\n"
            "\t\t\tgoto keep;\n")


def edit_get_impure(src, v):
    """Version check, rebuild, clear, stamp and store."""
    src.replace(
        "\tstruct ovl_fs *ofs = OVL_FS(dentry->d_sb);\n"
        "\tstruct ovl_dir_cache *cache;\n"
        "\n"
        "\tcache = ovl_dir_cache(INODE);\n"
        "\tif (cache && VERSION == cache->version)\n"
        "\t\treturn cache;\n",
        "\tstruct ovl_fs *ofs = OVL_FS(dentry->d_sb);\n"
        "\tstruct ovl_dir_cache *cache;\n" +
        ("\tstruct ovl_dir_cache *old;\n" if v.get("free") == "swap" else "") +
        ("\tu64 version;\n" if v.get("snapshot") else "") +
        ("\tint tries;\n" if v.get("retry") else "") +
        "@\tstruct ovl_dir_cache *truth_gone, *truth_over;\n"
        "@\tu64 truth_read;\n"
        "\n" +
        ("again:\n" if v.get("again") == "get" else "") +
        "\tcache = ovl_dir_cache(INODE);\n" + (kinds.SERVE if v.get("late") else "") +
        "\tif (cache && VERSION == cache->version)\n"
        "\t\treturn cache;\n"
        "@\tTRUTH_ADD(rebuilds, 1);\n")
    src.replace(
        "\t/* Impure cache is not refcounted, free it here */\n"
        "\tovl_dir_cache_free(INODE);\n",
        "\t/* Impure cache is not refcounted, free it here */\n" +
        (free_slot() if v.get("drop") else free_slot_straight(v)))
    src.replace(
        "\tres = ovl_dir_read_impure(path, &cache->entries, &cache->root);\n",
        # Forget the address when the lock is dropped: another reader may then
        # store a new cache at the same address.
        "@\ttruth_gone = NULL;\n" + read_call(v))
    src.replace(
        "\t\tkfree(cache);\n"
        "\t\treturn NULL;\n"
        "\t}\n"
        "\n"
        "\tcache->version = VERSION;\n"
        "\tovl_set_dir_cache(INODE, cache);\n",
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


def edit(src, k, v):
    """All edits of a variant to one kernel's sources."""
    src.words = {"INODE": k.inode, "VERSION": k.version}
    if src.truth:
        src.after('#include "overlayfs.h"\n', truth_header(v))
    if v.get("drop"):
        edit_cache_update(src, k, v)
        edit_read_impure(src, k, v)
    if v.get("drop"):  # else there are no windows, and no modifications in them
        edit_error(src)
    if v.get("bad"):
        kinds.edit_bad_return(src)
    if v.get("half"):
        kinds.edit_half_pointer(src)
    if v.get("late"):
        kinds.edit_open(src)
    edit_get_impure(src, v)
    edit_clear(src, v)
    merged.edit(src, k, v)
    forms.edit(src, k, v)
    if v.get("noinline"):
        edit_noinline(src)
