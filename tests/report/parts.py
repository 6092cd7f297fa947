#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: parts.py RECORDING FILE N

Splits a recording into N files as `ovltrace run --rotate-size` does: FILE is the
latest, FILE.1 the one before it. Each begins with the session record.
"""
import sys

recording, name, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(recording, encoding="utf-8") as f:
    session, *records = f.readlines()
step = -(-len(records) // n)
for part in range(n):
    with open(f"{name}.{n - 1 - part}" if part < n - 1 else name, "w", encoding="utf-8") as f:
        f.write(session.replace('"coverage":', f'"part":{part + 1},"coverage":', 1))
        f.writelines(records[part * step:(part + 1) * step])
