import datetime
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final, Literal, SupportsFloat, TypeAlias, final, overload

from typing_extensions import Self

from ._columns import Packet
from ._errors import TextRange
from ._events import AnyEvent
from ._parameter import Settings
from ._rows import FindingRow, SettingsRow, StateRow, TargetRow
from ._values import Endpoint, Level, Stats

VERSION: Final[str]

_Bytes: TypeAlias = str | bytes | bytearray | memoryview
_KernelLike: TypeAlias = str | tuple[int, int] | tuple[int, int, int] | KernelProfile | None
_Sender: TypeAlias = Endpoint | tuple[Any, int] | tuple[Any, int, int, int]
_Time: TypeAlias = SupportsFloat
_Seconds: TypeAlias = SupportsFloat | datetime.timedelta

_EventKind: TypeAlias = Literal[
    "record", "partial", "lost", "rebooted", "duplicate", "late", "basic", "junk", "forgotten", "folded"
]
_LossCause: TypeAlias = Literal["sequence_gap", "msgid_gap", "announced", "impossible"]

class KernelProfile:
    """A kernel: its version, and what its netconsole does.

    Takes a version as uname -r prints it or as a tuple of numbers, "running" for this machine's, or "newest". Features that the
    distribution or the build changed are given by name: having=[...] and without=[...]. Every kernel= argument takes what this
    constructor takes.

    >>> import netcon
    >>> netcon.KernelProfile("6.12.117+deb12-amd64")
    KernelProfile('6.12.117')
    >>> netcon.KernelProfile((6, 1), without=["ipv6"]).supports("ipv6")
    False
    """

    FEATURES: ClassVar[tuple[str, ...]]
    __match_args__: ClassVar[tuple[str, ...]]
    def __init__(
        self, version: _KernelLike = None, *, having: Iterable[str] = (), without: Iterable[str] = ()
    ) -> None: ...
    @property
    def version(self) -> tuple[int, int, int]:
        """Three numbers: (6, 12, 117)."""
    @property
    def features(self) -> frozenset[str]:
        """The names of its features."""
    def supports(self, feature: str) -> bool:
        """Whether this kernel has the feature of that name."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Record:
    """One record, as its packet holds it. Made by decode() and by the events of a receiver.

    Extended records have all attributes. Basic ones have text, raw_text and packet; level, facility, timestamp and caller when
    the line's prefix has them; the others are None or empty. Records are immutable, hashable, and equal when their bytes are.

    >>> import netcon
    >>> r = netcon.decode(b"6,339,5140900,-,caller=T1;usb 1-1: new device\\n SUBSYSTEM=usb\\n")
    >>> r.level, r.sequence, r.timestamp, r.caller, r.text
    (Level.INFO, 339, 5.1409, 'T1', 'usb 1-1: new device')
    >>> r.dictionary
    [(b'SUBSYSTEM', b'usb')]
    >>> print(r)
    [    5.140900] usb 1-1: new device
    """

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(cls, packet: _Bytes, basic: bool = False) -> Record: ...
    @property
    def release(self) -> str | None:
        """The sending kernel's release, or None."""
    @property
    def facility(self) -> int | None:
        """Syslog facility, or None in a basic record without "<N>"."""
    @property
    def level(self) -> Level | None:
        """Level, or None in a basic record without "<N>"."""
    @property
    def priority(self) -> int | None:
        """facility * 8 + level, or None in a basic record without "<N>"."""
    @property
    def sequence(self) -> int | None:
        """The record's number since boot, or None in a basic record."""
    @property
    def timestamp_us(self) -> int | None:
        """Microseconds since the sender's boot, or None in a basic record without "[SECONDS]"."""
    @property
    def timestamp(self) -> float | None:
        """The same in seconds."""
    @property
    def flag(self) -> Literal["-", "c", "+"] | None:
        """'-', 'c' (continued) or '+' (continuation before Linux 4.10), or None."""
    @property
    def caller(self) -> str | None:
        """'T123' (task) or 'C0' (processor), or None."""
    @property
    def fragment(self) -> tuple[int, int] | None:
        """(offset, total) in bytes of a fragment of a longer record, or None."""
    @property
    def text(self) -> str:
        """The text, unescaped; bytes that are not UTF-8 as \\xNN."""
    @property
    def raw_text(self) -> bytes:
        """The text as on the wire, without its newline."""
    @property
    def dictionary(self) -> list[tuple[bytes, bytes]]:
        """The lines after the text as (key, value) pairs of bytes: dictionary, userdata, sysdata."""
    @property
    def userdata(self) -> dict[str, str]:
        """The same lines as a dict of str: of a key that comes twice, the last value."""
    @property
    def fields(self) -> list[str]:
        """The header fields after the flag, except ncfrag."""
    @property
    def header(self) -> bytes:
        """The header without release and ncfrag, as on the wire."""
    @property
    def body(self) -> bytes:
        """Everything after the header, as on the wire."""
    @property
    def packet(self) -> bytes:
        """The whole packet; of a reassembled record, as one packet would carry it."""
    @property
    def is_basic(self) -> bool:
        """True for text without a header."""
    @property
    def is_replayed(self) -> bool:
        """True when the kernel marked this record as a replay."""
    @property
    def is_damaged(self) -> bool:
        """True when a kernel from 6.6 to 7.1 lost the last byte (payload of exactly 1000 bytes)."""
    def get(self, key: _Bytes, default: bytes | None = None, /) -> bytes | None:
        """The value of the last line with that key, as bytes."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

class Event:
    """One event of a Collector or Receiver, of the class of its kind: RecordEvent, LostEvent and so on.

    Attributes that another kind has are None. Event(kind, ...) makes one of that kind.

    kind       class           meaning (attributes)
    record     RecordEvent     a complete record (record, conflict)
    partial    PartialEvent    what came of a record with missing fragments (record, missing, conflict)
    lost       LostEvent       records are missing (cause, count, first_sequence)
    rebooted   RebootedEvent   the sender rebooted; its record comes next (last_sequence)
    duplicate  DuplicateEvent  a record that was delivered before (record)
    late       LateEvent       a record that was reported lost before, or older than the sender's first one (record, conflict)
    basic      BasicEvent      a line without header (record, complete, replayed)
    junk       JunkEvent       a packet that is not of netconsole (packet, reason)
    forgotten  ForgottenEvent  the limit of senders was reached: the one idle for longest was removed
    folded     FoldedEvent     empty lines of a packet followed two empty ones and are left out (count)

    >>> import netcon
    >>> (event,) = netcon.Collector().push(("10.0.0.1", 6665), b"6,7,1000,-;up\\n", 1700000000.0)
    >>> match event:
    ...     case netcon.RecordEvent(sender, record):
    ...         print(sender, record.text, event.datetime)
    10.0.0.1:6665 up 2023-11-14 22:13:20+00:00
    >>> event.to_dict()["time"], event.to_json().startswith('{"event":"record",')
    ('2023-11-14T22:13:20.000000Z', True)
    """

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        kind: _EventKind,
        sender: _Sender,
        record: Record | None = None,
        time: float | None = None,
        missing: Iterable[tuple[int, int]] | None = None,
        conflict: bool | None = None,
        cause: _LossCause | None = None,
        first_sequence: int | None = None,
        count: int | None = None,
        last_sequence: int | None = None,
        complete: bool | None = None,
        replayed: bool | None = None,
        packet: bytes | None = None,
        reason: str | None = None,
    ) -> Self: ...
    @property
    def kind(self) -> _EventKind:
        """The kind's name, as 'record'."""
    @property
    def sender(self) -> Endpoint:
        """Endpoint(host, port)."""
    @property
    def time(self) -> float | None:
        """When the packet came: the time given to push(); from a Receiver, seconds since 1970 by the kernel's clock. None in an event without time."""
    @property
    def datetime(self) -> datetime.datetime | None:
        """time as a datetime in UTC, or None. Of times since 1970 only."""
    @property
    def record(self) -> Record | None:
        """The Record; None for kinds that have none."""
    @property
    def missing(self) -> tuple[TextRange, ...] | None:
        """partial: TextRanges of the whole body that never came; the record is made of the rest."""
    @property
    def conflict(self) -> bool | None:
        """record, partial, late: True when two fragments disagreed about a byte or, of a record, another one came before with its number and time and another text."""
    @property
    def cause(self) -> _LossCause | None:
        """lost: 'sequence_gap' (a hint), 'msgid_gap' or 'announced' (both certain), or 'impossible': more than a kernel can have lost."""
    @property
    def first_sequence(self) -> int | None:
        """lost by sequence_gap: the first missing number."""
    @property
    def count(self) -> int | None:
        """lost: how many records; folded: how many lines."""
    @property
    def last_sequence(self) -> int | None:
        """rebooted: the highest sequence number before the reboot."""
    @property
    def complete(self) -> bool | None:
        """basic: whether the line's newline came."""
    @property
    def replayed(self) -> bool | None:
        """basic: whether the kernel marked the line as a replay."""
    @property
    def packet(self) -> bytes | None:
        """junk: the packet."""
    @property
    def reason(self) -> str | None:
        """junk: the error code, as ParseError has it."""
    def to_json(self) -> str:
        """The event as one line of JSON: what `netcon listen --json` prints, see docs/json.md."""
    def to_dict(self) -> dict[str, Any]:
        """The members of to_json() as a dict."""
    def replace(self, **changes: Any) -> Self:
        """The same event with other values: replace(time=0.0)."""
    def __replace__(self, **changes: Any) -> Self: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class RecordEvent(Event):
    """A complete record."""

    __match_args__: ClassVar[tuple[Literal["sender"], Literal["record"], Literal["conflict"], Literal["time"]]]
    def __new__(cls, sender: _Sender, record: Record, conflict: bool = False, time: float | None = None) -> Self: ...
    @property
    def kind(self) -> Literal["record"]: ...
    @property
    def record(self) -> Record: ...
    @property
    def missing(self) -> None: ...
    @property
    def conflict(self) -> bool: ...
    @property
    def cause(self) -> None: ...
    @property
    def first_sequence(self) -> None: ...
    @property
    def count(self) -> None: ...
    @property
    def last_sequence(self) -> None: ...
    @property
    def complete(self) -> None: ...
    @property
    def replayed(self) -> None: ...
    @property
    def packet(self) -> None: ...
    @property
    def reason(self) -> None: ...

@final
class PartialEvent(Event):
    """What came of a record with missing fragments."""

    __match_args__: ClassVar[
        tuple[Literal["sender"], Literal["record"], Literal["missing"], Literal["conflict"], Literal["time"]]
    ]
    def __new__(
        cls,
        sender: _Sender,
        record: Record,
        missing: Iterable[tuple[int, int]] = (),
        conflict: bool = False,
        time: float | None = None,
    ) -> Self: ...
    @property
    def kind(self) -> Literal["partial"]: ...
    @property
    def record(self) -> Record: ...
    @property
    def missing(self) -> tuple[TextRange, ...]: ...
    @property
    def conflict(self) -> bool: ...
    @property
    def cause(self) -> None: ...
    @property
    def first_sequence(self) -> None: ...
    @property
    def count(self) -> None: ...
    @property
    def last_sequence(self) -> None: ...
    @property
    def complete(self) -> None: ...
    @property
    def replayed(self) -> None: ...
    @property
    def packet(self) -> None: ...
    @property
    def reason(self) -> None: ...

@final
class LostEvent(Event):
    """Records are missing."""

    __match_args__: ClassVar[
        tuple[Literal["sender"], Literal["cause"], Literal["count"], Literal["first_sequence"], Literal["time"]]
    ]
    def __new__(
        cls,
        sender: _Sender,
        cause: _LossCause = "sequence_gap",
        count: int = 1,
        first_sequence: int | None = None,
        time: float | None = None,
    ) -> Self: ...
    @property
    def kind(self) -> Literal["lost"]: ...
    @property
    def record(self) -> None: ...
    @property
    def missing(self) -> None: ...
    @property
    def conflict(self) -> None: ...
    @property
    def cause(self) -> _LossCause: ...
    @property
    def first_sequence(self) -> int | None: ...
    @property
    def count(self) -> int: ...
    @property
    def last_sequence(self) -> None: ...
    @property
    def complete(self) -> None: ...
    @property
    def replayed(self) -> None: ...
    @property
    def packet(self) -> None: ...
    @property
    def reason(self) -> None: ...

@final
class RebootedEvent(Event):
    """The sender rebooted; its record comes next."""

    __match_args__: ClassVar[tuple[Literal["sender"], Literal["last_sequence"], Literal["time"]]]
    def __new__(cls, sender: _Sender, last_sequence: int = 0, time: float | None = None) -> Self: ...
    @property
    def kind(self) -> Literal["rebooted"]: ...
    @property
    def record(self) -> None: ...
    @property
    def missing(self) -> None: ...
    @property
    def conflict(self) -> None: ...
    @property
    def cause(self) -> None: ...
    @property
    def first_sequence(self) -> None: ...
    @property
    def count(self) -> None: ...
    @property
    def last_sequence(self) -> int: ...
    @property
    def complete(self) -> None: ...
    @property
    def replayed(self) -> None: ...
    @property
    def packet(self) -> None: ...
    @property
    def reason(self) -> None: ...

@final
class DuplicateEvent(Event):
    """A record that was delivered before."""

    __match_args__: ClassVar[tuple[Literal["sender"], Literal["record"], Literal["time"]]]
    def __new__(cls, sender: _Sender, record: Record, time: float | None = None) -> Self: ...
    @property
    def kind(self) -> Literal["duplicate"]: ...
    @property
    def record(self) -> Record: ...
    @property
    def missing(self) -> None: ...
    @property
    def conflict(self) -> None: ...
    @property
    def cause(self) -> None: ...
    @property
    def first_sequence(self) -> None: ...
    @property
    def count(self) -> None: ...
    @property
    def last_sequence(self) -> None: ...
    @property
    def complete(self) -> None: ...
    @property
    def replayed(self) -> None: ...
    @property
    def packet(self) -> None: ...
    @property
    def reason(self) -> None: ...

@final
class LateEvent(Event):
    """A record that was reported lost before, or older than the sender's first one."""

    __match_args__: ClassVar[tuple[Literal["sender"], Literal["record"], Literal["conflict"], Literal["time"]]]
    def __new__(cls, sender: _Sender, record: Record, conflict: bool = False, time: float | None = None) -> Self: ...
    @property
    def kind(self) -> Literal["late"]: ...
    @property
    def record(self) -> Record: ...
    @property
    def missing(self) -> None: ...
    @property
    def conflict(self) -> bool: ...
    @property
    def cause(self) -> None: ...
    @property
    def first_sequence(self) -> None: ...
    @property
    def count(self) -> None: ...
    @property
    def last_sequence(self) -> None: ...
    @property
    def complete(self) -> None: ...
    @property
    def replayed(self) -> None: ...
    @property
    def packet(self) -> None: ...
    @property
    def reason(self) -> None: ...

@final
class BasicEvent(Event):
    """A line without header."""

    __match_args__: ClassVar[
        tuple[Literal["sender"], Literal["record"], Literal["complete"], Literal["replayed"], Literal["time"]]
    ]
    def __new__(
        cls, sender: _Sender, record: Record, complete: bool = True, replayed: bool = False, time: float | None = None
    ) -> Self: ...
    @property
    def kind(self) -> Literal["basic"]: ...
    @property
    def record(self) -> Record: ...
    @property
    def missing(self) -> None: ...
    @property
    def conflict(self) -> None: ...
    @property
    def cause(self) -> None: ...
    @property
    def first_sequence(self) -> None: ...
    @property
    def count(self) -> None: ...
    @property
    def last_sequence(self) -> None: ...
    @property
    def complete(self) -> bool: ...
    @property
    def replayed(self) -> bool: ...
    @property
    def packet(self) -> None: ...
    @property
    def reason(self) -> None: ...

@final
class JunkEvent(Event):
    """A packet that is not of netconsole."""

    __match_args__: ClassVar[tuple[Literal["sender"], Literal["packet"], Literal["reason"], Literal["time"]]]
    def __new__(cls, sender: _Sender, packet: _Bytes, reason: str, time: float | None = None) -> Self: ...
    @property
    def kind(self) -> Literal["junk"]: ...
    @property
    def record(self) -> None: ...
    @property
    def missing(self) -> None: ...
    @property
    def conflict(self) -> None: ...
    @property
    def cause(self) -> None: ...
    @property
    def first_sequence(self) -> None: ...
    @property
    def count(self) -> None: ...
    @property
    def last_sequence(self) -> None: ...
    @property
    def complete(self) -> None: ...
    @property
    def replayed(self) -> None: ...
    @property
    def packet(self) -> bytes: ...
    @property
    def reason(self) -> str: ...

@final
class ForgottenEvent(Event):
    """The limit of senders was reached: the one idle for longest was removed."""

    __match_args__: ClassVar[tuple[Literal["sender"], Literal["time"]]]
    def __new__(cls, sender: _Sender, time: float | None = None) -> Self: ...
    @property
    def kind(self) -> Literal["forgotten"]: ...
    @property
    def record(self) -> None: ...
    @property
    def missing(self) -> None: ...
    @property
    def conflict(self) -> None: ...
    @property
    def cause(self) -> None: ...
    @property
    def first_sequence(self) -> None: ...
    @property
    def count(self) -> None: ...
    @property
    def last_sequence(self) -> None: ...
    @property
    def complete(self) -> None: ...
    @property
    def replayed(self) -> None: ...
    @property
    def packet(self) -> None: ...
    @property
    def reason(self) -> None: ...

@final
class FoldedEvent(Event):
    """Empty lines of a packet followed two empty ones and are left out."""

    __match_args__: ClassVar[tuple[Literal["sender"], Literal["count"], Literal["time"]]]
    def __new__(cls, sender: _Sender, count: int, time: float | None = None) -> Self: ...
    @property
    def kind(self) -> Literal["folded"]: ...
    @property
    def record(self) -> None: ...
    @property
    def missing(self) -> None: ...
    @property
    def conflict(self) -> None: ...
    @property
    def cause(self) -> None: ...
    @property
    def first_sequence(self) -> None: ...
    @property
    def count(self) -> int: ...
    @property
    def last_sequence(self) -> None: ...
    @property
    def complete(self) -> None: ...
    @property
    def replayed(self) -> None: ...
    @property
    def packet(self) -> None: ...
    @property
    def reason(self) -> None: ...

class Collector:
    """Packets of many senders in, events out; bounded whatever arrives.

    Has no socket, no clock and no thread. The caller passes the current time in seconds, of a clock that never steps.
    The arguments are limits; durations are seconds or a timedelta. reorder: how long a record waits for missing ones before
    it. age: how long a record waits for its fragments. bytes: what all records that wait for fragments take.

    >>> import netcon
    >>> c = netcon.Collector()
    >>> for e in c.push(("10.0.0.1", 6665), b"6,7,1000,-;one\\n", 0.0): print(e.kind, e.record.text)
    record one
    >>> for e in c.push(("10.0.0.1", 6665), b"6,9,1200,-;three\\n", 0.1): print(e.kind, e.count, e.record)
    lost 1 None
    record None [    0.001200] three
    >>> c.stats.lost
    1
    """
    def __init__(
        self,
        *,
        senders: int = 65536,
        record_bytes: int = 131072,
        records_per_sender: int = 8,
        records: int = 1024,
        bytes: int = 16777216,
        holes: int = 256,
        age: _Seconds = 1.0,
        reorder: _Seconds = 0.0,
        reorder_bytes: int = 262144,
        queued_bytes: int = 16777216,
        line_bytes: int = 8192,
        line_age: _Seconds = 1.0,
        join_continuations: bool = False,
        continuation_age: _Seconds = 0.1,
        late_age: _Seconds = 10.0,
    ) -> None: ...
    @overload
    def push(self, sender: Packet) -> list[AnyEvent]: ...
    @overload
    def push(self, sender: _Sender, packet: _Bytes, now: _Time) -> list[AnyEvent]: ...
    def expire(self, now: _Time) -> list[AnyEvent]:
        """Delivers what waited for too long, and returns the events."""
    def flush(self) -> list[AnyEvent]:
        """Delivers everything that waits, as at the end of a run."""
    @property
    def deadline(self) -> float | None:
        """When to call expire() next, or None."""
    @property
    def stats(self) -> Stats:
        """Stats: counters since the start."""
    @property
    def senders(self) -> int:
        """How many senders are known."""

class CrashScanner:
    """Finds crashes; netcon.crashes() is what to use."""

    def __init__(self) -> None: ...
    def add_log(self, piece: _Bytes) -> list[dict[str, Any]]: ...
    def add_record(
        self,
        host: str,
        record: Record,
        kind: str,
        time: float | None,
    ) -> list[dict[str, Any]]: ...
    def expire(self, time: float) -> list[dict[str, Any]]: ...
    def lost(self, host: str) -> None: ...
    def rebooted(self, host: str) -> list[dict[str, Any]]: ...
    def finish(self) -> list[dict[str, Any]]: ...

def decode(packet: _Bytes) -> Record:
    """Reads one packet: an extended record, or else basic text.

    Raises ParseError for an empty packet, and for an extended header that no kernel sends.

    >>> import netcon
    >>> netcon.decode(b"3,12,98000000,-;Kernel panic\\n").level
    Level.ERR
    >>> netcon.decode(b"9999,12,98000000,-;x\\n")
    Traceback (most recent call last):
    ...
    netcon.ParseError: the priority is larger than 2047
      9999,12,98000000,-;x\\x0a
      ^~~~
    hint: facility x 8 + level is at most 2047: another program sent this
    """

def encode(
    header: _Bytes,
    body: _Bytes,
    *,
    kernel: _KernelLike = None,
    release: _Bytes | None = None,
    userdata: Mapping[str, str] | Mapping[bytes, bytes] | Iterable[tuple[_Bytes, _Bytes]] = (),
    sysdata: Mapping[str, Any] | None = None,
) -> list[bytes]: ...
def encode_basic(text: _Bytes) -> list[bytes]: ...
def format_extended(
    text: _Bytes,
    *,
    priority: int = 6,
    sequence: int = 0,
    timestamp_us: int = 0,
    flag: Literal["-", "c", "+"] = "-",
    caller: _Bytes = "",
    subsystem: _Bytes = "",
    device: _Bytes = "",
    kernel: _KernelLike = None,
) -> tuple[bytes, bytes]: ...
def format_basic(
    text: _Bytes,
    *,
    priority: int = 6,
    timestamp_us: int = 0,
    caller: _Bytes = "",
    time: bool = True,
    syslog: bool = False,
) -> bytes: ...
def escape(text: _Bytes) -> bytes: ...
def unescape(text: _Bytes) -> bytes: ...
def printable(text: _Bytes) -> str: ...
def probe_text(nonce: int, level: int) -> str: ...
def probe_answer_text(nonce: int, level: int, seen: object, lost: int) -> str: ...
def probe_opening_text(nonce: int) -> str: ...
def find_probe(packet: Record | _Bytes) -> tuple[int, Level] | None: ...
def read_probe_answer(datagram: _Bytes) -> tuple[int, Level, Endpoint, int] | None: ...
def read_probe_opening(datagram: _Bytes) -> int | None: ...

class _Tree:
    def mkdir(self, path: _Bytes) -> None:
        """Makes a target, or a userdata key."""
    def rmdir(self, path: _Bytes) -> None:
        """Removes one."""
    def write(self, path: _Bytes, data: _Bytes) -> int:
        """One write(2) on a freshly opened file; how many bytes the kernel took."""
    def read(self, path: _Bytes) -> bytes:
        """The whole content of a file."""
    def entries(self, path: _Bytes = "") -> list[str]:
        """The names in a directory, in the kernel's order."""
    def listdir(self, path: _Bytes = "") -> list[str]:
        """The names in a directory, sorted."""
    def read_state(self, name: _Bytes, kernel: _KernelLike) -> StateRow:
        """The row that configfs.read() makes a State of."""
    def apply_plan(self, name: _Bytes, before: StateRow | None, after: StateRow | None, kernel: _KernelLike) -> None:
        """Plan.apply() calls it."""

class MemoryTree(_Tree):
    """A model of the netconsole directory of any kernel.

    Every operation gives the bytes or the errno of that kernel, as root, on a machine with these interfaces:
    dicts with name, mac, ipv4, ipv6, up, master, netpoll and bridge; only name is required. Paths are relative to the
    netconsole directory.

    >>> from netcon.configfs import MemoryTree
    >>> tree = MemoryTree(kernel="6.12.117", interfaces=[{"name": "eth0", "ipv4": ["10.0.2.15"]}])
    >>> tree.mkdir("box1")
    >>> tree.write("box1/remote_ip", b"10.0.2.2\\n"), tree.write("box1/enabled", b"1")
    (9, 1)
    >>> tree.read("box1/local_ip")
    b'10.0.2.15\\n'
    >>> tree.write("box1/remote_ip", b"10.0.2.3")
    Traceback (most recent call last):
    ...
    OSError: [Errno 22] target is enabled: disable it to change remote_ip: 'box1/remote_ip'
    """
    def __init__(self, kernel: _KernelLike = None, interfaces: Iterable[Mapping[str, Any]] = ()) -> None: ...
    @property
    def kernel(self) -> KernelProfile:
        """The KernelProfile it behaves as."""
    @property
    def interfaces(self) -> list[dict[str, Any]]:
        """The interfaces as they are now."""
    def stat(self, path: _Bytes) -> tuple[int, int]:
        """(mode, size) as stat(2) reports them."""
    def unlink(self, path: _Bytes) -> None:
        """Always fails, with the errno of the kernel."""
    def rename(self, path: _Bytes, to: _Bytes) -> None:
        """Fails unless both names are the same."""
    def symlink(self, path: _Bytes) -> None:
        """Always fails, with the errno of the kernel."""
    def unload(self) -> None:
        """rmmod netconsole."""
    def add_boot_target(self, settings: Settings) -> None:
        """The next target of the module parameter: cmdline0, cmdline1 and so on."""
    def state(self, name: _Bytes) -> Literal["disabled", "enabled", "deactivated"] | None:
        """'disabled', 'enabled' or 'deactivated'; None when there is no such target."""
    def published_userdata(self, name: _Bytes) -> bytes:
        """The lines that an extended record of that target carries after its body."""
    def register_interface(self, interface: Mapping[str, Any]) -> None:
        """An interface comes; targets that waited for it resume (7.0+)."""
    def see_interface_elsewhere(self, interface: Mapping[str, Any]) -> None:
        """An interface comes in another network namespace; targets that wait for its like wait no longer (7.0+)."""
    def take_log(self) -> list[tuple[str, str]]:
        """What the kernel logged since the last call, as (level, text), 1000 lines at most."""
    def unregister_interface(self, name: _Bytes) -> None:
        """An interface goes, and its targets with it."""
    def rename_interface(self, name: _Bytes, to: _Bytes) -> None:
        """An interface gets another name; targets follow it."""
    def enslave(self, name: _Bytes, master: _Bytes) -> None:
        """An interface becomes a port of a bridge, bond or team."""
    def release(self, name: _Bytes) -> None:
        """It leaves its master. Targets on the master stop with its last port, unless it is a bridge."""
    def set_up(self, name: _Bytes, up: bool) -> None:
        """The interface goes up or down."""
    def set_addresses(self, name: _Bytes, ipv4: Iterable[Any] = (), ipv6: Iterable[Any] = ()) -> None:
        """Replaces the addresses of an interface."""

class MountedTree(_Tree):
    """The real netconsole directory of this machine.

    Paths are relative to root and never leave it. OSError has the kernel's errno and its reason in words.
    """
    def __init__(self, root: _Bytes | os.PathLike[str] = "/sys/kernel/config/netconsole") -> None: ...
    @property
    def root(self) -> str:
        """The directory."""
    def find_obstacle(self, to_change: bool = True) -> str | None:
        """What keeps this directory from being read or changed, and the command that fixes it; None when nothing does."""

class SocketReceiver:
    def __init__(
        self,
        local: tuple[str, int],
        fd: int | None,
        reuse_port: bool,
        buffer_bytes: int,
        allow: list[str],
        min_level: int | None,
        basic: bool,
        limits: dict[str, Any],
    ) -> None: ...
    def batch(self, timeout: _Seconds | None, events: list[AnyEvent]) -> int: ...
    def keep_up(self) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...
    def forked(self) -> None: ...
    def fileno(self) -> int: ...
    @property
    def address(self) -> Endpoint: ...
    @property
    def stopped(self) -> bool: ...
    @property
    def closed(self) -> bool: ...
    @property
    def receive_buffer(self) -> int: ...
    @property
    def wait(self) -> float | None: ...
    @property
    def stats(self) -> dict[str, int]: ...

class SocketSender:
    def __init__(self, remote: tuple[str, int], local: tuple[str, int] | None, buffer_bytes: int) -> None: ...
    def send(self, packets: Iterable[_Bytes]) -> int: ...
    def close(self) -> None: ...
    def forked(self) -> None: ...
    def fileno(self) -> int: ...
    @property
    def address(self) -> Endpoint: ...
    @property
    def stats(self) -> dict[str, int]: ...

def take_all(left: deque[AnyEvent], events: list[AnyEvent]) -> None: ...
def give_back(left: deque[AnyEvent], events: list[AnyEvent], most: int) -> None: ...
def parse_target(text: _Bytes, kernel: _KernelLike) -> TargetRow: ...
def parse_parameter(text: _Bytes, kernel: _KernelLike) -> tuple[list[TargetRow], list[tuple[int, int]], list[Any]]: ...
def check_target(row: TargetRow, kernel: _KernelLike) -> str | None: ...
def resolve_target(row: TargetRow, kernel: _KernelLike) -> SettingsRow: ...
def format_target(row: TargetRow) -> str: ...
def shortest_target(row: TargetRow, kernel: _KernelLike) -> TargetRow: ...
def full_target(row: SettingsRow) -> TargetRow: ...
def lint(text: _Bytes, kernel: _KernelLike) -> list[FindingRow]: ...
def lint_config(text: _Bytes, format: str, kernel: _KernelLike) -> list[FindingRow]: ...
def find_parameters(text: _Bytes, format: str) -> list[str]: ...
def config_format(path: _Bytes, text: _Bytes | None) -> str | None: ...
def config_formats() -> tuple[str, ...]: ...
def is_text(text: _Bytes) -> bool: ...
def lint_argument(text: _Bytes, kernel: _KernelLike) -> list[FindingRow]: ...
def boot_log(text: _Bytes, kernel: _KernelLike = None) -> list[str]: ...
def render(
    text: _Bytes,
    severity: str,
    code: str,
    begin: int,
    end: int,
    fix: tuple[int, int, _Bytes] | None,
    file: str | None = None,
) -> str: ...
def quoted(text: _Bytes, begin: int, end: int) -> str: ...
def fixed(text: _Bytes, format: str | None, kernel: _KernelLike) -> bytes: ...
def apply_fixes(text: _Bytes, fixes: Iterable[tuple[int, int, _Bytes]]) -> bytes: ...
def read_mac(text: _Bytes) -> tuple[str, bool, bool, bytes]: ...

@final
class TextRows:
    def __len__(self) -> int: ...
    def __getitem__(self, at: int, /) -> str | bytes | None: ...
    def __iter__(self) -> Iterator[str | bytes | None]: ...
    def tolist(self) -> list[str | bytes | None]: ...

def decode_columns(packets: list[Any], keys: Iterable[_Bytes], arrays: dict[str, Any]) -> dict[str, Any]: ...

class CaptureReader:
    """The packets of a capture; netcon.read_pcap() is what to use."""
    def __init__(self, path: str, read: Callable[[int], bytes] | None, port: int | None) -> None: ...
    def read(self, bytes: int) -> list[Packet]: ...
    def found(self) -> tuple[str | None, int, dict[int, int]]: ...
    @property
    def done(self) -> bool: ...

def complete_target(row: TargetRow, timeout: _Seconds) -> TargetRow: ...
def find_route(
    remote: bytes, source: bytes | None, device: int
) -> tuple[str, int, str, str, str, bool, bool, bool, int]: ...
def plan_steps(
    name: _Bytes, before: StateRow | None, after: StateRow | None, kernel: _KernelLike
) -> list[tuple[Literal["mkdir", "rmdir", "write"], str, bytes]]: ...
def plan_to_shell(name: _Bytes, before: StateRow | None, after: StateRow | None, kernel: _KernelLike) -> str: ...
def plan_to_modprobe(name: _Bytes, before: StateRow | None, after: StateRow | None, kernel: _KernelLike) -> str: ...
def plan_to_cmdline(name: _Bytes, before: StateRow | None, after: StateRow | None, kernel: _KernelLike) -> str: ...
def plan_to_systemd_unit(name: _Bytes, before: StateRow | None, after: StateRow | None, kernel: _KernelLike) -> str: ...
