#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: seeds.py DIR

Writes valid inputs of each fuzzer to DIR/FUZZER/, from which they begin to search: recordings
and code from other tests, and small ones that are made here.
"""
import os
import re
import struct
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NAME = b"<zz>\"'&\x1b[31m\xff\xe2\x80\xae\xc2\xad\\\n"


def recordings():
    for name in ("recording", "damaged", "hostile", "unreadable"):
        with open(os.path.join(TESTS, "golden", name + ".jsonl"), "rb") as f:
            text = f.read()
        yield text[:15000]
        lines = text.split(b"\n")
        seen = {}
        for line in lines:
            kind = re.search(rb'"type":"(\w+)"', line)
            if kind:
                seen.setdefault(kind.group(1), line)
        for kind, line in seen.items():
            if kind not in (b"session", b"summary"):
                parts = [seen.get(b"session", b""), line, seen.get(b"summary", b"")]
                yield b"\n".join(parts) + b"\n"
    clean = recording_of_unit_test()
    yield clean


def recording_of_unit_test():
    """A clean one: a session whose events are all seen, a rebuild, and the summary."""
    events = ("rebuild_begin content_read lock_dropped lock_retaken cache_stored cache_freed "
              "impure_cleared dir_modified dir_operation inode_destroyed").split()
    seen = ",".join('"%s":{"provider":"kprobe","target":"f","evidence":"e"}' % e for e in events)
    counts = ",".join('"%s":0' % c for c in "rebuilds windows stores mods superseded_stores "
                      "stale_stores unfreed_caches stale_impure_clears lost".split())
    return ('{"type":"session","seq":1,"ts_ns":1,"schema":"ovltrace/1","version":"0","kernel":"6",'
            '"arch":"x86_64","host":"h","start_realtime_ns":1,"lock_drop":"present",'
            '"complete":true,"coverage":{%s}}\n{"type":"summary","seq":2,"ts_ns":9,'
            '"duration_ns":8,"verdict":"clean","command_status":0,"counts":{%s},"doubts":[]}\n'
            % (seen, counts)).encode()


def event(number, kind, body, tid=1):
    return struct.pack("<QQQQIIHHI", number, 1000 * number, 0, 1, tid, tid, kind, 0, 0) + body


def directory(version, slot):
    return struct.pack("<QQQQIHH", 0xffff888000001000, 101, version, slot, 5, 1, 0)


def task():
    return struct.pack("<Q16s", 1, NAME[:16])


def events():
    begin, read, drop, reacquire, store, free, modify, clear, destroy, path, incident = range(1, 12)

    def plain(n, kind, version, slot=0, tid=1):
        return event(n, kind, directory(version, slot) + task() + struct.pack("<QIIQ", 7, 1, 0, 0),
                     tid)

    def cache(n, kind, version, slot, address, stamp, tid=1):
        return event(n, kind, directory(version, slot) +
                     struct.pack("<QQqqiIII", address, stamp, 0, 0, 0, 3, 3, 1), tid)

    def modified(n, version):
        return event(n, modify, directory(version, 0) + task() +
                     struct.pack("<II256s256s", 8, 1, NAME, b"to"), 2)

    def path_of(n):
        text = NAME + b"\0up\0"
        return event(n, path, directory(5, 0) + struct.pack("<II", len(text), 0) + text)

    def incident_of(n, what):
        return event(n, incident, directory(5, 0) + task() +
                     struct.pack("<QqiIII256s", 0x1000, 1, -5, what, 1, 0, NAME))

    def merged(n, kind, cache_at, refs):
        return event(n, kind, directory(5, cache_at) + task() +
                     struct.pack("<QQQQiIII", cache_at, 5, 0x77, 5, refs, 3, 1, 0))

    def stream(*records):
        return b"".join(struct.pack("<H", len(r)) + r for r in records)

    rebuild = [plain(1, begin, 5), plain(2, drop, 5), modified(3, 6), plain(4, reacquire, 6),
               cache(5, store, 6, 0, 0x1000, 6)]
    yield stream(path_of(0), *rebuild, cache(6, store, 6, 0x1000, 0x2000, 6),
                 plain(7, destroy, 6, 0x2000))
    yield stream(b"".join([plain(0, begin, 5), plain(1, drop, 5), plain(2, reacquire, 5),
                           cache(3, store, 5, 0, 0x1000, 5)]))
    yield stream(plain(0, begin, 5), plain(1, read, 5), plain(2, drop, 5), modified(3, 6),
                 plain(4, reacquire, 6), plain(5, clear, 6), cache(6, free, 6, 0, 0x1000, 5))
    yield stream(*(incident_of(i, i) for i in range(9)))
    yield stream(merged(0, 12, 0x1000, 1), merged(1, 13, 0x1000, 2), merged(2, 14, 0x1000, 2),
                 merged(3, 15, 0x1000, 2), merged(4, 15, 0x1000, 1), merged(5, 16, 0x1000, 0),
                 merged(6, 17, 0x1000, 0))
    yield stream(*reversed(rebuild))


def code():
    """The functions of captured kernels, and an arm64 function of loads, calls and branches."""
    for name in ("6.12-debian", "6.12-clang-racy", "7.3-debian"):
        with open(os.path.join(TESTS, "unit", "fixtures", name + ".kernel"), encoding="ascii") as f:
            parts = [bytes.fromhex(line.split()[2]) for line in f if re.match(r"c \w+ \w+$", line)]
        for i in range(0, min(len(parts), 48), 12):
            # equal sizes, as the fuzzer splits them
            size = max(4, min(512, max(len(p) for p in parts[i:i + 12])))
            yield b"\0" + b"".join(p[:size].ljust(size, b"\xcc") for p in parts[i:i + 12])
    words = [0xd503233f, 0xd503201f, 0xa9be7bfd, 0x910003fd, 0xf9400c13, 0xaa0003e1, 0x94000010,
             0xf81f8260, 0xb4000060, 0x14000003, 0x36000040, 0xc89ffc20, 0xb9400a61, 0x52800022,
             0x12001c42, 0xd63f0020, 0xd4210000, 0xa8c27bfd, 0xd50323bf, 0xd65f03c0]
    function = b"".join(struct.pack("<I", w) for w in words)
    yield b"\1" + function * 12


def symbols():
    yield (b"ffffffff81000000 T _text\nffffffff81000100 T kfree\nffffffff81000180 T up_write\n"
           b"ffffffff810001f0 t __pfx_ovl_iterate\nffffffff81000200 t ovl_iterate\n"
           b"ffffffff81000300 t ovl_iterate.cold\nffffffff81000400 t end\n"
           b"ffffffffc0000010 t ovl_cache_free\t[overlay]\n"
           b"ffffffffc0000010 t ovl_cache_free.isra.0\t[overlay]\n"
           b"ffffffffc0000090 d ovl_fs_type\t[overlay]\n"
           b"ffffffffa0000000 t kprobe_optinsn_page\t[__builtin__kprobes]\n")
    yield b"0000000000000000 T _text\n0000000000000000 t ovl_iterate\t[overlay]\n"
    yield b"ffffffff81000000 t ovl_dir_read_impure.llvm.12345\nffffffffffffffff t ovl_link\nx\n\n"


def mounts():
    yield (b"36 35 0:42 / /mnt/a\\040b rw shared:1 - overlay overlay rw,lowerdir=/l\n"
           b"37 35 0:42 /sub /mnt/c rw - overlay overlay rw\n"
           b"38 35 1048575:4294967295 / /\\377\\012 rw master:2 - overlay overlay rw\n"
           b"39 35 8:1 / / rw - ext4 /dev/sda rw\n")
    yield b"36 35 0:42 / / - overlay \n36 35 0:42 / \n - overlay \n\n\0 - overlay x\n"


def overlays():
    """As an overlay shows its options: commas and colons of names are escaped, twice."""
    one = (b"36 35 0:%d / /mnt/a\\040b rw shared:1 - overlay overlay rw,lowerdir=/l\\054x:/m%s,"
           b"upperdir=/u\\134,workdir=/w,userxattr\n")
    yield one % (42, b"") + one % (42, b"::/data") + one % (43, b"\\\\:n") + one % (44, b"")
    yield (b"37 35 0:42 /sub /mnt/c rw - overlay overlay rw,lowerdir+=/l,lowerdir+=/m,datadir+=/d\n"
           b"36 35 0:42 / / - overlay \n39 35 8:1 / / rw - ext4 /dev/sda rw\n")


def ktap():
    yield (b"\x20TAP version 13\n1..2\n# selftests: overlay: " + NAME + b"\nok 1 selftests: a\n"
           b"not ok 2 " + NAME + b" # SKIP no\n")
    yield (b"\x01KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: in\n    1..1\n"
           b"        # Subtest: deep\n        ok 1 x\n    ok 1 deep\nok 1 in # TODO\n# Totals: x\n")


def kmsg():
    yield (b"6,1,1000,-;run fstests overlay/001 at 2026-11-27 10:00:00\n"
           b" SUBSYSTEM=block\n6,2,2000000,-;run fstests generic/" + NAME + b" at x\n\n"
           b"30,18446744073709551615,18446744073709551615,c;run fstests a/1 at\n")


def btf():
    names, at = b"\0", {}
    for n in ("ovl_inode vfs_inode cache version flags ovl_dir_cache refcount entries ovl_inode_flag "
              "OVL_IMPURE OVL_WHITEOUTS __upperdentry ovl_cache_entry len type real_ino ino l_node "
              "name is_upper is_whiteout ovl_fs xino_mode inode_operations link dentry ovl_unlink "
              "ovl_dir_file").split():
        at[n] = len(names)
        names += n.encode() + b"\0"

    def kind(name, number, n, size):
        return struct.pack("<III", at.get(name, 0), number << 24 | n, size)

    def compound(name, *members):
        body = b"".join(struct.pack("<III", at[m], 1, 64 * i) for i, m in enumerate(members))
        return kind(name, 4, len(members), 8 * len(members)) + body

    types = kind("", 1, 0, 8) + struct.pack("<I", 64)
    types += compound("ovl_inode", "cache", "version", "flags", "__upperdentry", "vfs_inode")
    types += compound("ovl_dir_cache", "refcount", "version", "entries")
    types += kind("ovl_inode_flag", 6, 2, 4) + struct.pack("<IiIi", at["OVL_IMPURE"], 0,
                                                           at["OVL_WHITEOUTS"], 1)
    types += compound("ovl_cache_entry", "len", "type", "real_ino", "ino", "l_node", "is_upper",
                      "is_whiteout", "name")
    types += compound("ovl_fs", "xino_mode")
    types += compound("dentry", "name")
    types += kind("", 2, 0, 7)
    types += kind("", 13, 2, 1) + struct.pack("<IIII", 0, 8, 0, 8)
    types += kind("ovl_unlink", 12, 1, 9)
    types += kind("", 2, 0, 9)
    types += kind("inode_operations", 4, 1, 8) + struct.pack("<III", at["link"], 11, 0)
    header = struct.pack("<HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(types), len(types), len(names))
    yield header + types + names


SEEDS = {"recording": recordings, "events": events, "code": code, "symbols": symbols,
         "mounts": mounts, "overlays": overlays, "ktap": ktap, "kmsg": kmsg, "btf": btf}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, make in SEEDS.items():
        folder = os.path.join(sys.argv[1], name)
        os.makedirs(folder, exist_ok=True)
        for i, data in enumerate(make()):
            with open(os.path.join(folder, f"seed-{i:02}"), "wb") as f:
                f.write(data)


if __name__ == "__main__":
    main()
