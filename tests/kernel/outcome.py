# SPDX-License-Identifier: MIT
"""What a check found."""

import typing


class Outcome(typing.NamedTuple):
    compared: int
    differences: int
    lines: list
    rows: typing.Sequence = ()  # what it saw, for a table of its own

    @property
    def good(self):
        return self.compared > 0 and self.differences == 0

    def __add__(self, other):
        return Outcome(
            self.compared + other.compared,
            self.differences + other.differences,
            [*self.lines, *other.lines],
            [*self.rows, *other.rows],
        )

    def text(self):
        """A cell of the table."""
        return f"{self.compared}" if self.good else f"{self.compared}, **{max(self.differences, 1)} differ**"
