# SPDX-License-Identifier: GPL-2.0-only
"""Edits that mix kinds of caches or return bad values, and count both.

Lines of a replacement that begin with @ belong to the counters: see readdir.py.
"""

MIX_COUNTERS = ["mixed_stores", "mixed_frees", "mixed_serves"]
BAD_COUNTERS = ["bad_returns", "eio_rebuilds"]
HAZARD_COUNTERS = ["locked_lookups"]


def counters_of(v):
    """The counters that only this variant has."""
    return ((MIX_COUNTERS if v.get("late") else []) + (BAD_COUNTERS if v.get("bad") else []) +
            (BAD_COUNTERS[:1] if v.get("half") else []) + (HAZARD_COUNTERS if v.get("posted") else []))


# In ovl_cache_get_impure(), where the lock stays held. A cache with references belongs to a
# merged directory, which has OVL_WHITEOUTS. There are no branches, as in free_slot_straight().
FREE = "@\tTRUTH_ADD(mixed_frees, truth_gone ? !!truth_gone->refcount : 0);\n"
SERVE = ("@\tTRUTH_ADD(mixed_serves, cache ? cache->refcount && truth_version(INODE) == cache->version"
         " : 0);\n")
STORE = "@\tTRUTH_ADD(mixed_stores, OVL_I(INODE)->flags >> OVL_WHITEOUTS & 1);\n"


def unlocked_lookup(src, k):
    """Counts the lookups in listings of merged directories, which hold the lock.

    The caller counts, so that the callee does not change. It looks up neither "." nor "..",
    and nothing if the layers are on several filesystems.
    """
    src.replace(
        "\t\t\t\terr = " + k.merged_update(),
        "@\t\t\t\tTRUTH_ADD(locked_lookups, !(p->name[0] == '.' &&\n"
        "@\t\t\t\t\t\t\t     (p->len == 1 || (p->len == 2 && p->name[1] == '.'))));\n"
        "\t\t\t\terr = " + k.merged_update(", false"))


BAD_HEADER = (
    "#include <linux/moduleparam.h>\n"
    "\n"
    "/* Every so many listings of a merged directory, and rebuilds, go wrong; 0: none. */\n"
    "static unsigned int bad_every, bad_listings, bad_rebuilds;\n"
    "module_param(bad_every, uint, 0644);\n"
    "#define BAD_DUE(n) \\\n"
    "\t(bad_every && __atomic_add_fetch(&bad_##n, 1, __ATOMIC_RELAXED) % bad_every == 0)\n")


def edit_bad_return(src):
    """Lets a listing return PTR_ERR() of a valid pointer, and a rebuild fail."""
    merged = "static int ovl_iterate_merged(" in src.text
    leave = ("\t\t\treturn PTR_ERR(cache);\n" if merged else
             "\t\t\terr = PTR_ERR(cache);\n\t\t\tgoto out;\n")
    src.after('#include "overlayfs.h"\n', BAD_HEADER)
    src.after(
        "\t\tod->cache = cache;\n"
        "\t\tovl_seek_cursor(od, ctx->pos);\n",
        "\t\tif (BAD_DUE(listings)) {\n"
        "@\t\t\tTRUTH_ADD(bad_returns, (int)PTR_ERR(cache) > 0 ||\n"
        "@\t\t\t\t\t       (int)PTR_ERR(cache) < -MAX_ERRNO);\n" + leave +
        "\t\t}\n")
    src.after(
        "\tovl_path_upper(path->dentry, &realpath);\n"
        "\n"
        "\terr = ovl_dir_read(&realpath, &rdd);\n"
        "\tif (err)\n"
        "\t\treturn err;\n",
        "\tif (BAD_DUE(rebuilds)) {\n"
        "@\t\tTRUTH_ADD(eio_rebuilds, 1);\n"
        "\t\treturn -EIO;\n"
        "\t}\n")


def edit_half_pointer(src):
    """Lets a listing set its error code from the pointer before it asks for an error.

    The code then remains where the loop ends without setting another one.
    """
    asked = ("\t\tcache = ovl_cache_get(dentry);\n"
             "\t\terr = PTR_ERR(cache);\n"
             "\t\tif (IS_ERR(cache))\n")
    count = ("@\tTRUTH_ADD(bad_returns, err > 0 || err < -MAX_ERRNO);\n")
    if "static int ovl_iterate_merged(" in src.text:
        src.replace(
            "\tstruct ovl_cache_entry *p;\n\tint err;\n\n\tif (!od->cache) {\n",
            "\tstruct ovl_cache_entry *p;\n\tint err = 0;\n\n\tif (!od->cache) {\n")
        src.replace(
            "\t\tcache = ovl_cache_get(dentry);\n"
            "\t\tif (IS_ERR(cache))\n"
            "\t\t\treturn PTR_ERR(cache);\n", asked + "\t\t\treturn err;\n")
        src.replace(
            "\t\tctx->pos++;\n\t}\n\treturn 0;\n", "\t\tctx->pos++;\n\t}\n" + count + "\treturn err;\n")
        return
    src.replace("\tconst struct cred *old_cred;\n\tint err;\n\n\told_cred = ovl_override_creds(dentry->d_sb);\n",
                "\tconst struct cred *old_cred;\n\tint err = 0;\n\n\told_cred = ovl_override_creds(dentry->d_sb);\n")
    src.replace("\t\tctx->pos++;\n\t}\n\terr = 0;\nout:\n", "\t\tctx->pos++;\n\t}\n" + count + "out:\n")


LATE_HEADER = (
    "#include <linux/delay.h>\n"
    "#include <linux/moduleparam.h>\n"
    "\n"
    "/* How long a copied-up directory is published before it is flagged. */\n"
    "static unsigned int late_flag_us;\n"
    "module_param(late_flag_us, uint, 0644);\n")


def edit_open(src):
    """Lets an open test the flag only, as older kernels do."""
    now = ("\tod->is_real = !OVL_TYPE_MERGE(type) &&\n"
           "\t\t      !ovl_test_flag(OVL_WHITEOUTS, inode);\n")
    if now in src.text:
        src.replace(now, "\tod->is_real = !ovl_test_flag(OVL_WHITEOUTS, inode);\n")


def edit_late_flag(src):
    """Lets copy_up.c publish a directory before its flag is set, with a delay in between."""
    update, flag = "\tovl_inode_update(inode, temp);\n", (
        "\tif (S_ISDIR(inode->i_mode))\n"
        "\t\tovl_set_flag(OVL_WHITEOUTS, inode);\n")
    late = update + (
        "\tif (S_ISDIR(inode->i_mode) && late_flag_us)\n"
        "\t\tusleep_range(late_flag_us, late_flag_us);\n") + flag
    src.after('#include "overlayfs.h"\n', LATE_HEADER)
    src.replace(flag + update if flag + update in src.text else update + flag, late)
