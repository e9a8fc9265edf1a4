"""Distribution kernels in QEMU: fetched, unpacked, booted with a job, and what the job wrote brought back."""

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

HERE = pathlib.Path(__file__).resolve().parent
MODULES = ["virtio_pci", "virtio_net", "virtio_blk", "configfs", "dummy", "bridge"]


class Unavailable(Exception):
    """Why a kernel or a program cannot be had here."""


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise Unavailable(f"{command[0]}: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
    return done.stdout


class Archive:
    """The archive that apt uses here, with a suite added in a state of our own: nothing of the machine changes."""

    def __init__(self, cache, suite=None):
        self.options = []
        if suite is None:
            return
        rows = run("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages")
        sites = [row.split()[0] for row in rows.splitlines() if re.search(r"/debian/? ", row + " ")]
        if not sites:
            raise Unavailable("apt uses no Debian archive here")
        state = cache / "apt" / suite
        for folder in ("lists/partial", "cache/archives/partial"):
            (state / folder).mkdir(parents=True, exist_ok=True)
        key = "/usr/share/keyrings/debian-archive-keyring.gpg"
        signed = f"[signed-by={key}] " if os.path.exists(key) else ""
        (state / "sources.list").write_text(f"deb {signed}{sites[0]} {suite} main\n")
        self.options = [
            "-o", f"Dir::Etc::sourcelist={state}/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null",
            "-o", f"Dir::State::lists={state}/lists", "-o", f"Dir::Cache={state}/cache",
        ]
        run("apt-get", *self.options, "-q", "update")

    def newest(self, pattern):
        names = [row.split()[0] for row in
                 run("apt-cache", *self.options, "search", "--names-only", pattern).splitlines()]
        names = [name for name in names if not name.endswith("-dbg")]
        numbers = lambda name: [int(n) for n in re.findall(r"\d+", name)]
        if not names:
            raise Unavailable(f"no package like {pattern} in the archive")
        return max(names, key=numbers)

    def unpack(self, package, to):
        downloads = to.parent / "downloads"
        downloads.mkdir(parents=True, exist_ok=True)
        run("apt-get", *self.options, "-q", "download", package, cwd=downloads)
        [file] = downloads.glob(f"{package}_*.deb")
        run("dpkg-deb", "-x", file, to)
        file.unlink()


def fetch(name, cache):
    """The packages of a kernel, unpacked below cache/NAME; done once."""
    tree = cache / name
    if (tree / "complete").exists():
        return tree
    shutil.rmtree(tree, ignore_errors=True)
    if name == "newest":
        archive = Archive(cache, "trixie-backports")
        modules = archive.newest(r"^linux-modules-[0-9].*-cloud-amd64$")
        archive.unpack(modules, tree)
        archive.unpack(modules.replace("linux-modules-", "linux-binary-unsigned-"), tree)
    else:
        archive = Archive(cache)
        archive.unpack(archive.newest(rf"^linux-image-{re.escape(name)}\..*-cloud-amd64$"), tree)
    (tree / "complete").touch()
    return tree


def cpio(files):
    """An archive of {path: (mode, bytes)} in the format of an initramfs."""
    out = io.BytesIO()
    for number, (path, (mode, data)) in enumerate([*files.items(), ("TRAILER!!!", (0, b""))]):
        name = path.encode() + b"\0"
        fields = [number + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        out.write(b"070701" + b"".join(b"%08x" % field for field in fields) + name)
        out.write(b"\0" * (-out.tell() % 4) + data)
        out.write(b"\0" * (-out.tell() % 4))
    return out.getvalue()


INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /out /sbin /usr/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
echo on > /proc/sys/kernel/printk_devkmsg
for module in $(cat /modules/order); do insmod /modules/$module.ko; done
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

    def __init__(self, name, cache):
        for program in ("qemu-system-x86_64", "busybox", "modprobe", "depmod"):
            if shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None:
                raise Unavailable(f"{program} is not installed")
        self.name = name
        tree = fetch(name, cache)
        images = list(tree.glob("**/vmlinuz*"))
        base = next(path for path in (*tree.glob("usr/lib/modules/*"), *tree.glob("lib/modules/*"))
                    if (path / "kernel").is_dir())
        self.image = images[0]
        self.release = base.name
        self.work = cache / "work" / name
        self.work.mkdir(parents=True, exist_ok=True)
        self.base = self.work / "base.cpio"
        self._write_base(base)

    def _write_base(self, modules):
        found = {path.name.split(".")[0].replace("-", "_"): path for path in modules.glob("**/*.ko*")}
        dependencies = {}
        root = modules.parent.parent.parent
        if root.name == "usr":  # depmod knows lib/modules only
            root = root.parent
            if not (root / "lib").exists():
                (root / "lib").symlink_to("usr/lib")
        run("/usr/sbin/depmod" if os.path.exists("/usr/sbin/depmod") else "depmod", "-b", root, self.release)
        for line in (modules / "modules.dep").read_text().splitlines():
            target, _, needed = line.partition(":")
            short = lambda path: pathlib.Path(path).name.split(".")[0].replace("-", "_")
            dependencies[short(target)] = [short(path) for path in needed.split()]
        order = []

        def add(module):
            for other in reversed(dependencies.get(module, [])):
                add(other)
            if module in found and module not in order:
                order.append(module)

        for module in [*MODULES, "netconsole"]:
            add(module)
        files = {path: (0o040755, b"") for path in ("bin", "dev", "proc", "sys", "modules", "job", "out", "tmp")}
        for module in order:
            data = found[module].read_bytes()
            files[f"modules/{module}.ko"] = (0o100644, lzma.decompress(data) if data[:1] == b"\xfd" else data)
        order.remove("netconsole")
        files["modules/order"] = (0o100644, "\n".join(order).encode() + b"\n")
        files["bin/busybox"] = (0o100755, pathlib.Path(shutil.which("busybox")).read_bytes())
        files["init"] = (0o100755, INIT.encode())
        guest = self.work / "guest"
        run(os.environ.get("CC", "cc"), "-static", "-O2", "-o", guest, HERE / "guest.c")
        files["bin/guest"] = (0o100755, guest.read_bytes())
        self.base.write_bytes(cpio(files))

    @property
    def version(self):
        """As the library's kernel profile takes it: 6.1.192 is in the release of newer packages only."""
        if match := re.match(r"\d+\.\d+\.[1-9]\d*", self.release):
            return match.group()
        text = self.image.read_bytes()
        found = re.search(rb"Debian (\d+\.\d+\.\d+)-\d", text)
        if not found:
            raise Unavailable(f"no version in {self.image}")
        return found.group(1).decode()

    def boot(self, *arguments, **options):
        """run_job(); once more when the machine did not come up, as happens to emulated clocks on a busy host."""
        try:
            return self.run_job(*arguments, **options)
        except RuntimeError as problem:
            print(f"   again: {str(problem).splitlines()[0]}", flush=True)
            return self.run_job(*arguments, **options)

    def run_job(self, script, files=None, cmdline="", network=True, timeout=120, until=None, name="job"):
        """Runs script in the guest; {path: bytes} that it left in /out, with its serial console."""
        job = {"job/run": (0o100644, script.encode())}
        for path, data in (files or {}).items():
            job[path] = (0o100755, data if isinstance(data, bytes) else data.encode())
        initrd, disk = self.work / f"{name}.cpio", self.work / f"{name}.disk"
        initrd.write_bytes(self.base.read_bytes() + cpio(job))
        with open(disk, "wb") as file:
            file.truncate(64 << 20)
        net = ["-netdev", "user,id=n0,ipv4=on,ipv6=on", "-device", "virtio-net-pci,netdev=n0"]
        process = subprocess.Popen(
            ["qemu-system-x86_64", "-M", "q35", "-accel", os.environ.get("NETCON_QEMU_ACCEL", "tcg"), "-m", "256",
             "-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio", *(net if network else ["-nic", "none"]),
             "-kernel", self.image, "-initrd", initrd,
             "-drive", f"file={disk},format=raw,if=none,id=d0", "-device", "virtio-blk-pci,drive=d0",
             "-append", f"console=ttyS0 panic=1 mitigations=off no_timer_check {cmdline}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        serial = bytearray()

        def collect():
            for chunk in iter(lambda: process.stdout.read1(65536), b""):
                serial.extend(chunk)
                if until is not None and until in serial:
                    threading.Timer(1.5, process.terminate).start()  # what the network still has to say

        reader = threading.Thread(target=collect)
        reader.start()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise RuntimeError(f"the guest did not end in {timeout} s:\n{serial[-3000:].decode(errors='replace')}")
        finally:
            process.wait()
            reader.join()
        results = {"serial": bytes(serial)}
        with contextlib.suppress(tarfile.ReadError), tarfile.open(disk) as tar:
            for member in tar:
                if member.isfile():
                    results[member.name.removeprefix("./")] = tar.extractfile(member).read()
        disk.unlink()
        if "stdout" not in results and until is None:
            raise RuntimeError(f"the job did not end:\n{serial[-3000:].decode(errors='replace')}")
        return results
