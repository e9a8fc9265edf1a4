# SPDX-License-Identifier: MIT
"""netcon configfs: plans in all their forms, directories on disk."""

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
from conftest import TOOL, run_tool

NETCONSOLE_DISK = pathlib.Path(__file__).parents[1] / "netconsole_disk.py"

TARGET = "+@/eth0,@10.0.2.2/"


def configfs(*args, stdin=b""):
    return run_tool("configfs", *args, stdin=stdin)


@pytest.fixture
def root(tmp_path):
    """A directory that shows one target as Linux 7.3 does."""
    files = {
        "enabled": "1",
        "extended": "1",
        "release": "0",
        "dev_name": "eth0",
        "local_port": "6665",
        "remote_port": "6666",
        "local_ip": "10.0.2.15",
        "remote_ip": "10.0.2.2",
        "local_mac": "52:54:00:12:34:56",
        "remote_mac": "ff:ff:ff:ff:ff:ff",
        "transmit_errors": "7",
        "userdata/cpu_nr_enabled": "1",
        "userdata/taskname_enabled": "0",
        "userdata/release_enabled": "0",
        "userdata/msgid_enabled": "0",
        "userdata/weekday_enabled": "1",
        "userdata/host/value": "two\nlines",
    }
    for name, text in files.items():
        file = tmp_path / "netconsole" / "box1" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    return tmp_path / "netconsole"


def test_show_text(root):
    done = configfs("show", "--root", root, "--kernel", "7.3")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "box1  enabled  +@10.0.2.15/,@10.0.2.2/\n"
        "  local_mac 52:54:00:12:34:56\n"
        "  transmit_errors 7\n"
        "  userdata host = two\\x0alines\n"
        "  sysdata cpu_nr\n"
        "  userdata/weekday_enabled = 1 (unknown to netcon)\n"
    )


def test_show_json_is_what_plan_reads(root, tmp_path):
    done = configfs("show", "--json", "--root", root, "--kernel", "7.3")
    (shown,) = json.loads(done.stdout)
    assert shown["userdata"] == [{"key": "host", "value": "two\nlines"}]
    assert shown["sysdata"]["cpu_nr"] is True
    assert shown["unknown"] == [{"path": "userdata/weekday_enabled", "content": "1\n"}]
    assert shown["transmit_errors"] == 7
    file = tmp_path / "box1.json"
    file.write_text(done.stdout)
    same = configfs("plan", "live", file, "--name", "box1", "--root", root, "--kernel", "7.3", "--as", "steps")
    assert (same.returncode, same.stdout) == (0, "nothing to do\n")


def test_of_several_targets_that_of_the_name_is_taken(root, tmp_path):
    (root / "box 2").mkdir()
    shown = json.loads(configfs("show", "--json", "--root", root, "--kernel", "7.3").stdout)
    assert sorted(target["name"] for target in shown) == ["box 2", "box1"]
    file = tmp_path / "all.json"
    file.write_text(json.dumps(shown))
    same = configfs("plan", "live", file, "--name", "box1", "--root", root, "--kernel", "7.3", "--as", "steps")
    assert (same.returncode, same.stdout) == (0, "nothing to do\n")
    done = configfs("apply", "box1", file, "--root", root, "--kernel", "7.3")
    assert (done.returncode, done.stdout) == (0, "nothing to do\n")
    none = configfs("plan", "none", file, "--name", "box3", "--kernel", "7.3")
    assert none.returncode == 2
    assert re.search(r"there is no target 'box3' in it, only (box1, box 2|box 2, box1)\n", none.stderr)
    file.write_text("[]")
    assert "there is no target in it\n" in configfs("plan", "none", file, "--kernel", "7.3").stderr


def test_bytes_that_are_no_text_survive_json(root, tmp_path):
    (root / "box1/userdata/host/value").write_bytes(b"\xff\x00\n")
    shown = json.loads(configfs("show", "--json", "--root", root, "--kernel", "7.3").stdout)
    assert shown[0]["userdata"] == [{"key": "host", "value": {"hex": "ff00"}}]
    shown[0]["userdata"][0]["value"]["hex"] = "ff0a01"
    file = tmp_path / "box1.json"
    file.write_text(json.dumps(shown[0]))
    steps = configfs("plan", "none", file, "--as", "json", "--kernel", "7.3").stdout
    assert {"operation": "write", "path": "netcon/userdata/host/value", "data": {"hex": "ff0a010a"}} in json.loads(
        steps
    )["steps"]


def test_apply_shows_then_does(root):
    wanted = (
        "apply",
        "box1",
        "+@10.0.2.15/eth0,@10.0.2.3/",
        "--userdata",
        "host=two\nlines",
        "--sysdata",
        "cpu_nr",
        "--root",
        root,
        "--kernel",
        "7.3",
    )
    dry = configfs(*wanted, "--dry-run")
    steps = "  1  write '0' to box1/enabled\n  2  write '10.0.2.3' to box1/remote_ip\n  3  write '1' to box1/enabled\n"
    assert (dry.returncode, dry.stdout) == (0, steps)
    assert (root / "box1/remote_ip").read_text() == "10.0.2.2\n"
    done = configfs(*wanted)
    assert (done.returncode, done.stdout) == (0, steps + "done\n")
    assert (root / "box1/remote_ip").read_text() == "10.0.2.3\n"
    assert configfs(*wanted).stdout == "nothing to do\n"


def test_a_failing_step_is_named_and_undone(root):
    done = configfs(
        "apply", "box1", TARGET, "--userdata", "new=x", "--root", root, "--kernel", "7.3", "--sysdata", "cpu_nr"
    )
    assert done.returncode == 1
    # An ordinary directory is removed only when empty: the key "host" cannot go.
    assert done.stderr.startswith(
        "netcon configfs: step 1: rmdir box1/userdata/host: Directory not empty (ENOTEMPTY); "
    )
    assert done.stderr.count("\n") == 1


def test_remove_dry_run_and_unknown_name(root):
    done = configfs("remove", "box1", "--dry-run", "--root", root, "--kernel", "7.3")
    assert done.stdout == "  1  rmdir box1/userdata/host\n  2  rmdir box1\n"
    none = configfs("remove", "box2", "--root", root)
    assert (none.returncode, none.stdout) == (2, "")
    assert "there is no target 'box2'" in none.stderr


def test_nothing_to_show_is_said(tmp_path):
    done = configfs("show", "--root", tmp_path, "--kernel", "7.3")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"netcon: there are no targets in {tmp_path}\n"
    assert configfs("show", "--json", "--root", tmp_path, "--kernel", "7.3").stdout == "[]\n"


def test_remove_all_or_one(root):
    assert configfs("remove", "--root", root, "--kernel", "7.3").returncode == 2
    assert configfs("remove", "box1", "--all", "--root", root, "--kernel", "7.3").returncode == 2
    done = configfs("remove", "--all", "--dry-run", "--root", root, "--kernel", "7.3")
    assert done.returncode == 0
    assert "rmdir box1\n" in done.stdout
    assert (root / "box1").is_dir()
    empty = root.parent / "empty"
    empty.mkdir()
    done = configfs("remove", "--all", "--root", empty, "--kernel", "7.3")
    assert (done.returncode, done.stdout) == (0, "nothing to do\n")


@pytest.mark.parametrize(
    "args, says",
    [
        (("show", "--root", "/nonexistent/netconsole"), "modprobe configfs"),
        (("plan", "none", "@/eth0,@10.0.2/"), "byte 9: not an IP address"),
        (("plan", "none", "no-such-file"), "cannot read 'no-such-file': No such file or directory; write none, "),
        (("plan", "none", "/"), "cannot read '/': Is a directory; write none, "),
        (("plan", "none", TARGET, "--kernel", "six"), "not a kernel version"),
        (("plan", "none", TARGET, "--kernel", "6.1.192", "--userdata", "k=v"), "'userdata' does not exist"),
        (("plan", "none", TARGET, "--userdata", "k"), "--userdata 'k': write KEY=VALUE"),
        (("plan", "none", TARGET, "--userdata", "=v"), "--userdata '=v': write KEY=VALUE"),
        (("plan", "none", "/dev/zero"), "cannot read '/dev/zero': more than 16 MiB"),
        (("plan", "none", "@fd00::1/,@10.0.2.2/", "--kernel", "7.3"), "one address is IPv4 and the other IPv6"),
        (("plan", "none", TARGET, "--name", "a/b"), "cannot name a target"),
        (("plan", "none", TARGET, "--as", "modprobe", "--userdata", "k=v", "--kernel", "7.3"), "no form for userdata"),
        (("plan", "none", "@/02:00:00:00:00:01,@10.0.2.2/", "--kernel", "7.3"), "configfs has no attribute"),
    ],
)
def test_bad_input_is_one_line(args, says):
    done = configfs(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr and done.stderr.count("\n") == 1


def test_plan_forms():
    def plan(form, *more):
        return configfs("plan", "none", TARGET, "--kernel", "7.3.4", "--name", "box1", "--as", form, *more).stdout

    assert plan("steps") == (
        "  1  mkdir box1\n  2  write '1' to box1/extended\n"
        "  3  write '10.0.2.2' to box1/remote_ip\n  4  write '1' to box1/enabled\n"
    )
    assert plan("modprobe") == "options netconsole netconsole=+@/,@10.0.2.2/\n"
    assert plan("cmdline") == "netconsole.netconsole=+@/,@10.0.2.2/\n"
    assert 'ExecStart=/bin/sh -c "mkdir /sys/kernel/config/netconsole/box1"\n' in plan("systemd")
    assert json.loads(plan("json"))["steps"][0] == {"operation": "mkdir", "path": "box1"}
    assert plan("shell").startswith("#!/bin/sh\n# netconsole target box1, for Linux 7.3.4\n")


def test_the_printed_script_is_the_plan(tmp_path):
    script = configfs("plan", "none", TARGET, "--kernel", "7.3").stdout
    (tmp_path / "netconsole").mkdir()
    subprocess.run(
        ["sh", "-c", script], env={"NETCONSOLE": str(tmp_path / "netconsole"), "PATH": "/usr/bin:/bin"}, check=True
    )
    assert (tmp_path / "netconsole/netcon/remote_ip").read_text() == "10.0.2.2\n"


@pytest.fixture
def boot_root(tmp_path):
    """A directory without targets: mkdir makes a new one, whatever its name."""
    (tmp_path / "netconsole").mkdir()
    return tmp_path / "netconsole"


@pytest.fixture
def hiding_root(tmp_path):
    """A directory that hides cmdline0 to cmdline2."""
    if os.geteuid() != 0 or not os.access("/dev/fuse", os.W_OK):
        pytest.skip("needs root and /dev/fuse")
    pytest.importorskip("pyfuse3", reason="needs the Debian package python3-pyfuse3")
    path = tmp_path / "hiding"
    path.mkdir()
    with subprocess.Popen([sys.executable, NETCONSOLE_DISK, path, "3"], stdout=subprocess.PIPE, text=True) as process:
        if process.stdout.readline() != "mounted\n":
            pytest.skip("FUSE file systems cannot be mounted here")
        yield path
        subprocess.run(["umount", path], check=True)


def test_a_hidden_boot_target_is_removed_by_its_name(hiding_root):
    def remove(*args):
        return configfs("remove", *args, "--root", hiding_root, "--kernel", "7.3")

    done = remove("cmdline0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "  1  rmdir cmdline0\ndone\n", "")
    again = remove("cmdline0")
    assert (again.returncode, again.stdout) == (2, "") and "there is no target 'cmdline0'" in again.stderr
    assert list(hiding_root.iterdir()) == []
    # The others are found though the first number has none any more.
    done = remove("--all")
    assert (done.returncode, done.stderr) == (0, "")
    assert "rmdir cmdline1\n" in done.stdout and "rmdir cmdline2\n" in done.stdout
    assert remove("--all").stdout == "nothing to do\n"


def test_a_kernel_without_the_directory_has_the_parameter_only():
    def plan(*args):
        return configfs("plan", "none", TARGET, "--kernel", "7.3", "--without", "dynamic", *args)

    for form in ("shell", "steps", "json", "systemd"):
        done = plan("--as", form)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "netcon configfs: this kernel has no netconsole in configfs: use --as modprobe or --as cmdline\n"
        )
    assert plan("--as", "modprobe").stdout == "options netconsole netconsole=+@/,@10.0.2.2/\n"


def test_a_directory_that_cannot_be_changed_says_why(boot_root):
    def apply(*wrapped):
        command = [*wrapped, TOOL, "configfs", "apply", "box1", TARGET, "--root", boot_root, "--kernel", "7.3"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        return done.stderr

    read_only = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    if subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        pytest.skip("needs root and mount namespaces")
    mounted = apply("unshare", "-m", "sh", "-c", read_only, boot_root)
    assert f"{boot_root} is mounted read-only: mount -o remount,rw {boot_root.parent}/ (in a container:" in mounted


def test_a_dry_run_shows_every_step_of_a_boot_target(boot_root):
    done = configfs("apply", "cmdline0", TARGET, "--dry-run", "--root", boot_root, "--kernel", "7.3")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "  1  mkdir cmdline0")
    assert list(boot_root.iterdir()) == []


def test_steps_of_a_boot_targets_name_begin_with_its_directory(boot_root):
    done = configfs("apply", "cmdline0", TARGET, "--root", boot_root, "--kernel", "7.3")
    assert done.stdout.splitlines()[:2] == ["  1  mkdir cmdline0", "  2  write '1' to cmdline0/extended"]
    # Files are not created, so the first write fails in an ordinary directory.
    assert done.returncode == 1 and "netcon configfs: step 2: write '1' to cmdline0/extended: " in done.stderr


def test_a_new_target_of_a_boot_targets_name_is_removed_when_a_step_fails(boot_root):
    for name in ("cmdline5", "box5"):
        done = configfs("apply", name, TARGET, "--root", boot_root, "--kernel", "7.3")
        assert done.returncode == 1
        assert done.stderr.endswith("; the target is as it was before\n")
        assert list(boot_root.iterdir()) == []


def test_userdata_and_sysdata_may_be_repeated():
    def steps(*more):
        return configfs("plan", "none", TARGET, "--as", "steps", "--kernel", "7.3", *more).stdout

    both = steps("--userdata", "a=1", "--userdata", "b=2", "--sysdata", "cpu_nr,msgid")
    for line in (
        "mkdir netcon/userdata/a",
        "write '2' to netcon/userdata/b/value",
        "write '1' to netcon/userdata/cpu_nr_enabled",
        "write '1' to netcon/userdata/msgid_enabled",
    ):
        assert line in both
    assert both == steps("--userdata", "a=1", "--userdata", "b=2", "--sysdata", "cpu_nr", "--sysdata", "msgid")
    assert configfs("plan", "none", TARGET, "--sysdata", "uptime").returncode == 2


def test_lines_that_a_basic_target_does_not_send_are_remarked_on(boot_root, tmp_path):
    basic, way_out = "@/eth0,@10.0.2.2/", "this one is basic: write '+@/eth0,@10.0.2.2/'\n"
    for extra in (["--userdata", "host=web17"], ["--sysdata", "cpu_nr"]):
        arguments = [basic, *extra, "--kernel", "7.3"]
        plan = configfs("plan", "none", *arguments)
        assert plan.returncode == 0 and plan.stderr.endswith(way_out)
        assert configfs("apply", "box1", *arguments, "--dry-run", "--root", boot_root).stderr == plan.stderr
    assert configfs("plan", "none", basic, "--kernel", "7.3").stderr == ""
    assert configfs("plan", "none", TARGET, "--userdata", "host=web17", "--kernel", "7.3").stderr == ""
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"remote_ip": "10.0.2.2", "userdata": [{"key": "host", "value": "web17"}]}))
    assert "set its member extended to true" in configfs("plan", "none", state, "--kernel", "7.3").stderr


def test_boot_targets_that_configfs_hides_are_shown(root, tmp_path):
    system = tmp_path / "machine"
    files = {
        "proc/sys/kernel/osrelease": "6.12.94\n",
        "proc/modules": "netconsole 36864 0 - Live 0x0\n",
        "proc/cmdline": "ro\n",
        "etc/modprobe.d/n.conf": "options netconsole netconsole=+@10.0.2.15/eth0,@10.0.2.9/52:54:00:12:34:56\n",
        "dev/kmsg": "",
    }
    for path, content in files.items():
        place = system / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    directory = system / "sys/kernel/config/netconsole"
    directory.parent.mkdir(parents=True)
    root.rename(directory)
    done = configfs("show", "--json", "--sysroot", system, "--kernel", "7.3")
    assert done.returncode == 0, done.stderr
    box, hidden = json.loads(done.stdout)
    assert (box["name"], "hidden" in box) == ("box1", False)
    assert hidden == {
        "name": "cmdline0",
        "extended": True,
        "release": False,
        "dev_name": "eth0",
        "local_port": 6665,
        "local_ip": "10.0.2.15",
        "remote_port": 6666,
        "remote_ip": "10.0.2.9",
        "remote_mac": "52:54:00:12:34:56",
        "hidden": True,
        "place": "/etc/modprobe.d/n.conf",
    }
    said = "netcon: cmdline0 of the parameter in /etc/modprobe.d/n.conf is hidden: +@10.0.2.15/,@10.0.2.9/52:54:00:12:34:56"
    assert done.stderr.startswith(said), done.stderr
    assert done.stderr.endswith("cmdline0' shows it, unless it was removed\n")
    text = configfs("show", "--sysroot", system, "--kernel", "6.1")
    assert text.stdout.startswith("box1  enabled")
    assert text.stderr.endswith("; this kernel shows none\n")
    # A named target is shown alone, and the document of a hidden one is a state like any other.
    assert "hidden" not in configfs("show", "box1", "--json", "--sysroot", system, "--kernel", "7.3").stdout
    state = tmp_path / "hidden.json"
    state.write_text(json.dumps(hidden))
    assert "10.0.2.9" in configfs("plan", "none", state).stdout
    # Once configfs shows it, it is hidden no more.
    (directory / "box1").rename(directory / "cmdline0")
    (only,) = json.loads(configfs("show", "--json", "--sysroot", system, "--kernel", "7.3").stdout)
    assert only["name"] == "cmdline0" and "hidden" not in only
