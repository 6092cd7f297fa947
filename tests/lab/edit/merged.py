# SPDX-License-Identifier: GPL-2.0-only
"""Edits the reference counting of merged caches.

Lines of a replacement that begin with @ belong to the counters: see readdir.py.
"""

COUNTERS = [
    "merged_stores", "merged_gets", "merged_puts", "merged_frees",
    "merged_leaks", "merged_stale", "merged_refcounts",
]


def once(indent, flag, counter):
    """Counts each cache at most once."""
    return (f"@{indent}\tif (!cache->{flag})\n"
            f"@{indent}\t\tTRUTH_ADD({counter}, 1);\n"
            f"@{indent}\tcache->{flag} = true;\n")


def check_refcount(indent):
    return (f"@{indent}if (cache->refcount != cache->truth_holders) {{\n" +
            once(indent, "truth_miscounted", "merged_refcounts") +
            f"@{indent}}}\n")


def edit_struct(src):
    """Appends the counters' members, so that offsets and slab do not change."""
    src.replace(
        "struct ovl_dir_cache {\n"
        "\tlong refcount;\n"
        "\tu64 version;\n"
        "\tstruct list_head entries;\n"
        "\tstruct rb_root root;\n",
        "struct ovl_dir_cache {\n"
        "\tlong refcount;\n"
        "\tu64 version;\n"
        "\tstruct list_head entries;\n"
        "\tstruct rb_root root;\n"
        "@\tlong truth_holders;\n"
        "@\tbool truth_outdated;\n"
        "@\tbool truth_miscounted;\n")


def edit_put(src, v):
    leak = "@{0}else if (!cache->truth_holders && truth_slot(INODE) != cache)\n@{0}\tTRUTH_ADD(merged_leaks, 1);\n"
    src.replace(
        "\tWARN_ON(cache->refcount <= 0);\n"
        "\tcache->refcount--;\n",
        "@\tTRUTH_ADD(merged_puts, 1);\n" + check_refcount("\t") +
        "@\tcache->truth_holders--;\n"
        "\tWARN_ON(cache->refcount <= 0);\n"
        "\tcache->refcount--;\n")
    before = ("\t\tif (ovl_dir_cache(INODE) == cache)\n"
              "\t\t\tovl_set_dir_cache(INODE, NULL);\n"
              "\n"
              "\t\tovl_cache_free(&cache->entries);\n"
              "\t\tkfree(cache);\n"
              "\t}\n")
    if v.get("merged") == "leak":  # what is the slot's no more is forgotten
        src.replace(before,
                    "\t\tif (ovl_dir_cache(INODE) == cache) {\n"
                    "\t\t\tovl_set_dir_cache(INODE, NULL);\n"
                    "@\t\t\tTRUTH_ADD(merged_frees, 1);\n"
                    "\t\t\tovl_cache_free(&cache->entries);\n"
                    "\t\t\tkfree(cache);\n"
                    "\t\t}\n" + leak.format("\t\t") +
                    "\t}\n" + leak.format("\t"))
    else:
        src.replace(before,
                    before.replace("\n\t\tovl_cache_free", "@\t\tTRUTH_ADD(merged_frees, 1);\n\t\tovl_cache_free")
                    + leak.format("\t"))


def edit_get(src, v):
    kind = v.get("merged")
    dropped = kind in ("drop", "stale")
    src.replace(
        "static struct ovl_dir_cache *ovl_cache_get(struct dentry *dentry)\n"
        "{\n"
        "\tint res;\n",
        "static struct ovl_dir_cache *ovl_cache_get(struct dentry *dentry)\n"
        "{\n" +
        ("\tu64 version;\n" if kind == "drop" else "") +
        "@\tu64 truth_read;\n"
        "\tint res;\n")
    # What a hit tests, and what it does.
    fresh = "\tif (cache && VERSION == cache->version) {\n\t\tWARN_ON(!cache->refcount);\n\t\tcache->refcount++;\n"
    hit = {
        "over": "\tif (cache && cache->refcount++ >= 0 && VERSION == cache->version) {\n"
                "\t\tWARN_ON(!cache->refcount);\n",
        "reuse": fresh.replace("VERSION == cache->version", "cache->refcount"),
    }.get(kind, fresh)
    src.replace(
        fresh +
        "\t\treturn cache;\n"
        "\t}\n",
        hit +
        "@\t\tTRUTH_ADD(merged_gets, 1);\n"
        "@\t\tcache->truth_holders++;\n" + check_refcount("\t\t") +
        "@\t\tif (cache->version != truth_version(INODE)) {\n" +
        once("\t\t", "truth_outdated", "merged_stale") +
        "@\t\t}\n"
        "\t\treturn cache;\n"
        "\t}\n"
        "@\tif (cache && cache->refcount && !cache->truth_holders)\n"
        "@\t\tTRUTH_ADD(merged_leaks, 1);\n")
    read = "\tres = ovl_dir_read_merged(dentry, &cache->entries, &cache->root);\n"
    src.replace(
        read,
        "@\ttruth_read = truth_version(INODE);\n" +
        ("\tversion = VERSION;\n" if kind == "drop" else "") +
        ("\tinode_unlock(INODE);\n"
         "@\tif (truth_widen_us)\n"
         "@\t\tusleep_range(truth_widen_us, truth_widen_us);\n" if dropped else "") +
        read +
        ("\tinode_lock(INODE);\n" if dropped else ""))
    src.replace(
        "\t\treturn ERR_PTR(res);\n"
        "\t}\n"
        "\n"
        "\tcache->version = VERSION;\n"
        "\tovl_set_dir_cache(INODE, cache);\n",
        "\t\treturn ERR_PTR(res);\n"
        "\t}\n"
        "\n"
        f"\tcache->version = {'version' if kind == 'drop' else 'VERSION'};\n"
        "\tovl_set_dir_cache(INODE, cache);\n"
        "@\tTRUTH_ADD(merged_stores, 1);\n"
        "@\tTRUTH_ADD(merged_gets, 1);\n"
        "@\tcache->truth_holders = 1;\n"
        "@\tif (cache->version != truth_read) {\n" + once("\t", "truth_outdated", "merged_stale") +
        "@\t}\n")


def edit_rewind(src, k):
    """A rewound stream keeps its cache."""
    of_file = {"inode": "inode", "d_inode(dentry)": "dentry"}[k.inode]
    accessor = k.version.split("(")[0]
    outdated = f"\tif (cache && {accessor}({of_file}) != cache->version"
    src.replace(outdated + ") {\n", outdated + " && !cache->refcount) {\n")
    src.after(
        "\tif (!ctx->pos)\n"
        "\t\tovl_dir_reset(file);\n",
        "@\tif (!ctx->pos && od->cache && od->cache->version != truth_version(file_inode(file)) &&\n"
        "@\t    !od->cache->truth_outdated) {\n"
        "@\t\tTRUTH_ADD(merged_stale, 1);\n"
        "@\t\tod->cache->truth_outdated = true;\n"
        "@\t}\n")


def edit(src, k, v):
    edit_struct(src)
    edit_put(src, v)
    edit_get(src, v)
    if v.get("merged") == "rewind":
        edit_rewind(src, k)
