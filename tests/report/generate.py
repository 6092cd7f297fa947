#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes a recording of any length to standard output.

usage: generate.py RECORDS [--dirs N] [--stale]

A session, rebuilds with a window each and the modification in it, a summary:
about RECORDS records in all, in the mix that a race makes. With --stale each
rebuild is a stale store, with its finding and its end. Its counts fit.
"""
import argparse
import json
import sys

EVENTS = ("rebuild_begin", "content_read", "lock_dropped", "lock_retaken", "cache_stored",
          "cache_freed", "impure_cleared", "dir_modified", "dir_operation", "inode_destroyed")
DIR = '"dir":{"dev":"0:32","ino":"%d","path":"/mnt/w/merged/D%d"}'
TASK = '"task":{"pid":475,"tid":%d,"comm":"%s","cgroup":"1","cgroup_path":"/"}'
MODIFY = ('{"type":"modify","seq":%d,"ts_ns":%d,' + DIR + "," + TASK + ',"version_before":%d,'
          '"version_after":%d,"op":"rename","moved":"out","name":"f%d","new_name":"f%d"}\n')
REBUILD = ('{"type":"rebuild","seq":%d,"ts_ns":%d,' + DIR + "," + TASK + ',"begin_ns":%d,'
           '"end_ns":%d,"version_read":%d,"version_at_store":%d,"version_stamped":%d,'
           '"entries":38,"cache":"0x%x","slot_before":"0x0","reads":1,"windows":[{"drop_ns":%d,'
           '"retake_ns":%d,"wait_ns":409,"version_drop":%d,"version_retake":%d}],'
           '"mods_in_window":1,"outcome":"stored","errno":0,"impure_cleared":false}\n')
FINDING = ('{"type":"finding","seq":%d,"ts_ns":%d,"kind":"stale_store",' + DIR + "," + TASK +
           ',"confidence":"exact","evidence":[%d,%d],"text":"tid 476 (reader-0) read the '
           'directory at version %d and stamped the old content with version %d.","at_ns":%d}\n')
END = ('{"type":"stale_end","seq":%d,"ts_ns":%d,' + DIR + ',"finding":%d,"stored_ns":%d,'
       '"end":"freed"}\n')


def main():
    opts = argparse.ArgumentParser()
    opts.add_argument("records", type=int)
    opts.add_argument("--dirs", type=int, default=53)
    opts.add_argument("--stale", action="store_true")
    opts = opts.parse_args()
    out = sys.stdout.write
    cover = {e: {"provider": "kprobe", "target": "f", "evidence": "symbol f"} for e in EVENTS}
    out(json.dumps({"type": "session", "seq": 1, "ts_ns": 1000, "schema": "ovltrace/1",
                    "version": "0.1.0", "kernel": "6.12.0", "arch": "x86_64",
                    "start_realtime_ns": 1795478545515213083, "lock_drop": "present",
                    "coverage": cover}, separators=(",", ":")) + "\n")
    n = max((opts.records - 2) // (4 if opts.stale else 2), 0)
    seq, ts = 1, 1000
    for i in range(n):
        d, v = i % opts.dirs, 2 * i + 2
        dir_ = (76 + d, d)
        out(MODIFY % (seq + 1, ts + 3000, *dir_, 478, "renamer-0", v, v + 1, i % 64, i % 64))
        out(REBUILD % (seq + 2, ts + 5000, *dir_, 476, "reader-0", ts + 1000, ts + 5000, v, v + 1,
                       v + opts.stale, 0xff3c96d700000000 + 64 * i, ts + 2000, ts + 4000, v,
                       v + 1))
        if opts.stale:
            out(FINDING % (seq + 3, ts + 5000, *dir_, 476, "reader-0", seq + 1, seq + 2, v, v + 1,
                           ts + 5000))
            out(END % (seq + 4, ts + 6000, *dir_, seq + 3, ts + 5000))
        seq += 4 if opts.stale else 2
        ts += 6000 + i % 997
    counts = {"rebuilds": n, "windows": n, "stores": n, "mods": n,
              "superseded_stores": 0 if opts.stale else n, "stale_stores": n * opts.stale,
              "unfreed_caches": 0, "stale_impure_clears": 0, "kind_mixes": None,
              "bad_returns": None, "lock_hazards": None, "missed_invalidations": None,
              "lost": 0, "partial_rebuilds": 0}
    out(json.dumps({"type": "summary", "seq": seq + 1, "ts_ns": ts + 1000, "duration_ns": ts,
                    "verdict": "findings" if opts.stale and n else "clean",
                    "command_status": None, "counts": counts, "inconsistencies": []},
                   separators=(",", ":")) + "\n")


main()
