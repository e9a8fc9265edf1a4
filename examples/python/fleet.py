"""Writes a line of modprobe.d for each host of an inventory: python fleet.py INVENTORY.csv RECEIVER

The inventory has the columns name, device, ip and kernel.
"""

import csv
import sys

import netcon
from netcon import configfs


def main(inventory: str, receiver: str) -> None:
    with open(inventory, encoding="utf-8", newline="") as rows:
        for host in csv.DictReader(rows):
            target = netcon.Target(remote_ip=receiver, local_ip=host["ip"], local_device=host["device"], extended=True)
            plan = configfs.create("fleet", target.resolve(host["kernel"]), host["kernel"])
            print(f"# {host['name']}\n{plan.to_modprobe().strip()}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
