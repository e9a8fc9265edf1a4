"""The Linux kernel's netconsole: its parameter, its configfs tree, its packets.

>>> import netcon
>>> netcon.parse_target("+@/eth0,@10.0.0.2/").resolve().remote_port
6666
>>> r = netcon.decode(b"3,812,98000000,-;Kernel panic - not syncing\\n")
>>> str(r.level), r.sequence, r.text
('err', 812, 'Kernel panic - not syncing')
"""

from __future__ import annotations

from . import _core
from ._core import (
    Collector,
    Event,
    Kernel,
    Record,
    decode,
    encode,
    encode_legacy,
    escape,
    format_extended,
    format_legacy,
    printable,
    unescape,
)
from ._errors import EncodeError, Error, ParseError, PlanError
from ._lint import Finding, Fix, apply_fixes, lint, render
from ._parameter import Parameter, Settings, Target, parse_parameter, parse_target
from ._values import Endpoint, Level, MacAddress, Stats
from . import configfs

__version__: str = _core.VERSION

__all__ = [
    "Collector",
    "EncodeError",
    "Endpoint",
    "Error",
    "Event",
    "Finding",
    "Fix",
    "Kernel",
    "Level",
    "MacAddress",
    "Parameter",
    "ParseError",
    "PlanError",
    "Record",
    "Settings",
    "Stats",
    "Target",
    "apply_fixes",
    "configfs",
    "decode",
    "encode",
    "encode_legacy",
    "escape",
    "format_extended",
    "format_legacy",
    "lint",
    "parse_parameter",
    "parse_target",
    "printable",
    "render",
    "unescape",
]

# Where a class is looked for is where people import it from.
for _name in __all__:
    _object = globals()[_name]
    if isinstance(_object, type) and _object.__module__.startswith("netcon._"):
        _object.__module__ = "netcon"
del _name, _object
