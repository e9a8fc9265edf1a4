# SPDX-License-Identifier: MIT
"""What a kernel's netpoll does, for tests without netconsole: frames that pass no firewall of the sending machine.

Usage: netpoll.py LOG DEVICE SOURCE SOURCE_PORT RECEIVER RECEIVER_PORT MAC CONSOLE_LEVEL
Sends each line "<PRIORITY>TEXT" that is appended to LOG as a basic packet, when its level is below CONSOLE_LEVEL.
"""

import ipaddress
import re
import socket
import struct
import sys
import time


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(own_mac, mac, source, receiver, payload):
    """An Ethernet frame with an IPv4 UDP packet, without a UDP checksum."""
    udp = struct.pack("!4H", source[1], receiver[1], 8 + len(payload), 0) + payload
    addresses = ipaddress.ip_address(source[0]).packed + ipaddress.ip_address(receiver[0]).packed
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + addresses
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return mac + own_mac + b"\x08\x00" + header + udp


def main():
    path, device, source, source_port, receiver, receiver_port, mac, console_level = sys.argv[1:]
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((device, 0))
    own_mac = out.getsockname()[4]
    with open(path, encoding="ascii") as log:
        print("ready", flush=True)
        while True:
            line = log.readline()
            if not line:
                time.sleep(0.01)
                continue
            found = re.match(r"<(\d+)>(.*\n)", line)
            if found and int(found[1]) % 8 < int(console_level):
                text = f"[    1.000000] {found[2]}".encode()
                out.send(
                    frame(
                        own_mac,
                        bytes.fromhex(mac.replace(":", "")),
                        (source, int(source_port)),
                        (receiver, int(receiver_port)),
                        text,
                    )
                )


main()
