"""Prints the records of all senders: python print_records.py [PORT]"""

import sys

import netcon

with netcon.Receiver(int(sys.argv[1]) if len(sys.argv) > 1 else 6666) as rx:
    print("listening on", rx.address, flush=True)
    for event in rx.records(min_level="info"):
        print(event.sender, event.record.level, event.record, event.record.userdata, flush=True)
