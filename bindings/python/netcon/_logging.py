# SPDX-License-Identifier: MIT
"""Python's logs as netconsole records."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Union

from ._check import flag
from ._receive import Host, Sender
from ._values import Level

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._receive import SenderOptions


class LogHandler(logging.Handler):
    """A logging.Handler that sends each record as a kernel would.

    level: as of logging.Handler
    lines: a text of several lines, such as a traceback, becomes one record a line; False: one record, if it fits into one
    options: those of Sender

    >>> import logging, netcon
    >>> log = logging.getLogger("example")
    >>> log.addHandler(netcon.LogHandler("127.0.0.1", 9))
    >>> log.warning("disk %d is hot", 3)
    """

    def __init__(
        self,
        host: Host,
        port: int = 6666,
        *,
        level: Union[int, str] = logging.NOTSET,
        lines: bool = True,
        **options: Unpack[SenderOptions],
    ) -> None:
        super().__init__(level)
        self._lines = flag(lines, "lines")
        self._sender = Sender(host, port, **options)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record).encode("utf-8", "backslashreplace")
            self._sender.send(text, level=self.kernel_level(record.levelno), lines=self._lines)
        except Exception:
            self.handleError(record)

    @staticmethod
    def kernel_level(levelno: int) -> Level:
        """The kernel's level for one of logging."""
        return Level(levelno) if levelno >= logging.DEBUG else Level.DEBUG

    def close(self) -> None:
        self._sender.close()
        super().close()

    def __repr__(self) -> str:
        return f"<netcon.LogHandler to {self._sender.remote} ({logging.getLevelName(self.level)})>"
