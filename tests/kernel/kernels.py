# SPDX-License-Identifier: MIT
"""Which kernels there are, where the archive has them, and how one is downloaded and unpacked: once."""

import pathlib
import re
import shutil
import subprocess
import time


class Unavailable(Exception):
    """Why a kernel or a program cannot be had here."""


IMAGE = "image"  # linux-image-NAME holds the kernel and its modules
SPLIT = "split"  # linux-binary-unsigned-NAME holds the kernel, linux-modules-NAME the modules (6.19 and later)

# The flavours of the archive. The kernels for virtual machines are smaller, and lack drivers.
CLOUD, FULL = "cloud-amd64", "amd64"

# What `all` runs, oldest first. A name is a version, or its beginning: then the newest of the suite.
KERNELS = [  # name, suite, package form
    ("5.10.223", "bullseye", IMAGE),
    ("5.10", "bullseye-security", IMAGE),
    ("6.1.170", "bookworm", IMAGE),
    ("6.1.174", "bookworm-security", IMAGE),
    ("6.1.176", "bookworm-security", IMAGE),
    ("6.1", "bookworm-security", IMAGE),
    ("6.12.43", "bookworm-backports", IMAGE),
    ("6.12.90", "bookworm-backports", IMAGE),
    ("6.12.94", "bookworm-backports", IMAGE),
    ("6.12.107", "trixie", IMAGE),
    ("6.12.117", "trixie", IMAGE),
    ("6.12", "bookworm-security", IMAGE),
    ("6.16.3", "trixie-backports", IMAGE),
    ("6.16.12", "trixie-backports", IMAGE),
    ("6.17.8", "trixie-backports", IMAGE),
    ("6.17.13", "trixie-backports", IMAGE),
    ("6.18.5", "trixie-backports", IMAGE),
    ("6.18.9", "trixie-backports", IMAGE),
    ("6.18.12", "trixie-backports", IMAGE),
    ("6.18.15", "trixie-backports", IMAGE),
    ("6.19", "trixie-backports", SPLIT),
    ("7.0", "trixie-backports", SPLIT),
    ("7.1", "trixie-backports", SPLIT),
    ("7.2.6", "trixie-backports", SPLIT),
    ("7.2.9", "trixie-backports", SPLIT),
    ("7.2.11", "trixie-backports", SPLIT),
    ("7.2.12", "trixie-backports", SPLIT),
    ("7.2.13", "sid", SPLIT),
    ("7.3", "trixie-backports", SPLIT),
]
# Where a version that is not named above may be.
SUITES = list(dict.fromkeys([*(suite for _, suite, _ in KERNELS), "bookworm", "trixie-security", "forky"]))
CI = ["5.10.223", "6.12", "6.18.15", "7.3"]  # the oldest, and one of each way of doing things
FRESH = 24 * 3600  # seconds that the lists of an archive are believed


def run(*command, **options):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, **options)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{command[0]} did not end in 600 s") from None
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        raise Unavailable(f"{command[0]}: {lines[-1]}")
    return done.stdout


def numbers(text):
    return tuple(int(n) for n in re.findall(r"\d+", text))


class Archive:
    """A suite of the archive that apt uses here, in an apt state of our own: nothing of the machine changes."""

    def __init__(self, suite, cache):
        state = cache.resolve() / "apt" / suite
        for folder in ("lists/partial", "cache/archives/partial"):
            (state / folder).mkdir(parents=True, exist_ok=True)
        key = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")
        signed = f"[signed-by={key}] " if key.exists() else ""
        (state / "sources.list").write_text(f"deb {signed}{self._site(suite)} {suite} main\n")
        self.options = [
            f"-oDir::Etc::sourcelist={state}/sources.list",
            "-oDir::Etc::sourceparts=/dev/null",
            f"-oDir::State::lists={state}/lists",
            f"-oDir::Cache={state}/cache",
            "-oAcquire::http::Timeout=30",
            "-oAcquire::https::Timeout=30",
        ]
        stamp = state / "updated"
        if not stamp.exists() or time.time() - stamp.stat().st_mtime > FRESH:
            run("apt-get", *self.options, "-q", "update")
            stamp.touch()

    @staticmethod
    def _site(suite):
        sites = run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages").split()
        wanted = "debian-security" if suite.endswith("-security") else "debian"
        for site in sites:
            if re.search(rf"/{wanted}/?$", site):
                return site
        raise Unavailable(f"apt uses no archive named {wanted} here")

    def kernels(self, flavour):
        """{version as numbers: (version, form, packages)}; an image without its modules has no packages."""
        names = rf"^linux-(image|modules)-[0-9.+~bpodeb-]*-{flavour}(-unsigned)?$"
        found = run("apt-cache", *self.options, "search", "--names-only", names).split("\n")
        packages = [row.split()[0] for row in found if row]
        if not packages:
            return {}
        rows, kernels = {}, {}
        for block in run("apt-cache", *self.options, "show", *packages).split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if re.match(r"[A-Z][\w-]*: ", line))
            rows[fields.get("Package", "")] = fields
        for package, fields in rows.items():
            if not package.startswith("linux-image-"):
                continue
            version = fields["Version"].split("~")[0]
            if not re.match(r"\d+\.\d+\.\d+-\d", version):
                continue  # a metapackage
            name = package.removeprefix("linux-image-").removesuffix("-unsigned")
            modules = f"linux-modules-{name}"
            if modules not in fields.get("Depends", ""):
                form, parts = IMAGE, [package]
            else:
                form, parts = SPLIT, [modules, f"linux-binary-unsigned-{name}"] if modules in rows else []
            kernels[numbers(version)] = (version.split("-")[0], form, parts)
        return kernels

    def unpack(self, package, to):
        downloads = to.parent / f"{to.name}.download"
        shutil.rmtree(downloads, ignore_errors=True)
        downloads.mkdir(parents=True)
        run("apt-get", *self.options, "-q", "download", package, cwd=downloads)
        [file] = downloads.glob(f"{package}_*.deb")
        run("dpkg-deb", "-x", file, to)
        shutil.rmtree(downloads)


def begins_with(version, name):
    return (version + ".").startswith(name + ".")


def all_names():
    return [name for name, _, _ in KERNELS]


def find(name, cache, flavour=CLOUD):
    """(version, archive, packages) of the newest kernel of that name; "newest" is the newest of all."""
    row = [(suite, form) for known, suite, form in KERNELS if known == name]
    without_modules, problems = [], []
    found = {}
    for suite in [row[0][0]] if row else ["trixie-backports"] if name == "newest" else SUITES:
        try:
            archive = Archive(suite, cache)
            kernels = archive.kernels(flavour)
        except Unavailable as problem:
            problems.append(f"{suite}: {problem}")
            continue
        for key, (version, form, packages) in kernels.items():
            if name != "newest" and not begins_with(version, name):
                continue
            if row and form != row[0][1]:
                raise Unavailable(f"{version} in {suite} is packed as {form}, the table says {row[0][1]}")
            if packages:
                found[key] = (version, archive, packages)
            else:
                without_modules.append(version)
    if found:
        return found[max(found)]
    if without_modules:
        newest = max(without_modules, key=numbers)
        raise Unavailable(f"the archive has the image of {newest} but not its modules, so netconsole is missing")
    raise Unavailable("; ".join(problems) or f"the archive has no such kernel (any more): {row or SUITES}")


def fetch(name, cache):
    """(version, folder) of the unpacked packages below the cache. NAME-amd64 is the kernel with all drivers."""
    flavour = FULL if name.endswith(f"-{FULL}") else CLOUD
    name = name.removesuffix(f"-{FULL}")
    folder = lambda version: cache / (version if flavour == CLOUD else f"{version}-{flavour}")
    if (folder(name) / "complete").exists():
        return name, folder(name)
    version, archive, packages = find(name, cache, flavour)
    tree = folder(version)
    if not (tree / "complete").exists():
        shutil.rmtree(tree, ignore_errors=True)
        for package in packages:
            archive.unpack(package, tree)
        (tree / "complete").touch()
    return version, tree
