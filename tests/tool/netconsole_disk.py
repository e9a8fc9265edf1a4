# SPDX-License-Identifier: MIT
"""A netconsole directory with targets of the boot parameter: netconsole_disk.py MOUNTPOINT COUNT

mkdir makes a target with its files, and mkdir of cmdline0 to cmdline(COUNT-1) attaches to one that is enabled and has a
receiver, once: its rmdir removes it for good. What a write means is not looked at. A line says when it is mounted.
"""

import stat
import sys

import pyfuse3
import trio
from lossy_disk import LossyDisk
from netconsole_files import NEW_TARGET


class NetconsoleDisk(LossyDisk):
    def __init__(self, boot_targets):
        super().__init__()
        self.hidden = {f"cmdline{n}": {"enabled": "1", "remote_ip": f"10.0.2.{n + 2}"} for n in range(boot_targets)}

    async def mkdir(self, parent, name, mode, ctx=None):
        inode = self.add(parent, name, stat.S_IFDIR | 0o755)
        if parent == pyfuse3.ROOT_INODE:
            for file, text in (NEW_TARGET | self.hidden.pop(name.decode(), {})).items():
                self.nodes[self.add(inode, file.encode(), stat.S_IFREG | 0o644)].data[:] = f"{text}\n".encode()
        return self.attributes(inode)


def main():
    pyfuse3.init(NetconsoleDisk(int(sys.argv[2])), sys.argv[1], set(pyfuse3.default_options) | {"fsname=netconsole"})
    try:
        print("mounted", flush=True)
        trio.run(pyfuse3.main)
    finally:
        pyfuse3.close(unmount=True)


if __name__ == "__main__":
    main()
