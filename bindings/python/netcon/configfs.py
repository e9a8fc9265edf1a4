# SPDX-License-Identifier: MIT
"""The directory that configures netconsole while the kernel runs.

>>> from netcon import configfs
>>> import netcon
>>> want = netcon.parse_target("+@/eth0,@10.0.0.2/").resolve()
>>> plan = configfs.create("box1", want)
>>> for step in plan.steps: print(step)
mkdir box1
write b'1\\n' to box1/extended
write b'10.0.0.2\\n' to box1/remote_ip
write b'1\\n' to box1/enabled
>>> tree = configfs.MemoryTree(interfaces=[{"name": "eth0", "ipv4": ["10.0.0.1"]}])
>>> plan.apply(tree)
>>> configfs.read(tree, "box1").enabled
True
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address
from typing import Any, Literal, NamedTuple, Optional, Union

from . import _core
from ._check import MOST_COUNT, flag, integer, iterable, pairs
from ._core import MemoryTree, MountedTree
from ._errors import PlanError
from ._parameter import Settings
from ._rows import StateRow
from ._values import KernelLike, MacAddress

__all__ = [
    "MemoryTree",
    "MountedTree",
    "Plan",
    "PlanError",
    "State",
    "Step",
    "create",
    "read",
    "remove",
    "update",
]

SYSDATA = ("cpu_nr", "taskname", "release", "msgid")

Tree = Union[MemoryTree, MountedTree]

_REMEDY = "configfs.read(tree, name) gives the one that is there, State(settings) makes one"


@dataclasses.dataclass(frozen=True)
class State:
    """One complete target.

    userdata: pairs in the order of creation, which is the order sent; a dict may be given
    sysdata: which of 'cpu_nr', 'taskname', 'release' and 'msgid' are on
    local_mac, transmit_errors, unknown: known from reading only; plans ignore them
    """

    settings: Settings = Settings()
    enabled: bool = True
    userdata: tuple[tuple[str, str], ...] = ()
    sysdata: frozenset[str] = frozenset()
    local_mac: MacAddress = MacAddress("ff:ff:ff:ff:ff:ff")
    transmit_errors: Optional[int] = None
    unknown: tuple[tuple[str, bytes], ...] = ()

    def __init__(
        self,
        settings: Settings = Settings(),
        enabled: bool = True,
        userdata: Union[Mapping[str, str], Iterable[tuple[str, str]]] = (),
        sysdata: Iterable[str] = (),
        local_mac: str = "ff:ff:ff:ff:ff:ff",
        transmit_errors: Optional[int] = None,
        unknown: Iterable[tuple[str, bytes]] = (),
    ) -> None:
        if not isinstance(settings, Settings):
            raise TypeError(f"settings must be Settings, not {type(settings).__name__}")
        switches = frozenset(iterable(sysdata, "sysdata", "names"))
        if not switches <= set(SYSDATA):
            raise ValueError(f"sysdata must be some of {', '.join(SYSDATA)}")
        put = object.__setattr__
        put(self, "settings", settings)
        put(self, "enabled", flag(enabled, "enabled"))
        put(self, "userdata", tuple(pairs(userdata, "userdata")))
        put(self, "sysdata", switches)
        put(self, "local_mac", MacAddress(local_mac))
        if transmit_errors is not None:
            transmit_errors = integer(transmit_errors, "transmit_errors", 0, MOST_COUNT)
        put(self, "transmit_errors", transmit_errors)
        put(self, "unknown", tuple(pairs(unknown, "unknown")))

    def _row(self) -> StateRow:
        on = self.sysdata
        return (
            self.settings._row(),
            self.enabled,
            self.userdata,
            ("cpu_nr" in on, "taskname" in on, "release" in on, "msgid" in on),
            self.local_mac,
            self.transmit_errors,
            self.unknown,
        )

    @classmethod
    def _of(cls, row: StateRow) -> State:
        settings, enabled, userdata, sysdata, local_mac, transmit_errors, unknown = row
        on = [name for name, is_on in zip(SYSDATA, sysdata) if is_on]
        return cls(Settings._of(settings), enabled, userdata, on, local_mac, transmit_errors, unknown)


class Step(NamedTuple):
    """One file operation."""

    what: Literal["mkdir", "rmdir", "write"]
    path: str
    data: bytes = b""

    def __str__(self) -> str:
        return f"write {self.data!r} to {self.path}" if self.what == "write" else f"{self.what} {self.path}"


@dataclasses.dataclass(frozen=True)
class Plan:
    """The operations that take a target from one state to another; None is a target that does not exist.

    Raises PlanError for a state that this kernel's configfs cannot hold.
    """

    name: str
    before: Optional[State]
    after: Optional[State]
    kernel: _core.KernelProfile = _core.KernelProfile()

    def __post_init__(self) -> None:
        if not isinstance(self.kernel, _core.KernelProfile):
            object.__setattr__(self, "kernel", _core.KernelProfile(self.kernel))
        for argument in ("before", "after"):
            state = getattr(self, argument)
            if state is not None and not isinstance(state, State):
                raise TypeError(f"{argument} must be a State or None, not {type(state).__name__}: {_REMEDY}")
        object.__setattr__(self, "_steps", tuple(Step(*row) for row in _core.plan_steps(*self._row())))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The fewest steps, in an order that works; none when there is nothing to do."""
        steps: tuple[Step, ...] = self._steps  # type: ignore[attr-defined]
        return steps

    def __bool__(self) -> bool:
        return bool(self.steps)

    def inverse(self) -> Plan:
        """The plan that undoes this one."""
        now = self.after
        # The kernel has chosen a source by now: not the one that after says, which is none.
        if self.before is not None and now is not None and now.enabled and now.settings.local_ip is None:
            now = dataclasses.replace(now, settings=dataclasses.replace(now.settings, local_ip=IPv4Address("0.0.0.0")))
        return Plan(self.name, now, self.before, self.kernel)

    def apply(self, tree: Optional[Tree] = None) -> None:
        """Carries out the steps, by default on this machine.

        When a step fails, restores the state before and raises OSError with the reason. A plan that makes cmdlineN raises
        FileExistsError where that target of the boot parameter runs, and leaves it as it is.
        """
        if tree is None:
            tree = MountedTree()
        _tree(tree).apply_plan(*self._row())

    def to_shell(self) -> str:
        """A POSIX script that stops at the first step that fails and reports it."""
        return _core.plan_to_shell(*self._row())

    def to_modprobe(self) -> str:
        """A line for /etc/modprobe.d; ValueError when the target has no such form."""
        return _core.plan_to_modprobe(*self._row())

    def to_cmdline(self) -> str:
        """The text to add to the kernel command line; ValueError when the target has no such form."""
        return _core.plan_to_cmdline(*self._row())

    def to_systemd_unit(self) -> str:
        """A oneshot service; ValueError when the target has no such form."""
        return _core.plan_to_systemd_unit(*self._row())

    def _row(self) -> Any:
        return (
            self.name,
            None if self.before is None else self.before._row(),
            None if self.after is None else self.after._row(),
            self.kernel,
        )


def _tree(tree: Tree) -> Tree:
    if not isinstance(tree, (MemoryTree, MountedTree)):
        raise TypeError(f"tree must be a MemoryTree or a MountedTree, not {type(tree).__name__}")
    return tree


def _state(want: Union[Settings, State], now: Optional[State] = None) -> State:
    if isinstance(want, State):
        return want
    if not isinstance(want, Settings):
        raise TypeError(f"want must be Settings or a State, not {type(want).__name__}")
    if now is None:
        return State(want)
    if not isinstance(now, State):
        raise TypeError(f"now must be a State, not {type(now).__name__}: {_REMEDY}")
    return dataclasses.replace(now, settings=want, enabled=True)


def create(name: str, want: Union[Settings, State], kernel: KernelLike = None) -> Plan:
    """A new target; from Settings an enabled one without userdata."""
    return Plan(name, None, _state(want), _core.KernelProfile(kernel))


def update(name: str, now: State, want: Union[Settings, State], kernel: KernelLike = None) -> Plan:
    """From now to want; with Settings the rest is kept, and the target ends enabled."""
    return Plan(name, now, _state(want, now), _core.KernelProfile(kernel))


def remove(name: str, now: State, kernel: KernelLike = None) -> Plan:
    """Removes the userdata and then the target."""
    return Plan(name, now, None, _core.KernelProfile(kernel))


def read(tree: Tree, name: str, kernel: KernelLike = None) -> State:
    """The state of a target. The kernel is that of the tree if it has one, else the newest."""
    _tree(tree)
    if kernel is None:
        kernel = getattr(tree, "kernel", None)
    return State._of(tree.read_state(name, kernel))
