"""Python's logs as netconsole records."""

from __future__ import annotations

import logging
from typing import Any

from ._receive import Sender
from ._values import Level

_LEVELS = (
    (logging.CRITICAL, Level.CRIT),
    (logging.ERROR, Level.ERR),
    (logging.WARNING, Level.WARNING),
    (logging.INFO, Level.INFO),
)


class LogHandler(logging.Handler):
    """A logging.Handler that sends each record as a kernel would. Arguments are those of Sender.

    >>> import logging, netcon
    >>> log = logging.getLogger("example")
    >>> log.addHandler(netcon.LogHandler("127.0.0.1", 9))
    >>> log.warning("disk %d is hot", 3)
    """

    def __init__(self, host: str, port: int = 6666, *, level: int = logging.NOTSET, **options: Any) -> None:
        super().__init__(level)
        self._sender = Sender(host, port, **options)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._sender.send(self.format(record), level=self.kernel_level(record.levelno))
        except Exception:
            self.handleError(record)

    @staticmethod
    def kernel_level(levelno: int) -> Level:
        """The kernel's level for one of logging."""
        return next((level for least, level in _LEVELS if levelno >= least), Level.DEBUG)

    def close(self) -> None:
        self._sender.close()
        super().close()
