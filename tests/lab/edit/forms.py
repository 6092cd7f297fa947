# SPDX-License-Identifier: GPL-2.0-only
"""Other forms of the change: lookups that may be told to come again, readers that share
the lock, caches that are freed later.

These edits follow those of readdir.py, whose text they change. A line of a replacement
that begins with @ is the counters': see readdir.py.
"""

NOBLOCK = """
/* Each so many lookups finds another one of that name in progress; 0: none. */
static unsigned int raced_every = 397, raced_lookups;
module_param(raced_every, uint, 0644);

static noinline struct dentry *ovl_lookup_noblock(struct dentry *dir, const char *name, int len)
{
	struct qstr q = QSTR_INIT(name, len);

	if (raced_every &&
	    __atomic_add_fetch(&raced_lookups, 1, __ATOMIC_RELAXED) % raced_every == 0)
		return ERR_PTR(-EWOULDBLOCK);
	q.hash = full_name_hash(dir, name, len);
	return d_lookup(dir, &q);
}

"""

PARALLEL = """
/* A lookup for readers that share the lock with other lookups. */
static noinline struct dentry *ovl_lookup_shared(struct dentry *dir, const char *name, int len)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct qstr q = QSTR_INIT(name, len);
	struct dentry *this, *other;

	q.hash = full_name_hash(dir, name, len);
	this = d_lookup(dir, &q);
	if (this)
		return this;
	this = d_alloc_parallel(dir, &q, &wq);
	if (IS_ERR(this) || !d_in_lookup(this))
		return this;
	other = d_inode(dir)->i_op->lookup(d_inode(dir), this, 0);
	d_lookup_done(this);
	if (other) {
		dput(this);
		this = other;
	}
	return this;
}

"""


def count_mods(indent):
    """The windows' modifications, to be counted once on each way out of the read.

    The version can't move but in a window, so the difference to the version that
    was read is their sum. Not counted at the retake itself: the compiler duplicates
    that path for its several outcomes, and code in between would stop it.
    """
    return f"@{indent}TRUTH_ADD(mods, truth_version(INODE) - truth_read);\n"


def come_again(v):
    """After the read, in ovl_cache_get_impure(): what follows a lookup that was raced."""
    if v.get("again") not in ("read", "get"):
        return ""
    return ("\tif (res == -EWOULDBLOCK) {\n" + (count_mods("\t\t") if v.get("drop") else "") +
            "\t\tovl_cache_free(&cache->entries);\n" +
            ("\t\tkfree(cache);\n" if v["again"] == "get" else "") +
            "\t\tgoto again;\n"
            "\t}\n")


def before_update(src, k, text):
    src.before(k.signature(",\n\t\t\t    bool unlocked") if "bool unlocked" in src.text else
               k.signature(), text)


def edit_noblock(src, k, v):
    """A lookup that never waits, and may be told to come again."""
    if "#include <linux/moduleparam.h>" not in src.text:
        src.after('#include "overlayfs.h"\n', "#include <linux/moduleparam.h>\n")
    before = ("\tif (unlocked)\n\t\tthis = " + k.unlocked_lookup() if v.get("drop") else
              "\tthis = " + k.locked_lookup())
    src.before(
        before,
        "\tthis = ovl_lookup_noblock(dir, p->name, p->len);\n"
        "\tif (this == ERR_PTR(-EWOULDBLOCK))\n"
        "\t\treturn -EWOULDBLOCK;\n"
        "\tif (this)\n"
        "\t\tgoto found;\n")
    src.before("\tif (IS_ERR_OR_NULL(this) || !this->d_inode) {\n", "found:\n")
    before_update(src, k, NOBLOCK.lstrip("\n"))


def edit_list_again(src, v):
    """ovl_dir_read_impure() itself reads again, and reports the version at which it did."""
    src.replace(
        "\t\t\t       struct rb_root *root)\n{\n\tint err;\n\tstruct path realpath;\n\tstruct inode *dir",
        "\t\t\t       struct rb_root *root, u64 *version)\n"
        "{\n\tint err;\n\tstruct path realpath;\n\tstruct inode *dir")
    src.replace(
        "\t*root = RB_ROOT;\n\tovl_path_upper(path->dentry, &realpath);\n\n",
        "\tovl_path_upper(path->dentry, &realpath);\n"
        "again:\n"
        "\t*root = RB_ROOT;\n"
        "\t*version = OVL_I(dir)->version;\n")
    src.replace(
        "\tinode_lock(dir);\n\treturn err;\n",
        "\tinode_lock(dir);\n"
        "\tif (err == -EWOULDBLOCK) {\n"
        "@\t\tTRUTH_ADD(mods, truth_version(dir) - *version);\n"
        "\t\tovl_cache_free(list);\n"
        "\t\tgoto again;\n"
        "\t}\n"
        "\treturn err;\n")
    src.replace(
        "\tres = ovl_dir_read_impure(path, &cache->entries, &cache->root);\n",
        "\tres = ovl_dir_read_impure(path, &cache->entries, &cache->root, &version);\n"
        "@\ttruth_read = version;\n")
    if not v.get("snapshot"):
        src.replace("\tint res;\n\tstruct dentry *dentry = path->dentry;\n",
                    "\tint res;\n\tu64 version;\n\tstruct dentry *dentry = path->dentry;\n")


LATER = {
    "rcu": ("\tstruct rcu_head rcu;\n", """
static void ovl_dir_cache_free_later(struct rcu_head *rcu)
{
	struct ovl_dir_cache *cache = container_of(rcu, struct ovl_dir_cache, rcu);

	ovl_cache_free(&cache->entries);
	kfree(cache);
}

""", "\t\tcall_rcu(&cache->rcu, ovl_dir_cache_free_later);\n"),
    "work": ("\tstruct work_struct work;\n", """
static void ovl_dir_cache_free_later(struct work_struct *work)
{
	struct ovl_dir_cache *cache = container_of(work, struct ovl_dir_cache, work);

	ovl_cache_free(&cache->entries);
	kfree(cache);
}

""", "\t\tINIT_WORK(&cache->work, ovl_dir_cache_free_later);\n"
        "\t\tqueue_work(system_unbound_wq, &cache->work);\n"),
    "list": ("\tstruct llist_node dead;\n", """
static LLIST_HEAD(ovl_dead_caches);

static void ovl_dir_cache_free_later(struct work_struct *work)
{
	struct llist_node *dead = llist_del_all(&ovl_dead_caches);
	struct ovl_dir_cache *cache, *next;

	llist_for_each_entry_safe(cache, next, dead, dead) {
		ovl_cache_free(&cache->entries);
		kfree(cache);
	}
}

static DECLARE_WORK(ovl_dead_work, ovl_dir_cache_free_later);

""", "\t\tif (llist_add(&cache->dead, &ovl_dead_caches))\n"
        "\t\t\tqueue_work(system_unbound_wq, &ovl_dead_work);\n"),
    "kfree_rcu": ("\tstruct rcu_head rcu;\n", "",
                  "\t\tovl_cache_free(&cache->entries);\n\t\tkfree_rcu(cache, rcu);\n"),
}
DEAD = "\tstruct list_head entries;\n\tstruct rb_root root;\n"


def edit_later(src, v):
    """A cache is handed to RCU or to a worker, which frees it; 'leak': not all of them."""
    member, function, hand_over = LATER[v["later"]]
    if v.get("leak"):
        function = function.replace(
            "\tkfree(cache);\n",
            "\t/* forgets every other one */\n"
            "\tif (!cache->keep)\n"
            "\t\tkfree(cache);\n")
        member += "\tbool keep;\n"
    src.after("struct ovl_dir_cache {\n\tlong refcount;\n\tu64 version;\n" + DEAD, member)
    src.before("void ovl_dir_cache_free(struct inode *inode)\n", function.lstrip("\n"))
    src.after('#include "overlayfs.h"\n', "#include <linux/llist.h>\n#include <linux/workqueue.h>\n")
    src.replace(
        "\tif (cache) {\n"
        "\t\tovl_cache_free(&cache->entries);\n"
        "\t\tkfree(cache);\n"
        "\t}\n"
        "}\n", "\tif (cache) {\n" + hand_over + "\t}\n}\n")
    if v.get("leak"):
        src.before(
            "\tovl_dir_cache_free(INODE);\n\tovl_set_dir_cache(INODE, NULL);\n\tcache->version",
            "\tif (ovl_dir_cache(INODE) && ovl_dir_cache(INODE)->version & 1) {\n"
            "\t\tovl_dir_cache(INODE)->keep = true;\n"
            "@\t\tTRUTH_ADD(unfreed, 1);\n"
            "\t}\n")


SHARED_PUT = """
/* Drops a reference; the last one frees the cache. */
static void ovl_dir_cache_put(struct ovl_dir_cache *cache)
{
	if (cache && refcount_dec_and_test(&cache->refcount)) {
		ovl_cache_free(&cache->entries);
		kfree(cache);
	}
}

"""


def refcounts(text):
    """The references to a cache as a refcount_t."""
    for was, now in (
            ("\tlong refcount;\n", "\trefcount_t refcount;\n"),
            ("\tWARN_ON(cache->refcount <= 0);\n\tcache->refcount--;\n\tif (!cache->refcount) {\n",
             "\tif (refcount_dec_and_test(&cache->refcount)) {\n"),
            ("\t\tWARN_ON(!cache->refcount);\n\t\tcache->refcount++;\n",
             "\t\trefcount_inc(&cache->refcount);\n"),
            ("\tcache->refcount = 1;\n", "\trefcount_set(&cache->refcount, 1);\n"),
            ("if (cache->refcount != cache->truth_holders)",
             "if (refcount_read(&cache->refcount) != cache->truth_holders)"),
            ("if (cache && cache->refcount && ", "if (cache && refcount_read(&cache->refcount) && ")):
        text = text.replace(was, now)
    return text


def edit_shared(src, k, v):
    """Readers share i_rwsem; a lock of its own guards the cache.

    'mutex' is held during a rebuild, but where that drops i_rwsem, too; 'spin' only while
    the slot is looked at or changed. Each reader has a reference to what it lists from.
    """
    src.text = refcounts(src.text)
    src.replace("WRAP_DIR_ITER(ovl_iterate) // FIXME!\n", "")
    src.replace("= shared_ovl_iterate,\n", "= ovl_iterate,\n")
    src.text = src.text.replace(k.unlocked_lookup(), "ovl_lookup_shared(dir, p->name, p->len);\n")
    src.text = src.text.replace("this = " + k.locked_lookup(),
                                "this = ovl_lookup_shared(dir, p->name, p->len);\n")
    before_update(src, k, PARALLEL.lstrip("\n"))
    src.before("static void ovl_cache_put(struct ovl_dir_file *od, struct inode *inode)\n",
               SHARED_PUT.lstrip("\n"))
    held = "&OVL_I(d_inode(dentry))->cache_lock"
    src.replace("\tif (!ctx->pos)\n\t\tovl_dir_reset(file);\n",
                f"\tmutex_lock({held});\n"
                "\tif (!ctx->pos)\n\t\tovl_dir_reset(file);\n"
                f"\tmutex_unlock({held});\n")
    src.replace("\t\tcache = ovl_cache_get(dentry);\n\t\terr = PTR_ERR(cache);\n",
                f"\t\tmutex_lock({held});\n"
                "\t\tcache = ovl_cache_get(dentry);\n"
                f"\t\tmutex_unlock({held});\n"
                "\t\terr = PTR_ERR(cache);\n")
    src.replace("\terr = iterate_dir(od->realfile, &rdt.ctx);\n\tctx->pos = rdt.ctx.pos;\n",
                "\terr = iterate_dir(od->realfile, &rdt.ctx);\n\tctx->pos = rdt.ctx.pos;\n"
                "\tovl_dir_cache_put(rdt.cache);\n")
    # the slot has a reference, and so has the reader
    src.text = src.text.replace("\tres = ovl_dir_read_impure(",
                                "\trefcount_set(&cache->refcount, 2);\n\tres = ovl_dir_read_impure(")
    if v["shared"] == "spin":
        edit_spin(src, v)
    else:
        edit_mutex(src)


def edit_mutex(src):
    src.replace("\t\trdt.cache = ovl_cache_get_impure(&file->f_path);\n",
                "\t\tmutex_lock(&OVL_I(file_inode(file))->cache_lock);\n"
                "\t\trdt.cache = ovl_cache_get_impure(&file->f_path);\n"
                "\t\tmutex_unlock(&OVL_I(file_inode(file))->cache_lock);\n")
    src.replace("\tif (cache && VERSION == cache->version)\n\t\treturn cache;\n",
                "\tif (cache && VERSION == cache->version) {\n"
                "\t\trefcount_inc(&cache->refcount);\n"
                "\t\treturn cache;\n"
                "\t}\n")
    src.replace_all("\tovl_dir_cache_free(INODE);\n\tovl_set_dir_cache(INODE, NULL);\n",
                    "\tovl_dir_cache_put(ovl_dir_cache(INODE));\n"
                    "\tovl_set_dir_cache(INODE, NULL);\n")
    # only the drop in the read: other functions lock directories of the upper layer
    at = src.text.index("ovl_dir_read_impure(")
    stop = src.text.index("\n}\n", at)
    read = src.text[at:stop]
    for was, now in (("inode_unlock(dir);\n", "mutex_unlock(&OVL_I(dir)->cache_lock);\n"
                                              "\tinode_unlock_shared(dir);\n"),
                     ("inode_lock(dir);\n", "inode_lock_shared(dir);\n"
                                            "\tmutex_lock(&OVL_I(dir)->cache_lock);\n")):
        read = read.replace("\t" + was, "\t" + now)
    src.text = src.text[:at] + read + src.text[stop:]


def edit_spin(src, v):
    """Readers rebuild at the same time; the spinlock is held for the slot only."""
    own = "&OVL_I(INODE)->slot_lock"
    src.replace("\tcache = ovl_dir_cache(INODE);\n"
                "\tif (cache && VERSION == cache->version)\n\t\treturn cache;\n",
                f"\tspin_lock({own});\n"
                "\tcache = ovl_dir_cache(INODE);\n"
                "\tif (cache && VERSION == cache->version)\n"
                "\t\trefcount_inc(&cache->refcount);\n"
                "\telse\n"
                "\t\tcache = NULL;\n"
                f"\tspin_unlock({own});\n"
                "\tif (cache)\n"
                "\t\treturn cache;\n")
    at = src.text.index("\t/* Impure cache is not refcounted, free it here */\n")
    stop = src.text.index("\tcache = kzalloc(", at)
    src.text = src.text[:at] + src.text[stop:]
    at = src.text.index(src._in_words("\tcache->version = VERSION;\n"), at)
    stop = src.text.index("\treturn cache;\n}\n", at)
    put = "" if v.get("leak") else "\tovl_dir_cache_put(old);\n"
    new = ("\tcache->version = VERSION;\n"
           f"\tspin_lock({own});\n"
           "\told = ovl_dir_cache(INODE);\n"
           "\tovl_set_dir_cache(INODE, cache);\n"
           f"\tspin_unlock({own});\n"
           "@\tTRUTH_ADD(stores, 1);\n"
           "@\tif (cache->version != truth_read)\n"
           "@\t\tTRUTH_ADD(stale_stores, 1);\n" +
           ("@\tif (old)\n@\t\tTRUTH_ADD(unfreed, 1);\n" if v.get("leak") else "") + put + "\n")
    src.text = src.text[:at] + src._render(new) + src.text[stop:]
    src.replace_all("\tstruct ovl_dir_cache *truth_gone, *truth_over;\n", "")
    src.replace("\tstruct ovl_dir_cache *cache;\n" + "\tu64 truth_read;\n" * src.truth +
                f"\n\tspin_lock({own});\n\tcache",
                "\tstruct ovl_dir_cache *cache, *old;\n@\tu64 truth_read;\n"
                f"\n\tspin_lock({own});\n\tcache")
    src.text = src.text.replace("\ttruth_gone = NULL;\n", "")


def edit(src, k, v):
    if v.get("again"):
        edit_noblock(src, k, v)
    if v.get("again") == "list":
        edit_list_again(src, v)
    if v.get("later"):
        edit_later(src, v)
    if v.get("shared"):
        edit_shared(src, k, v)


def edit_inode(src):
    """ovl_entry.h: the locks are the inode's."""
    src.after("\t/* synchronize copy up and more */\n\tstruct mutex lock;\n",
              "\tstruct mutex cache_lock;\n\tspinlock_t slot_lock;\n")


def edit_super(src):
    src.after("\tmutex_init(&oi->lock);\n",
              "\tmutex_init(&oi->cache_lock);\n\tspin_lock_init(&oi->slot_lock);\n")
