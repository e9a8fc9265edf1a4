# SPDX-License-Identifier: MIT
"""A file system that loses what was not synced: lossy_disk.py MOUNTPOINT LOSSES

It has two states: what programs see, and what the disk has. fsync and fdatasync bring the bytes of a file to the disk, fsync
of a directory its names, and nothing else does. At SIGUSR1 the power fails: LOSSES/1, LOSSES/2 ... get what the disk has
then, in two forms. `disk` has synced bytes under synced names; `names` has synced bytes under all names, as a file system
leaves it that stores names early. A line on standard output says when it is mounted, and when a loss is written.
"""

import errno
import os
import pathlib
import signal
import stat
import sys
import time

import pyfuse3
import trio


class Node:
    def __init__(self, mode):
        self.mode = mode
        self.data, self.data_on_disk = bytearray(), b""
        self.names, self.names_on_disk = {}, {}
        self.links = 1
        self.time_ns = time.time_ns()


class LossyDisk(pyfuse3.Operations):
    """A directory's handle is its inode, and so is a file's."""

    enable_writeback_cache = False

    def __init__(self):
        super().__init__()
        self.nodes = {pyfuse3.ROOT_INODE: Node(stat.S_IFDIR | 0o755)}

    def attributes(self, inode):
        node, out = self.nodes[inode], pyfuse3.EntryAttributes()
        out.st_ino, out.st_mode, out.st_nlink, out.st_size = inode, node.mode, node.links, len(node.data)
        out.st_uid, out.st_gid = os.getuid(), os.getgid()
        out.st_atime_ns = out.st_mtime_ns = out.st_ctime_ns = node.time_ns
        out.attr_timeout = out.entry_timeout = 0
        return out

    def find(self, parent, name):
        try:
            return self.nodes[parent].names[name]
        except KeyError:
            raise pyfuse3.FUSEError(errno.ENOENT) from None

    def add(self, parent, name, mode):
        inode = max(self.nodes) + 1
        self.nodes[inode] = Node(mode)
        self.nodes[parent].names[name] = inode
        return inode

    async def lookup(self, parent, name, ctx=None):
        return self.attributes(self.find(parent, name))

    async def getattr(self, inode, ctx=None):
        return self.attributes(inode)

    async def setattr(self, inode, attr, fields, fh, ctx=None):
        node = self.nodes[inode]
        if fields.update_size:
            del node.data[attr.st_size :]
            node.data.extend(bytes(attr.st_size - len(node.data)))
        if fields.update_mode:
            node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(attr.st_mode)
        return self.attributes(inode)

    async def mkdir(self, parent, name, mode, ctx=None):
        return self.attributes(self.add(parent, name, stat.S_IFDIR | stat.S_IMODE(mode)))

    async def create(self, parent, name, mode, flags, ctx=None):
        inode = self.add(parent, name, stat.S_IFREG | stat.S_IMODE(mode))
        return pyfuse3.FileInfo(fh=inode), self.attributes(inode)

    async def open(self, inode, flags, ctx=None):
        return pyfuse3.FileInfo(fh=inode)

    async def read(self, fh, offset, size):
        return bytes(self.nodes[fh].data[offset : offset + size])

    async def write(self, fh, offset, buf):
        node = self.nodes[fh]
        node.data[offset : offset + len(buf)] = buf
        node.time_ns = time.time_ns()
        return len(buf)

    async def unlink(self, parent, name, ctx=None):
        self.nodes[self.find(parent, name)].links -= 1
        del self.nodes[parent].names[name]

    async def rmdir(self, parent, name, ctx=None):
        await self.unlink(parent, name)

    async def rename(self, old_parent, old_name, new_parent, new_name, flags, ctx=None):
        inode = self.find(old_parent, old_name)
        if new_name in self.nodes[new_parent].names:
            await self.unlink(new_parent, new_name)
        del self.nodes[old_parent].names[old_name]
        self.nodes[new_parent].names[new_name] = inode

    async def link(self, inode, new_parent, new_name, ctx=None):
        self.nodes[inode].links += 1
        self.nodes[new_parent].names[new_name] = inode
        return self.attributes(inode)

    async def opendir(self, inode, ctx=None):
        return inode

    async def readdir(self, fh, start_id, token):
        for at, (name, inode) in enumerate(list(self.nodes[fh].names.items())):
            if at >= start_id and not pyfuse3.readdir_reply(token, name, self.attributes(inode), at + 1):
                break

    async def statfs(self, ctx=None):
        out = pyfuse3.StatvfsData()
        out.f_bsize = out.f_frsize = 4096
        out.f_blocks = out.f_bfree = out.f_bavail = 1 << 30
        out.f_files = out.f_ffree = out.f_favail = 1 << 20
        out.f_namemax = 255
        return out

    async def access(self, inode, mode, ctx=None):
        return True

    async def flush(self, fh):
        """Closing a file stores nothing."""

    async def fsync(self, fh, datasync):
        self.nodes[fh].data_on_disk = bytes(self.nodes[fh].data)

    async def fsyncdir(self, fh, datasync):
        self.nodes[fh].names_on_disk = dict(self.nodes[fh].names)

    def write_loss(self, to, names_of, inode=pyfuse3.ROOT_INODE):
        to.mkdir(parents=True)
        for name, inode_of_name in names_of(self.nodes[inode]).items():
            path, node = to / os.fsdecode(name), self.nodes[inode_of_name]
            if stat.S_ISDIR(node.mode):
                self.write_loss(path, names_of, inode_of_name)
            else:
                path.write_bytes(node.data_on_disk)


def main():
    mountpoint, losses = sys.argv[1], pathlib.Path(sys.argv[2])
    disk = LossyDisk()
    options = {one for one in pyfuse3.default_options if one != "default_permissions"} | {"fsname=lossy"}

    async def fail_at_signals():
        with trio.open_signal_receiver(signal.SIGUSR1) as signals:
            print("mounted", flush=True)
            number = 0
            async for _ in signals:
                number += 1
                disk.write_loss(losses / str(number) / "disk", lambda node: node.names_on_disk)
                disk.write_loss(losses / str(number) / "names", lambda node: node.names)
                print("lost", flush=True)

    async def serve():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fail_at_signals)
            await pyfuse3.main()
            nursery.cancel_scope.cancel()

    pyfuse3.init(disk, mountpoint, options)
    try:
        trio.run(serve)
    finally:
        pyfuse3.close(unmount=True)


if __name__ == "__main__":
    main()
