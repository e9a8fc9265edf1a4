# SPDX-License-Identifier: MIT
"""The Linux kernel's netconsole: its parameter, its configfs tree, its packets.

>>> import netcon
>>> netcon.parse_target("+@/eth0,@10.0.0.2/").resolve().remote_port
6666
>>> r = netcon.decode(b"3,812,98000000,-;Kernel panic - not syncing\\n")
>>> str(r.level), r.sequence, r.text
('err', 812, 'Kernel panic - not syncing')

Receiving takes three lines:

    with netcon.Receiver(port=6666) as rx:
        for event in rx.records(min_level="warning"):
            print(event.sender, event.record)

`help(netcon.Receiver)` and so on describe each name; docs/python.md is a guide.

Receive
    Receiver        a socket, and the events of the kernels that send to it; aio.listen is the same for asyncio
    Collector       the same without a socket: packets in, events out
    crashes         a Crash for each in lines, records, events or a Receiver; it has Registers, and a Frame for each call
    Stats           counters of either

Events
    AnyEvent        the union of their classes; Event is the base of them
    RecordEvent, PartialEvent, LateEvent, DuplicateEvent, BasicEvent, LostEvent, RebootedEvent, JunkEvent, FoldedEvent,
    ForgottenEvent
    Endpoint        the address and port of a sender; Level is how severe a record is

Captures and tables
    read_records    the whole records of a capture; read_events gives losses and reboots too
    read_pcap       the packets of a capture, a Packet each
    decode_many     columns of events, records or packets; texts are a TextColumn

One packet
    decode          a Record
    encode, encode_basic, format_extended, format_basic         packets as a kernel makes them
    escape, unescape, printable                                 text as a packet or a terminal has it
    Probe, ProbeAnswer, ProbeOpening                            what `netcon test` sends

Send
    Sender          records to a receiver
    LogHandler      a handler for logging

Configuration
    parse_target    a Target, as a kernel reads it; parse_parameter reads several, a Parameter
    Settings        what a Target amounts to on a kernel, a KernelProfile; addresses are MacAddress and of ipaddress
    boot_log        what the kernel will log about it
    complete        fills in a Target from this machine's tables; find_route gives the Route
    configfs        configuration at run time, and a model of the kernel to rehearse it on
    lint, lint_argument, lint_config                            a Finding for each mistake, with a Fix
    render, fixed, apply_fixes                                  what to do about findings
    config_format, CONFIG_FORMATS, is_text, find_parameters     configuration files and what is in them

Errors
    Error           the base of ParseError, EncodeError and PlanError, which are ValueErrors; a TextRange is a place in a text
    RouteError      an OSError
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _interpreter  # noqa: F401

# isort: split
from . import _core
from ._columns import Packet, TextColumn, decode_many, read_events, read_pcap, read_records
from ._core import (
    BasicEvent,
    Collector,
    DuplicateEvent,
    Event,
    FoldedEvent,
    ForgottenEvent,
    JunkEvent,
    KernelProfile,
    LateEvent,
    LostEvent,
    PartialEvent,
    RebootedEvent,
    Record,
    RecordEvent,
    decode,
)
from ._errors import EncodeError, Error, ParseError, PlanError, RouteError, TextRange
from ._events import AnyEvent
from ._probe import Probe, ProbeAnswer, ProbeOpening
from ._receive import Receiver, Sender
from ._values import Endpoint, Level, MacAddress, Stats
from ._values import Limits as Limits
from ._wire import encode, encode_basic, escape, format_basic, format_extended, printable, unescape

if TYPE_CHECKING:
    from . import aio, configfs
    from ._crash import Crash, Frame, Registers, crashes
    from ._lint import (
        CONFIG_FORMATS,
        Finding,
        Fix,
        apply_fixes,
        boot_log,
        config_format,
        find_parameters,
        fixed,
        is_text,
        lint,
        lint_argument,
        lint_config,
        render,
    )
    from ._logging import LogHandler
    from ._parameter import Parameter, Settings, Target, parse_parameter, parse_target
    from ._route import Route, complete, find_route

__version__: str = _core.VERSION

__all__ = [
    "CONFIG_FORMATS",
    "AnyEvent",
    "BasicEvent",
    "Collector",
    "Crash",
    "DuplicateEvent",
    "EncodeError",
    "Endpoint",
    "Error",
    "Event",
    "Finding",
    "Fix",
    "FoldedEvent",
    "ForgottenEvent",
    "Frame",
    "JunkEvent",
    "KernelProfile",
    "LateEvent",
    "Level",
    "LogHandler",
    "LostEvent",
    "MacAddress",
    "Packet",
    "Parameter",
    "ParseError",
    "PartialEvent",
    "PlanError",
    "Probe",
    "ProbeAnswer",
    "ProbeOpening",
    "RebootedEvent",
    "Receiver",
    "Record",
    "RecordEvent",
    "Registers",
    "Route",
    "RouteError",
    "Sender",
    "Settings",
    "Stats",
    "Target",
    "TextColumn",
    "TextRange",
    "aio",
    "apply_fixes",
    "boot_log",
    "complete",
    "config_format",
    "configfs",
    "crashes",
    "decode",
    "decode_many",
    "encode",
    "encode_basic",
    "escape",
    "find_parameters",
    "find_route",
    "fixed",
    "format_basic",
    "format_extended",
    "is_text",
    "lint",
    "lint_argument",
    "lint_config",
    "parse_parameter",
    "parse_target",
    "printable",
    "read_events",
    "read_pcap",
    "read_records",
    "render",
    "unescape",
]


#: What is imported when it is used first: receiving needs none of it, and it would take longer than all the rest.
_LATER = {
    "_crash": ("Crash", "Frame", "Registers", "crashes"),
    "_lint": (
        "CONFIG_FORMATS", "Finding", "Fix", "apply_fixes", "boot_log", "config_format", "find_parameters", "fixed",
        "is_text", "lint", "lint_argument", "lint_config", "render",
    ),
    "_logging": ("LogHandler",),
    "_parameter": ("Parameter", "Settings", "Target", "parse_parameter", "parse_target"),
    "_route": ("Route", "complete", "find_route"),
}  # fmt: skip


def _claim(thing: Any) -> Any:
    """Classes belong to the module that people import them from."""
    if isinstance(thing, type) and thing.__module__.startswith("netcon._"):
        thing.__module__ = "netcon"
    return thing


if not TYPE_CHECKING:  # checkers know what there is, and report what is not

    def __getattr__(name: str) -> Any:
        import importlib

        if name in ("aio", "configfs"):
            return importlib.import_module(f"netcon.{name}")
        for module, names in _LATER.items():
            if name in names:
                loaded = importlib.import_module(f"netcon.{module}")
                globals().update({one: _claim(getattr(loaded, one)) for one in names})
                return globals()[name]
        raise AttributeError(f"module 'netcon' has no attribute {name!r}")


def __dir__() -> list[str]:
    import sys

    # pydoc would append every method of every class: 5,000 lines behind the overview.
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") == "inspect":
        frame = frame.f_back
    if frame.f_globals.get("__name__") == "pydoc":
        return []
    return sorted({*globals(), *__all__})


for _name in __all__:
    if _name in globals():
        _claim(globals()[_name])
del _name
