# SPDX-License-Identifier: MIT
"""Kernels in QEMU: booted with a job, and what the job wrote brought back."""

import contextlib
import io
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import threading

from kernels import Unavailable, fetch, run
from listener import BUILD

HERE = pathlib.Path(__file__).resolve().parent
AT_BOOT = ["virtio_pci", "virtio_net", "virtio_blk", "configfs", "dummy", "bridge"]
MODULES = [*AT_BOOT, "bonding", "ipip", "mac80211_hwsim", "netconsole", "veth"]


class MachineDown(Exception):
    """A machine did not come to the end of its job, as happens to emulated clocks on a busy host."""


def find(program):
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path is None:
        raise Unavailable(f"{program} is not installed")
    return path


def cpio(files):
    """An archive of {path: bytes} in the format of an initramfs, everything executable."""
    folders = sorted({str(parent) for path in files for parent in pathlib.PurePath(path).parents} - {"."})
    entries = [*((folder, 0o040755, b"") for folder in folders), *((path, 0o100755, files[path]) for path in files)]
    out = io.BytesIO()
    for number, (path, mode, data) in enumerate([*entries, ("TRAILER!!!", 0, b"")]):
        name = path.encode() + b"\0"
        fields = [number + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        out.write(b"070701" + b"".join(b"%08x" % field for field in fields) + name)
        out.write(b"\0" * (-out.tell() % 4) + data)
        out.write(b"\0" * (-out.tell() % 4))
    return out.getvalue()


def with_libraries(path, program):
    """The files of a guest that has this program at path, with the shared libraries that it asks for."""
    lines = run("ldd", program).splitlines()
    libraries = {found[0] for line in lines if (found := re.search(r"/\S+(?= \(0x)", line))}
    return {path: program.read_bytes(), **{name[1:]: pathlib.Path(name).read_bytes() for name in sorted(libraries)}}


INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /out /sbin /usr/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
echo on > /proc/sys/kernel/printk_devkmsg
for d in all default; do echo 0 > /proc/sys/net/ipv6/conf/$d/accept_dad; done
for module in $(cat /job/modules); do modprobe $module; done
mount -t configfs configfs /sys/kernel/config
ip link set lo up
sh /job/run > /out/stdout 2> /out/stderr
tar -c -C /out . | dd of=/dev/vda bs=64k 2> /dev/null
sync
sleep 0.6
reboot -f
"""


class Kernel:
    """A fetched kernel with what every boot of it needs."""

    def __init__(self, name, cache, taken):
        """Unavailable when it cannot be had, or when `taken` has its name, which is added there."""
        self.qemu = find("qemu-system-x86_64")
        self.version, tree = fetch(name, cache)
        self.name = tree.name
        if self.name in taken:
            raise Unavailable(f"it is {self.name}, which is run already")
        taken.add(self.name)
        self.image = next(tree.glob("**/vmlinuz*"))
        base = next(
            path
            for path in (*tree.glob("usr/lib/modules/*"), *tree.glob("lib/modules/*"))
            if (path / "kernel").is_dir()
        )
        self.release = base.name
        self.work = cache / "work" / self.name
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        self.base = self.work / "base.cpio"
        self._write_base(base)

    def _write_base(self, modules):
        """busybox, modprobe, the modules of MODULES with what they need, and guest.c."""
        named = lambda path: path.name.split(".")[0].replace("-", "_")
        found = {named(path): path for path in modules.glob("**/*.ko*")}
        chosen = self.work / "modules/lib/modules" / self.release
        chosen.mkdir(parents=True)
        for list_of_builtin in modules.glob("modules.builtin*"):
            shutil.copy(list_of_builtin, chosen)
        wanted = [module for module in MODULES if module in found]
        for module in wanted:  # grows by what they need
            data = found[module].read_bytes()
            data = lzma.decompress(data) if data[:1] == b"\xfd" else data
            (chosen / f"{module}.ko").write_bytes(data)
            needed = re.search(rb"\0depends=([^\0]*)\0", data)[1].decode().replace("-", "_").split(",")
            wanted += [other for other in needed if other in found and other not in wanted]
        self.modules = set(wanted)
        run(find("depmod"), "-b", self.work / "modules", self.release)
        guest = self.work / "guest"
        run(os.environ.get("CC", "cc"), "-static", "-O2", "-o", guest, HERE / "guest.c")
        files = {
            "bin/busybox": pathlib.Path(find("busybox")).read_bytes(),
            "bin/guest": guest.read_bytes(),
            "init": INIT.encode(),
            **with_libraries("sbin/modprobe", pathlib.Path(find("modprobe"))),
        }
        for path in chosen.iterdir():
            files[f"lib/modules/{self.release}/{path.name}"] = path.read_bytes()
        self.base.write_bytes(cpio(files))

    def module(self, name):
        """The file of a module, not compressed."""
        return next(self.work.glob(f"modules/lib/modules/*/{name}.ko")).read_bytes()

    @property
    def features(self):
        """The names of the features that the library says this kernel has."""
        rows = run(str(BUILD / "tests/kernel/kernel_features"), self.version).split("\n")
        return {row.split()[0] for row in rows if row.endswith(" 1")}

    def boot(
        self,
        script,
        files=None,
        cmdline="",
        network=True,
        timeout=300,
        until=None,
        linger=1.5,
        memory=256,
        cable=False,
        dump=None,
        name="job",
    ):
        """Runs script in the guest; {path: bytes} that it left in /out, with its serial console.

        With cable the guest has eth1 and eth2, with a cable between them. dump is the file for a pcap of eth0.

        The guest ends by itself, or is ended `linger` seconds after the console showed `until`. MachineDown when
        neither happens.
        """
        at_boot = " ".join(module for module in AT_BOOT if module in self.modules)
        job = {"job/run": script.encode(), "job/modules": at_boot.encode(), **(files or {})}
        initrd, disk = self.work / f"{name}.cpio", self.work / f"{name}.disk"
        initrd.write_bytes(self.base.read_bytes() + cpio(job))
        net = ["-netdev", "user,id=n0,ipv4=on,ipv6=on", "-device", "virtio-net-pci,netdev=n0"]
        if cable:
            for end in ("n1", "n2"):
                net += ["-netdev", f"hubport,hubid=1,id={end}", "-device", f"virtio-net-pci,netdev={end}"]
        if dump:
            net += ["-object", f"filter-dump,id=f0,netdev=n0,file={dump}"]
        with open(disk, "wb") as file:
            file.truncate(64 << 20)
        serial = self._run(
            [
                self.qemu,
                "-M",
                "q35",
                "-accel",
                os.environ.get("NETCON_QEMU_ACCEL", "tcg"),
                "-m",
                str(memory),
                "-nographic",
                "-no-reboot",
                "-nodefaults",
                "-serial",
                "stdio",
                *(net if network else ["-nic", "none"]),
                "-kernel",
                self.image,
                "-initrd",
                initrd,
                "-drive",
                f"file={disk},format=raw,if=none,id=d0",
                "-device",
                "virtio-blk-pci,drive=d0",
                "-append",
                "console=ttyS0 panic=1 mitigations=off no_timer_check nowatchdog "
                f"rcupdate.rcu_cpu_stall_suppress=1 {cmdline}",
            ],
            timeout,
            until,
            linger,
        )
        results = {"serial": serial}
        with contextlib.suppress(tarfile.ReadError), tarfile.open(disk) as tar:
            for member in tar:
                if member.isfile():
                    results[member.name.removeprefix("./")] = tar.extractfile(member).read()
        disk.unlink()
        initrd.unlink()
        if until not in serial if until else "stdout" not in results:
            raise MachineDown(f"{name} did not come to its end:\n{serial[-3000:].decode(errors='replace')}")
        return results

    def _run(self, command, timeout, until, linger):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        serial, ending = bytearray(), []

        def collect():
            for chunk in iter(lambda: process.stdout.read1(65536), b""):
                serial.extend(chunk)
                if until is not None and until in serial and not ending:
                    ending.append(threading.Timer(linger, process.terminate))  # what the network still has to say
                    ending[0].start()

        reader = threading.Thread(target=collect)
        reader.start()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
        finally:
            process.wait()
            reader.join()
        return bytes(serial)
