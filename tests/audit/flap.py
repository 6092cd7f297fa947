#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: flap.py DIR [NAME]

Creates, removes, replaces and renames a few names of DIR until it is killed. With NAME it only
renames that file, to another name and back.
"""
import os
import random
import sys

where = sys.argv[1]


def one(letter, n):
    return os.path.join(where, f"{letter}{random.randrange(n)}")


def swap(name):
    while True:
        os.rename(name, name + "-away")
        os.rename(name + "-away", name)


if len(sys.argv) > 2:
    swap(os.path.join(where, sys.argv[2]))
while True:
    name, kind = one("f", 60), random.randrange(6)
    try:
        if kind == 0:
            open(name, "w", encoding="ascii").close()
        elif kind == 1:
            os.unlink(name)
        elif kind == 2:
            os.rename(name, one("f", 60))
        elif kind == 3:
            os.unlink(name)
            os.mkdir(name)
        elif kind == 4:
            os.rmdir(name)
        else:
            os.rename(one("p", 40), one("p", 40))
    except OSError:
        pass
