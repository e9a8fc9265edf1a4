"""netcon configfs: plans in all their forms, directories on disk, scripts against the model."""

import json
import pathlib
import subprocess

import pytest

from conftest import run_tool

TARGET = "+@/eth0,@10.0.2.2/"


def configfs(*args, stdin=b""):
    return run_tool("configfs", *args, stdin=stdin)


def simulate(script, *args):
    return configfs("simulate", "-", *args, stdin=script.encode("latin-1"))


@pytest.fixture
def root(tmp_path):
    """A directory that shows one target as Linux 7.3 does."""
    files = {
        "enabled": "1", "extended": "1", "release": "0", "dev_name": "eth0", "local_port": "6665",
        "remote_port": "6666", "local_ip": "10.0.2.15", "remote_ip": "10.0.2.2",
        "local_mac": "52:54:00:12:34:56", "remote_mac": "ff:ff:ff:ff:ff:ff", "transmit_errors": "7",
        "userdata/cpu_nr_enabled": "1", "userdata/taskname_enabled": "0", "userdata/release_enabled": "0",
        "userdata/msgid_enabled": "0", "userdata/weekday_enabled": "1", "userdata/host/value": "two\nlines",
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
        "  userdata host = two\\012lines\n"
        "  sysdata cpu_nr\n"
        "  userdata/weekday_enabled = 1 (unknown to netcon)\n")


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


def test_bytes_that_are_no_text_survive_json(root, tmp_path):
    (root / "box1/userdata/host/value").write_bytes(b"\xff\x00\n")
    shown = json.loads(configfs("show", "--json", "--root", root, "--kernel", "7.3").stdout)
    assert shown[0]["userdata"] == [{"key": "host", "value": {"hex": "ff00"}}]
    shown[0]["userdata"][0]["value"]["hex"] = "ff0a01"
    file = tmp_path / "box1.json"
    file.write_text(json.dumps(shown[0]))
    steps = configfs("plan", "none", file, "--as", "json", "--kernel", "7.3").stdout
    assert {"op": "write", "path": "netcon/userdata/host/value", "data": {"hex": "ff0a010a"}} in json.loads(steps)["steps"]


def test_apply_shows_then_does(root):
    wanted = ("apply", "box1", "+@10.0.2.15/eth0,@10.0.2.3/", "--userdata", "host=two\nlines", "--sysdata", "cpu_nr",
              "--root", root, "--kernel", "7.3")
    dry = configfs(*wanted, "--dry-run")
    steps = "  1  write '0' to box1/enabled\n  2  write '10.0.2.3' to box1/remote_ip\n  3  write '1' to box1/enabled\n"
    assert (dry.returncode, dry.stdout) == (0, steps)
    assert (root / "box1/remote_ip").read_text() == "10.0.2.2\n"
    done = configfs(*wanted)
    assert (done.returncode, done.stdout) == (0, steps + "done\n")
    assert (root / "box1/remote_ip").read_text() == "10.0.2.3\n"
    assert configfs(*wanted).stdout == "nothing to do\n"


def test_a_failing_step_is_named_and_undone(root):
    done = configfs("apply", "box1", TARGET, "--userdata", "new=x", "--root", root, "--kernel", "7.3", "--sysdata",
                    "cpu_nr")
    assert done.returncode == 1
    # An ordinary directory is removed only when empty: the key "host" cannot go.
    assert done.stderr.startswith("netcon configfs: step 1: rmdir box1/userdata/host: Directory not empty (ENOTEMPTY); ")
    assert done.stderr.count("\n") == 1


def test_remove_dry_run_and_unknown_name(root):
    done = configfs("remove", "box1", "--dry-run", "--root", root, "--kernel", "7.3")
    assert done.stdout == "  1  rmdir box1/userdata/host\n  2  rmdir box1\n"
    none = configfs("remove", "box2", "--root", root)
    assert (none.returncode, none.stdout) == (2, "")
    assert "there is no target 'box2'" in none.stderr


@pytest.mark.parametrize("args, says", [
    (("show", "--root", "/nonexistent/netconsole"), "modprobe configfs"),
    (("plan", "none", "@/eth0,@10.0.2/"), "byte 9: not an IP address"),
    (("plan", "none", "no-such-file"), "cannot read 'no-such-file': No such file or directory; write none, "),
    (("plan", "none", "/"), "cannot read '/': Is a directory; write none, "),
    (("simulate", "/"), "cannot read '/': Is a directory"),
    (("simulate", "/dev/zero"), "cannot read '/dev/zero': more than 16 MiB"),
    (("plan", "none", TARGET, "--kernel", "six"), "not a kernel version"),
    (("plan", "none", TARGET, "--kernel", "6.1.192", "--userdata", "k=v"), "'userdata' does not exist"),
    (("plan", "none", TARGET, "--userdata", "k"), "write KEY=VALUE"),
    (("plan", "none", TARGET, "--name", "a/b"), "cannot name a target"),
    (("plan", "none", TARGET, "--as", "modprobe", "--userdata", "k=v", "--kernel", "7.3"), "no form for userdata"),
    (("plan", "none", "@/02:00:00:00:00:01,@10.0.2.2/", "--kernel", "7.3"), "configfs has no attribute"),
    (("simulate", "no-such-file"), "cannot read"),
    (("simulate", "/dev/null", "--interface", "eth0,ipv4=x"), "'ipv4=x' is not understood"),
    (("simulate", "/dev/null", "--kernel", "6.1.192", "--boot", "bad"), "the module does not load"),
    (("simulate", "/dev/null", "--kernel", "6.1.192", "--boot", "@/nodev,@10.0.2.2/"), "ENODEV"),
])
def test_bad_input_is_one_line(args, says):
    done = configfs(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr and done.stderr.count("\n") == 1


def test_plan_forms():
    def plan(form, *more):
        return configfs("plan", "none", TARGET, "--kernel", "7.3.4", "--name", "box1", "--as", form, *more).stdout
    assert plan("steps") == ("  1  mkdir box1\n  2  write '1' to box1/extended\n"
                             "  3  write '10.0.2.2' to box1/remote_ip\n  4  write '1' to box1/enabled\n")
    assert plan("modprobe") == "options netconsole netconsole=+@/,@10.0.2.2/\n"
    assert plan("cmdline") == "netconsole.netconsole=+@/,@10.0.2.2/\n"
    assert 'ExecStart=/bin/sh -c "mkdir /sys/kernel/config/netconsole/box1"\n' in plan("systemd")
    assert json.loads(plan("json"))["steps"][0] == {"op": "mkdir", "path": "box1"}
    assert plan("shell").startswith("#!/bin/sh\n# netconsole target box1, for Linux 7.3.4\n")


def test_the_printed_script_is_the_plan(tmp_path):
    script = configfs("plan", "none", TARGET, "--kernel", "7.3").stdout
    (tmp_path / "netconsole").mkdir()
    subprocess.run(["sh", "-c", script], env={"NETCONSOLE": str(tmp_path / "netconsole"), "PATH": "/usr/bin:/bin"},
                   check=True)
    assert (tmp_path / "netconsole/netcon/remote_ip").read_text() == "10.0.2.2\n"


SCRIPT = """#!/bin/sh
NC=/sys/kernel/config/netconsole
cd "$NC"
mkdir box1 && cd box1
echo 1 > extended
echo 10.0.2.256 > local_ip   # not an address
cat local_ip
mkdir -p userdata/host
echo 'my box' | sudo tee userdata/host/value > /dev/null
echo 1 > enabled
echo 514 > remote_port
"""


@pytest.mark.parametrize("kernel, lines", [
    ("6.1.192", ["  6  echo 10.0.2.256 > local_ip: ok", "       10.0.3.0",
                 "  8  mkdir -p userdata/host: Operation not permitted (EPERM): only targets and userdata keys can be made",
                 "  9  echo 'my box' | sudo tee userdata/host/value > /dev/null: No such file or directory (ENOENT): "
                 "it does not exist, or this kernel has no such file"]),
    ("6.12.117", ["  6  echo 10.0.2.256 > local_ip: ok", "       10.0.3.0", "  8  mkdir -p userdata/host: ok",
                  "  userdata host = my box"]),
    ("7.3.4", ["       0.0.0.0", "  8  mkdir -p userdata/host: ok", "box1  enabled  +@192.0.2.1/,@0.0.0.0/"]),
])
def test_simulate_tells_kernels_apart(kernel, lines):
    done = simulate(SCRIPT, "--kernel", kernel)
    assert done.returncode == 1
    said = done.stdout.splitlines()
    for line in lines + ["  4  mkdir box1: ok", "  5  echo 1 > extended: ok", " 10  echo 1 > enabled: ok",
                         " 11  echo 514 > remote_port: Invalid argument (EINVAL): target is enabled: disable it to "
                         "change remote_port"]:
        assert line in said


def test_simulate_interfaces_come_and_go():
    script = """mkdir t; echo 1 > t/enabled
ip link set eth0 name lan0
cat t/dev_name t/enabled
ip link del lan0
cat t/enabled
ip link add lan0 type dummy
cat t/enabled
ip link add br0 type bridge
ip link set lan0 master br0
cat t/enabled
echo 1 > t/enabled
"""
    new = simulate(script, "--kernel", "7.3")
    assert [line.strip() for line in new.stdout.splitlines() if line.startswith("   ")] == ["lan0", "1", "0", "1", "0"]
    assert "(EBUSY): interface 'lan0' belongs to a bridge, bond or team" in new.stdout
    old = simulate(script, "--kernel", "6.12.117")
    assert [line.strip() for line in old.stdout.splitlines() if line.startswith("   ")] == ["lan0", "1", "0", "0", "0"]


def test_simulate_ports_move_and_a_bond_tells_when_the_last_one_left():
    done = simulate("""ip link add br0 type bridge
ip link add bond0 type bond
ip addr add 10.0.0.1/24 dev br0; ip addr add 10.0.0.2/24 dev bond0
mkdir b o; echo br0 > b/dev_name; echo bond0 > o/dev_name
echo 1 > b/enabled; echo 1 > o/enabled
ip link set eth0 master br0
ip link set eth0 master bond0
cat b/enabled o/enabled
ip link set eth0 nomaster
cat b/enabled o/enabled
ip link set eth0 nomaster
ip link set eth0 master none
""")
    assert [line.strip() for line in done.stdout.splitlines() if line.startswith("    ")] == ["1", "1", "1", "0"]
    assert [line for line in done.stdout.splitlines() if not line.endswith(": ok") and line[:3].strip().isdigit()] == [
        " 12  ip link set eth0 master none: none: No such device (ENODEV)"]


def test_simulate_printf_takes_its_format_again_as_long_as_it_takes_words():
    done = simulate("""mkdir t
printf '6%%6' x > t/local_port
printf '%s6' 1 2 > t/local_port
printf '66' x > t/remote_port
cat t/local_port t/remote_port
""", "--kernel", "7.3.4")
    assert [line.strip() for line in done.stdout.splitlines() if line.startswith("    ")] == ["1626", "66"]


def test_simulate_set_e_stops_and_a_clean_script_is_zero():
    done = simulate("set -e\nrmdir none\nmkdir box1\n")
    assert done.returncode == 1
    assert "mkdir" not in done.stdout
    assert simulate("mkdir box1\nrmdir box1\n").returncode == 0


def test_simulate_and_or():
    done = simulate("[ -d a ] || mkdir a\n[ -d a ] && rmdir a\n[ -d a ] && rmdir a\nset -e\nrmdir a || true\nmkdir b\n"
                    "exit 0\nmkdir c\n")
    assert [line.rsplit(": ", 1)[1] for line in done.stdout.splitlines() if line[:3].strip().isdigit()][:6] == [
        "false", "ok", "ok", "ok", "false", "skipped"]
    assert "  6  mkdir b: ok" in done.stdout and "mkdir c" not in done.stdout
    assert simulate("[ -d a ] || mkdir a\n").returncode == 0


def test_simulate_boot_targets():
    done = simulate("mkdir cmdline0\ncat cmdline0/remote_ip\nrmdir cmdline0\nmkdir cmdline0\ncat cmdline0/enabled\n",
                    "--boot", TARGET)
    assert "       10.0.2.2\n" in done.stdout and done.stdout.count("       0\n") == 1


@pytest.mark.parametrize("script, line", [
    ("if true; then\n", "line 1"), ("mkdir a\nmkdir $(date)\n", "line 2"), ("(mkdir a)\n", "line 1"),
    ("mkdir 'a\n", "line"), ("mkdir a\n\\\nfoo b\n", "line"), ("curl x | sh\n", "line 1"), ("echo `date`\n", "line 1"),
])
def test_simulate_says_what_it_does_not_understand(script, line):
    done = simulate(script)
    assert done.returncode == 2
    assert line in done.stderr and done.stderr.count("\n") == 1
