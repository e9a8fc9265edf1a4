"""Prints the records of all senders, and reports lost ones.

python print_events.py [PORT [COUNT]]
"""

import sys

import netcon


def line(event: netcon.Event) -> str:
    if event.kind in ("record", "late", "partial"):
        extra = "".join(f" {netcon.printable(k)}={netcon.printable(v)}" for k, v in event.record.dictionary)
        mark = "" if event.kind == "record" else f"({event.kind}) "
        return f"{event.sender} {event.record.level!s:7} {mark}{event.record}{extra}"
    if event.kind == "basic":
        return f"{event.sender} {event.record}"
    if event.kind == "lost":
        return f"{event.sender} -- {event.count} lost ({event.cause})"
    return f"{event.sender} -- {event.kind}"


def main(port: int = 6666, count: int = 0) -> None:
    with netcon.Receiver(port) as rx:
        print("listening on", rx.address, flush=True)
        for number, event in enumerate(rx, 1):
            print(line(event), flush=True)
            if number == count:
                break
        print(f"{rx.stats.records} records, {rx.stats.lost} lost, {rx.stats.dropped} dropped by the socket")


if __name__ == "__main__":
    try:
        main(*map(int, sys.argv[1:3]))
    except KeyboardInterrupt:
        pass
