# SPDX-License-Identifier: MIT
"""The kinds of events as one type, for annotations and for match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Optional, TypeAlias

from ._core import (
    BasicEvent,
    DuplicateEvent,
    FoldedEvent,
    ForgottenEvent,
    JunkEvent,
    LateEvent,
    LostEvent,
    PartialEvent,
    RebootedEvent,
    RecordEvent,
)
from ._values import Level

AnyEvent: TypeAlias = (
    RecordEvent
    | PartialEvent
    | LostEvent
    | RebootedEvent
    | DuplicateEvent
    | LateEvent
    | BasicEvent
    | JunkEvent
    | ForgottenEvent
    | FoldedEvent
)

#: The events that bring a record which was not delivered before.
NewRecord: TypeAlias = RecordEvent | PartialEvent | LateEvent | BasicEvent
_NEW = (RecordEvent, PartialEvent, LateEvent, BasicEvent)


def new_record(event: AnyEvent, min_level: Optional[Level]) -> Optional[NewRecord]:
    """The event if it brings a new record, at least as severe as min_level; a record without level always is."""
    if not isinstance(event, _NEW):
        return None
    if min_level is not None:
        level = event.record.level
        if level is not None and level > min_level:
            return None
    return event


def new_records(events: Iterable[AnyEvent], min_level: Optional[Level]) -> Iterator[NewRecord]:
    for event in events:
        found = new_record(event, min_level)
        if found is not None:
            yield found
