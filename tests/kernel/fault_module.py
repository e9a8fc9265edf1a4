# SPDX-License-Identifier: MIT
"""Modules whose init function does what it must not: a module of the kernel with other instructions in that place."""

import struct
import typing

SIGNED = b"~Module signature appended~\n"
SYMBOL_TABLE, RELOCATIONS = 2, 4  # types of sections


class Section(typing.NamedTuple):
    name: str
    kind: int
    offset: int
    size: int
    link: int
    info: int


# add $?, %rsp: takes away what the function has pushed.
POP_ALL = b"\x48\x83\xc4\x7f"
ROOM = 24  # bytes, for what the function pushes first


class FaultModule(typing.NamedTuple):
    data: bytes
    functions: set  # names of its init function
    start: int  # of the instructions, in the file


def without_signature(data):
    """Kernels load unsigned modules, but none whose signature is wrong."""
    if not data.endswith(SIGNED):
        return data
    end = len(data) - len(SIGNED)
    return data[: end - 12 - int.from_bytes(data[end - 4 : end], "big")]


def sections_of(data):
    header = struct.unpack_from("<16sHHIQQQIHHHHHH", data)
    rows = [struct.unpack_from("<IIQQQQIIQQ", data, header[6] + 64 * i) for i in range(header[12])]
    names = rows[header[13]][4]
    text = lambda at: data[names + at : data.index(b"\0", names + at)].decode()
    return [Section(text(row[0]), row[1], row[4], row[5], row[6], row[7]) for row in rows]


def symbols_of(data, sections):
    """(name, section, value) of each symbol."""
    for table in sections:
        if table.kind != SYMBOL_TABLE:
            continue
        strings = sections[table.link].offset
        for at in range(table.offset, table.offset + table.size, 24):
            name, _, _, section, value, _ = struct.unpack_from("<IBBHQQ", data, at)
            yield data[strings + name : data.index(b"\0", strings + name)].decode(), section, value


def pushes_of(code):
    """What a function pushes at its beginning, between instructions that a compiler puts there."""
    pushes, at = [], 0
    while True:
        size = 2 if code[at] == 0x41 else 1
        if 0x50 <= code[at + size - 1] <= 0x57:
            pushes.append(code[at : at + size])
        elif code[at : at + 3] == b"\x48\xc7\xc7":  # mov $address, %rdi
            size = 7
        elif code[at] == 0x45 and code[at + 1] == 0x31:  # xor
            size = 3
        elif code[at] == 0x31:
            size = 2
        else:
            return pushes
        at += size


def fault_module(dummy, instructions, name):
    """The module `dummy` with these instructions behind what the kernel patches at the beginning of its init function, and behind
    what that pushes: at such a place the kernel's unwinder counts on it.

    What the loader would relocate or patch there is left alone. The name has five letters, as the old one: a module that died in
    its init function is never unloaded, so each needs its own.
    """
    data = bytearray(without_signature(dummy))
    sections = sections_of(data)
    symbols = list(symbols_of(data, sections))
    section, value = next((section, value) for name, section, value in symbols if name == "init_module")
    text = sections[section].offset
    start = text + value
    if data[start : start + 4] == b"\xf3\x0f\x1e\xfa":  # endbr64
        start += 4
    if data[start] == 0xE8:  # call __fentry__
        start += 5
    pushes = pushes_of(data[start : start + 64])
    instructions = instructions.replace(POP_ALL, POP_ALL[:3] + bytes([8 * len(pushes)]))
    data[start : start + ROOM] = b"".join(pushes).ljust(ROOM, b"\x90")  # nop
    end = start + ROOM + len(instructions)
    data[start + ROOM : end] = instructions
    for table in sections:
        if table.kind == RELOCATIONS and table.info == section:
            for at in range(table.offset, table.offset + table.size, 24):
                if start <= text + struct.unpack_from("<Q", data, at)[0] < end:
                    struct.pack_into("<I", data, at + 8, 0)  # its type: none
    # Where it would patch calls: it takes other bytes there for a bug. Unknown, the section is not read.
    data = data.replace(b".static_call_sites\0", b".static_call_other\0")
    for one in sections:
        if one.name in (".modinfo", ".gnu.linkonce.this_module"):
            held = bytes(data[one.offset : one.offset + one.size])
            data[one.offset : one.offset + one.size] = held.replace(b"dummy\0", name.encode() + b"\0")
    functions = {name for name, *where in symbols if where == [section, value]}
    return FaultModule(bytes(data), functions, start + ROOM)


def broken_module(kernel):
    """A module whose init function has an invalid instruction."""
    return fault_module(kernel.module("dummy"), b"\x0f\x0b", "fault").data
