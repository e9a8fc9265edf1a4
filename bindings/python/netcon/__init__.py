"""The Linux kernel's netconsole: its parameter, its configfs tree, its packets.

>>> import netcon
>>> netcon.parse_target("+@/eth0,@10.0.0.2/").resolve().remote_port
6666
>>> r = netcon.decode(b"3,812,98000000,-;Kernel panic - not syncing\\n")
>>> str(r.level), r.sequence, r.text
('err', 812, 'Kernel panic - not syncing')

Receiving takes three lines:

    with netcon.Receiver(port=6666) as rx:
        for event in rx:
            print(event.kind, event.sender, event.record)

The parameter: parse_target, parse_parameter, lint, lint_config. The wire: decode, encode, decode_many, read_pcap. Receiving:
Receiver, Collector, aio.listen. Sending: Sender, LogHandler. Configuration at run time: configfs, complete.
"""

from __future__ import annotations

from . import _core, aio, configfs
from ._columns import Packet, TextColumn, decode_many, read_pcap
from ._core import (
    Collector,
    Event,
    KernelProfile,
    Record,
    decode,
)
from ._errors import EncodeError, Error, ParseError, PlanError, RouteError, TextRange
from ._lint import Finding, Fix, apply_fixes, boot_log, config_format, find_parameters, fixed, lint, lint_config, render
from ._logging import LogHandler
from ._parameter import Parameter, Settings, Target, parse_parameter, parse_target
from ._receive import Receiver, Sender
from ._route import Route, complete, find_route
from ._values import Endpoint, Level, MacAddress, Stats
from ._wire import encode, encode_basic, escape, format_basic, format_extended, printable, unescape

__version__: str = _core.VERSION

__all__ = [
    "Collector",
    "EncodeError",
    "Endpoint",
    "Error",
    "Event",
    "Finding",
    "Fix",
    "KernelProfile",
    "Level",
    "LogHandler",
    "MacAddress",
    "Packet",
    "Parameter",
    "ParseError",
    "PlanError",
    "Receiver",
    "Record",
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
    "lint",
    "lint_config",
    "parse_parameter",
    "parse_target",
    "printable",
    "read_pcap",
    "render",
    "unescape",
]

# Classes belong to the module that people import them from.
for _name in __all__:
    _object = globals()[_name]
    if isinstance(_object, type) and _object.__module__.startswith("netcon._"):
        _object.__module__ = "netcon"
del _name, _object
