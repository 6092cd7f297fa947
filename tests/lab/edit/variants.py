# SPDX-License-Identifier: GPL-2.0-only
"""The variants of overlayfs."""

# The words that describe a variant; the edits look only at these.
#   drop      lock released around the 'loop' or around each 'entry'
#   snapshot  stamp the version that was read, not the one at the store
#   free      how the slot is emptied after the read: 'null' (free, NULL, store),
#             'nonull' (free, store), 'swap' (store, then free the old one)
#   write     how the cache is put into the slot other than by ovl_set_dir_cache():
#             'plain' (a store), 'xchg'
#   retry     read again if the directory changed, the last time under the lock
#   careful   clear the impure flag only if the directory did not change
#   bad       one of bad_every listings returns a bad value, one of bad_every rebuilds fails
#   half      the error code of a listing is set from the pointer of its cache, before it is asked
#             whether this is an error, and is returned where no entry is emitted
#   late      a copied-up directory is published before it is flagged, for late_flag_us
#   posted    every lookup of an entry is unlocked, whether the lock was dropped or not
#   merged    the defect of merged caches: a put does not free ('leak'), a reference is never
#             put ('over'), the version is not compared at a get ('reuse') or a rewind
#             ('rewind'), or the lock is dropped around the read and the later version is
#             stamped ('stale'). 'drop' stamps the version that was read, which is right
#   link      a hard link raises its directory's version
#   noinline  the four functions are not inlined
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
    "plain-write": {"drop": "loop", "write": "plain"},
    "xchg-write": {"drop": "loop", "write": "xchg"},
    "racy-noinline": {"drop": "loop", "noinline": True},
    "fixed-noinline": {**FIXED, "noinline": True},
    # overlay.sh builds these two with -fno-inline: not even inode_lock() is inlined
    "stock-outline": {},
    "racy-outline": {"drop": "loop"},
    "racy-nobtf": {"drop": "loop"},  # overlay.sh takes the .BTF section away
    "per-entry": {"drop": "entry"},
    "noclear": {**FIXED, "careful": True},
    # as first posted: merged directories use the unlocked lookup, too, while they hold the lock
    "posted": {"drop": "loop", "posted": True},
    "bad-return": {"bad": True},
    "half-pointer": {"half": True},
    "late-flag": {"late": True},
    "link-version": {"link": True},
    "noblock": {"again": "read"},
    "raced-read": {**FIXED, "again": "read"},
    "raced-list": {"drop": "loop", "again": "list"},
    "raced-get": {**FIXED, "again": "get"},
    "rcu": {**FIXED, "later": "rcu"},
    "rcu-leak": {**FIXED, "later": "rcu", "leak": True},
    "kfree-rcu": {**FIXED, "later": "kfree_rcu"},
    "rcu-racy": {"drop": "loop", "later": "rcu"},
    "work": {**FIXED, "later": "work"},
    "work-leak": {**FIXED, "later": "work", "leak": True},
    "work-list": {**FIXED, "later": "list"},
    "shared": {"shared": "mutex"},
    "shared-fixed": {**FIXED, "shared": "mutex"},
    "shared-racy": {"drop": "loop", "shared": "mutex"},
    "shared-spin": {"shared": "spin"},
    "shared-spin-leak": {"shared": "spin", "leak": True},
    "merged-leak": {"merged": "leak"},
    "merged-over": {"merged": "over"},
    "merged-reuse": {"merged": "reuse"},
    "merged-rewind": {"merged": "rewind"},
    "merged-stale": {"merged": "stale"},
    "merged-drop": {"merged": "drop"},
}
