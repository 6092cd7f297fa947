#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: hold.py DIR READY

Begins to list DIR, makes the file READY, and holds the stream, and with it a
merged directory's cache, until standard input ends.
"""
import os
import sys

with os.scandir(sys.argv[1]) as names:
    next(names)
    open(sys.argv[2], "w", encoding="ascii").close()
    sys.stdin.read()
