# SPDX-License-Identifier: GPL-2.0-only
"""How each kernel writes the lines of readdir.c that are edited.

The sources decide, not the version number: all texts of exactly one of KERNELS
must occur in them.
"""
from typing import NamedTuple

from source import EditError


class Kernel(NamedTuple):
    since: str
    inode: str  # the directory's inode, in ovl_cache_get_impure()
    version: str  # its version, there
    update: str  # the function that looks an entry up
    params: str  # what it takes besides path and entry
    real_args: str  # what ovl_dir_read_impure() gives it for these
    merged_args: str  # what the listing of merged directories does
    lookup: str  # the lookup's name and arguments, but for the name's beginning
    not_dots: str  # what begins the loop of lookups

    def signature(self, more=""):
        return f"static int {self.update}(const struct path *path, struct ovl_cache_entry *p{self.params}{more})\n"

    def locked_lookup(self):
        return f"lookup_one({self.lookup});\n"

    def unlocked_lookup(self):
        return f"lookup_one_unlocked({self.lookup});\n"

    def real_update(self, more=""):
        return f"{self.update}(path, p{self.real_args}{more});\n"

    def merged_update(self, more=""):
        return f"{self.update}(&file->f_path, p{self.merged_args}{more});\n"

    def loop(self):
        return f"\tlist_for_each_entry_safe(p, n, list, l_node) {{\n\t\tif ({self.not_dots}"

    def texts(self):
        return (self.signature(), self.locked_lookup(), self.real_update(), self.merged_update(),
                self.loop(), self.version)


OLD_DOTS = 'strcmp(p->name, ".") != 0 &&\n'

KERNELS = [
    Kernel(
        since="6.1", inode="d_inode(dentry)", version="ovl_dentry_version_get(dentry)",
        update="ovl_cache_update_ino", params="", real_args="", merged_args="",
        lookup="mnt_user_ns(path->mnt), p->name, dir, p->len", not_dots=OLD_DOTS),
    Kernel(
        since="6.12", inode="inode", version="ovl_inode_version_get(inode)",
        update="ovl_cache_update", params=", bool update_ino", real_args=", true",
        merged_args=", !p->ino",
        lookup="mnt_idmap(path->mnt), p->name, dir, p->len", not_dots=OLD_DOTS),
    Kernel(
        since="7.3", inode="inode", version="ovl_inode_version_get(inode)",
        update="ovl_cache_update", params=", bool update_ino", real_args=", true",
        merged_args=", !p->ino",
        lookup="mnt_idmap(path->mnt), &QSTR_LEN(p->name, p->len), dir",
        not_dots="!name_is_dot_dotdot(p->name, p->len)) {\n"),
]


def kernel_of(src):
    """The one of KERNELS whose texts occur in the sources."""
    misses = []
    found = []
    for kernel in KERNELS:
        missing = [text for text in kernel.texts() if text not in src.text]
        if missing:
            misses.append(f"like {kernel.since} but for '{missing[0].strip().splitlines()[0]}'"
                          f" ({len(missing)} of {len(kernel.texts())} texts missing)")
        else:
            found.append(kernel)
    if len(found) != 1:
        raise EditError(f"{src.path} is like {len(found)} known kernels, not one: " + "; ".join(misses))
    return found[0]
