# SPDX-License-Identifier: MIT
"""Operations for guest.c, and what it answered to them."""

import re
import typing


class Answer(typing.NamedTuple):
    value: int  # what the system call returned
    errno: int
    out: bytes
    log: list  # (priority, text) of what the kernel printed meanwhile, texts as /dev/kmsg escapes them


def records_of(data):
    """Records in the form of /dev/kmsg, one a line, as (priority, text); their dictionary lines are left out."""
    found = []
    for line in data.decode(errors="backslashreplace").split("\n"):
        if match := re.match(r"(\d+),\d+,\d+,[^;]*;(.*)$", line):
            found.append((int(match[1]), match[2]))
    return found


class GuestOps:
    """Collects operations; add() says at which place of answers() the answer will stand."""

    def __init__(self):
        self.lines = []

    def add(self, what, *arguments):
        as_bytes = lambda text: text.encode() if isinstance(text, str) else text
        self.lines.append(" ".join([what, *(as_bytes(one).hex() or "-" for one in arguments)]))
        return len(self.lines) - 1

    def file(self):
        return ("\n".join(self.lines) + "\n").encode()

    @staticmethod
    def answers(results):
        data = lambda text: b"" if text == "-" else bytes.fromhex(text)
        rows = (line.split() for line in results.decode().splitlines())
        return [Answer(int(ret), int(error), data(out), records_of(data(log))) for ret, error, out, log in rows]
