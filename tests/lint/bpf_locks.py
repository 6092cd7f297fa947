# SPDX-License-Identifier: GPL-2.0-only
"""BPF programs that may run as in an NMI call only helpers that take no lock.

Read from the objects: see docs/locks.md, which has the reasons for each helper.
"""
import glob
import os
import struct

# Of include/uapi/linux/bpf.h. The ring buffer only tries its lock in an NMI.
TAKES_NO_LOCK = {
    1: "map_lookup_elem", 5: "ktime_get_ns", 8: "get_smp_processor_id", 14: "get_current_pid_tgid",
    16: "get_current_comm", 35: "get_current_task", 67: "get_stack", 80: "get_current_cgroup_id",
    113: "probe_read_kernel", 115: "probe_read_kernel_str", 131: "ringbuf_reserve",
    132: "ringbuf_submit", 134: "ringbuf_query", 141: "get_task_stack", 158: "get_current_task_btf",
    173: "get_func_ip", 174: "get_attach_cookie", 181: "loop",
    "rdonly_cast": "a kernel function of which the verifier makes no call",
}
KNOWN = {2: "map_update_elem", 3: "map_delete_elem", 156: "task_storage_get", 147: "d_path"}
# All programs of these objects; of others, those that are put at call sites.
WHOLE = ("trace", "plain", "hold")
CALL, LOAD, EXECUTABLE, FUNCTION = 0x85, 0x18, 4, 2


class Object:
    def __init__(self, path):
        with open(path, "rb") as f:
            self.data = f.read()
        at, = struct.unpack_from("<Q", self.data, 0x28)
        size, count = struct.unpack_from("<HH", self.data, 0x3a)
        # name, type, flags, address, offset, size, link, info
        self.sections = [struct.unpack_from("<IIQQQQII", self.data, at + i * size) for i in range(count)]
        table = next(s for s in self.sections if s[1] == 2)
        strings = self.sections[table[6]][4]
        self.symbols = []
        for pos in range(table[4], table[4] + table[5], 24):
            name, info, _, section, value, size = struct.unpack_from("<IBBHQQ", self.data, pos)
            text = self.data[strings + name:self.data.index(b"\0", strings + name)].decode()
            self.symbols.append((text, info & 15, section, value, size))
        self.functions = {(s[2], s[3]): s for s in self.symbols if s[1] == FUNCTION}
        self.targets = {}
        for s in self.sections:
            if s[1] == 9:
                for pos in range(s[4], s[4] + s[5], 16):
                    offset, info = struct.unpack_from("<QQ", self.data, pos)
                    self.targets[s[7], offset] = self.symbols[info >> 32]

    def called(self, function):
        """(helpers, functions) of one function."""
        _, _, section, start, size = function
        helpers, functions = set(), set()
        for pos in range(start, start + size, 8):
            code, regs, _, imm = struct.unpack_from("<BBhi", self.data, self.sections[section][4] + pos)
            target = self.targets.get((section, pos))
            if code == CALL and regs >> 4 == 0:
                helpers.add(imm)
            elif code == CALL and target and not target[2]:
                helpers.add(target[0].removeprefix("bpf_"))
            elif code == CALL and target:
                functions.add((target[2], target[3] + (imm + 1) * 8))
            elif code == CALL:
                functions.add((section, pos + 8 + imm * 8))
            elif code == LOAD and target and target[2] < len(self.sections) and \
                    self.sections[target[2]][2] & EXECUTABLE:
                functions.add((target[2], target[3] + imm))
        return helpers, functions

    def reached(self, function):
        helpers, seen, todo = set(), set(), [(function[2], function[3])]
        while todo:
            key = todo.pop()
            if key in seen:
                continue
            seen.add(key)
            more, functions = self.called(self.functions[key])
            helpers |= more
            todo += functions
        return helpers


def violations(build):
    paths = sorted(glob.glob(os.path.join(build, "bpf", "*.bpf.o")))
    if not paths:
        yield f"no BPF objects in {build}/bpf"
    for path in paths:
        name, obj = os.path.basename(path)[:-len(".bpf.o")], Object(path)
        for function in sorted(obj.functions.values()):
            if not function[0].startswith("ovlt_") or not (name in WHOLE or "_at_" in function[0]):
                continue
            for helper in sorted(obj.reached(function) - TAKES_NO_LOCK.keys(), key=str):
                yield f"bpf/{name}: {function[0]} calls bpf_{KNOWN.get(helper, helper)}(), which may take a lock"
