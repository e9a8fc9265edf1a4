# SPDX-License-Identifier: MIT
"""netcon lint, explain and format as people run them."""

import json
import os
import re
import resource
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
from conftest import TOOL, run_tool

CLEAN = "+6665@10.0.0.1/eth0,6666@10.0.0.2/52:54:00:12:34:56"
HALF = "514@10.0.0.2/12:34:56:78:9a:bc"


def test_exit_codes():
    assert run_tool("lint", CLEAN).returncode == 0
    assert run_tool("lint", CLEAN).stdout == ""
    assert run_tool("lint", "@/,@10.0.0.2/").returncode == 0  # a note only
    assert "broadcast-mac" in run_tool("lint", "@/,@10.0.0.2/").stdout
    assert run_tool("lint", HALF).returncode == 1
    assert run_tool("lint", CLEAN, HALF).returncode == 1
    assert run_tool("lint").returncode == 2
    for wrong in (
        ["--kernel", "six"],
        ["--with", "nothing"],
        ["--file", "/nonexistent"],
        ["--json", "--sarif"],
        ["--format", "x"],
    ):
        done = run_tool("lint", CLEAN, *wrong)
        assert done.returncode == 2, wrong
        assert done.stderr and not done.stdout


def test_a_kernel_that_no_table_reaches_is_told():
    """A mistyped version would get the answer of another kernel."""
    for version, told in (
        ("99.0", "99.0 is newer than Linux 7.4, the last one known, whose rules are assumed"),
        ("2.4.37", "2.4.37 is older than Linux 2.6.12, the first one known, whose rules are assumed"),
    ):
        assert run_tool("lint", CLEAN, "--kernel", version).stderr == f"netcon lint: {told}\n"
        assert told in run_tool("explain", CLEAN, "--kernel", version).stdout
        for command in ("lint", "explain"):
            assert json.loads(run_tool(command, CLEAN, "--json", "--kernel", version).stdout)["assumption"] == told
    for version in ("2.6.12", "7.4", "7.3.9"):
        assert not run_tool("lint", CLEAN, "--kernel", version).stderr, version


def test_a_format_without_a_file_is_refused(tmp_path):
    done = run_tool("lint", "--format", "grub", CLEAN)
    assert done.returncode == 2 and "--format is for files, and none is given: add --file FILE" in done.stderr
    (tmp_path / "some").write_text(CLEAN)
    assert run_tool("lint", "--format", "parameters", "--file", tmp_path / "some").returncode == 0
    assert run_tool("lint", "--format", "parameters", tmp_path).returncode == 0
    assert run_tool("lint", "--format", "parameters", "-", stdin=CLEAN.encode()).returncode == 0


def test_the_stable_release_that_a_version_hides_is_told():
    told = "6.12.0-45-generic does not say its stable release, 6.12.0 is assumed; later ones differ: device_by_mac from"
    done = run_tool("lint", CLEAN, "--kernel", "6.12.0-45-generic")
    assert done.returncode == 0
    assert done.stderr.startswith("netcon lint: " + told)
    shown = run_tool("explain", CLEAN, "--kernel", "6.12.0-45-generic")
    assert told in shown.stdout and not shown.stderr
    for command in ("lint", "explain"):
        assert (
            told in json.loads(run_tool(command, CLEAN, "--json", "--kernel", "6.12.0-45-generic").stdout)["assumption"]
        )
    # Nothing differs in later 6.8 releases; the others say their release.
    for version in ("6.8.0-45-generic", "6.12", "6.12.0", "6.12.117+deb13-amd64", "6.12.0-rc1", "newest"):
        done = run_tool("lint", CLEAN, "--kernel", version)
        assert not done.stderr, version
        assert "assumed" not in run_tool("explain", CLEAN, "--kernel", version).stdout
    named = run_tool("lint", CLEAN, "--kernel", "6.1.0-56-cloud-amd64")
    assert "dev_name_length_checked from 6.1.175" in named.stderr
    assert not run_tool("lint", CLEAN, "--kernel", "6.1.0-56-amd64", "--with", "dev_name_length_checked").stderr


def test_an_empty_parameter_is_taken_and_warned_of():
    done = run_tool("lint", "")
    assert done.returncode == 1
    assert done.stdout.startswith(
        "warning: the parameter is empty: the kernel takes it and makes no target [no-target]\n"
    )
    explained = run_tool("explain", "")
    assert explained.returncode == 0 and explained.stdout.startswith(done.stdout)
    assert run_tool("lint", ";").stdout.count("error: there is no target here [empty-target]") == 2


def test_the_text_the_place_and_the_fix():
    out = run_tool("lint", HALF).stdout
    assert out.startswith(
        "error: no ',' follows the local device [missing-comma]\n"
        "  514@10.0.0.2/12:34:56:78:9a:bc\n"
        "               ^~~~~~~~~~~~~~~~~\n"
    )
    assert "  fix: @/,514@10.0.0.2/12:34:56:78:9a:bc\n" in out


def test_the_kernel_decides():
    alias = "@/eth0:1,@10.0.0.2/52:54:00:12:34:56"
    assert "bad-device-mac" in run_tool("lint", alias).stdout
    assert "device-alias" in run_tool("lint", "--kernel", "6.1", alias).stdout
    assert "device-alias" in run_tool("lint", "--without", "device_by_mac", alias).stdout
    assert run_tool("lint", "--kernel", "running", CLEAN).returncode == 0
    too_long = CLEAN + " " * 250
    assert "parameter-too-long" in run_tool("lint", too_long).stdout
    assert "cut-at-limit" in run_tool("lint", "--without", "module", too_long).stdout


def test_json():
    document = json.loads(run_tool("lint", "--json", HALF, CLEAN).stdout)
    assert document["kernel"] == "7.3.4"
    first, second = document["sources"]
    assert second == {"text": CLEAN, "findings": []}
    finding = first["findings"][0]
    assert finding["code"] == "missing-comma" and finding["severity"] == "error"
    assert (finding["begin"], finding["end"], finding["line"], finding["column"]) == (13, 30, 1, 14)
    assert finding["fix"] == {"begin": 0, "end": 0, "text": "@/,"}
    odd = run_tool("lint", "--json", b"@/\xff\xc3\xa9,@10.0.0.2/".decode("utf-8", "surrogateescape"))
    assert json.loads(odd.stdout)["sources"][0]["text"] == "@/\\xffé,@10.0.0.2/"


def check_sarif(document):
    """What the schema of SARIF 2.1.0 asks for, as far as such a document can break it."""
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-2.1.0.json")
    assert set(document) <= {"$schema", "version", "runs"}
    (run,) = document["runs"]
    assert set(run) <= {"tool", "columnKind", "results"}
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    driver = run["tool"]["driver"]
    assert driver["name"] and set(driver) <= {"name", "version", "rules"}
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    for rule in driver["rules"]:
        assert set(rule) <= {"id", "shortDescription", "help"} and rule["shortDescription"]["text"]
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        regions = [location["physicalLocation"]["region"] for location in result["locations"]]
        for fix in result.get("fixes", []):
            for change in fix["artifactChanges"]:
                assert change["artifactLocation"]["uri"] and change["replacements"]
                regions += [replacement["deletedRegion"] for replacement in change["replacements"]]
        for region in regions:
            assert all(region[key] >= 1 for key in ("startLine", "startColumn", "endLine", "endColumn"))
            assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])


def test_sarif(tmp_path):
    assert check_sarif(json.loads(run_tool("lint", "--sarif", CLEAN).stdout)) is None
    path = tmp_path / "my boot"
    path.mkdir()
    path = path / "cmdline.txt"
    path.write_text("console=é netconsole=@/eth0,@[fd00::2]/ quiet\n", encoding="utf-8")
    document = json.loads(run_tool("lint", "--sarif", "--file", path, "--file", path).stdout)
    check_sarif(document)
    result = document["runs"][0]["results"][0]
    assert result["ruleId"] == "bad-ipv6-address" and result["level"] == "error"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == path.as_uri()
    # Columns count characters: the é is one.
    assert place["region"] == {"startLine": 1, "startColumn": 30, "endLine": 1, "endColumn": 39}
    check_sarif(json.loads(run_tool("lint", "--sarif", "-", stdin=b"@/,@10.0.0.2\n\n# no\n\xff@/\n").stdout))


GRUB = '# x\nGRUB_CMDLINE_LINUX="quiet netconsole=@/eth0,6666@10.0.0.2;@/eth0,@010.0.0.3/"\n'


def test_files(tmp_path):
    (tmp_path / "default").mkdir()
    path = tmp_path / "default" / "grub"
    path.write_text(GRUB)
    done = run_tool("lint", "--file", path)
    assert done.returncode == 1
    assert (
        f"{path}:2:58: warning: the shell or the boot loader ends the command at this ';' [semicolon-ends-command]\n"
        in done.stdout
    )
    assert f"{path}:2:50: error: no '/' follows the remote address [missing-second-slash]\n" in done.stdout
    path.chmod(0o640)
    done = run_tool("lint", "--fix", "--file", path)
    assert done.returncode == 0, done.stderr
    assert path.read_text() == (
        '# x\nGRUB_CMDLINE_LINUX="quiet netconsole=@/eth0,6666@10.0.0.2/\\;@/eth0,@10.0.0.3/"\n'
    )
    assert path.stat().st_mode & 0o777 == 0o640
    unknown = tmp_path / "anything"
    unknown.write_text(f"# comment\n  # {HALF}\n{CLEAN}\nroot=/dev/sda netconsole={CLEAN} quiet\n")
    assert run_tool("lint", "--file", unknown).returncode == 0
    wrong = run_tool("lint", "--format", "modprobe", "--file", unknown)
    assert wrong.returncode == 1
    assert wrong.stdout.startswith(
        f"{unknown}:4:1: warning: the kernel does not get this parameter from here [not-read]\n"
    )
    unknown.write_text(f"# netconsole={CLEAN}\noptions otter bar=1\n")
    silent = run_tool("lint", "--format", "modprobe", "--file", unknown)
    assert (silent.stdout, silent.returncode) == ("", 0)
    assert silent.stderr == f"netcon lint: {unknown}: no netconsole parameter in it\n"
    unknown.write_text(f"options netconsole netconsole={HALF}\n")
    assert "missing-comma" in run_tool("lint", "--format", "modprobe", "--file", unknown).stdout


def test_only_a_list_of_parameters_has_one_on_each_line(tmp_path):
    (tmp_path / "list").write_text(f"{HALF}\n")
    assert run_tool("lint", "--file", tmp_path / "list").stdout == ""
    assert "missing-comma" in run_tool("lint", "--format", "parameters", "--file", tmp_path / "list").stdout


def test_a_directory(tmp_path):
    (tmp_path / "modprobe.d").mkdir()
    bad = tmp_path / "modprobe.d" / "netconsole.conf"
    bad.write_text(f"options netconsole netconsole={HALF}\n")
    (tmp_path / "boot.sh").write_text(f"#!/bin/sh\nmodprobe netconsole netconsole={CLEAN}\n")
    (tmp_path / "image").write_bytes(b"netconsole=@/,@10.0.0.2\0")
    (tmp_path / "large").write_bytes(b" " * ((16 << 20) + 1))
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x").write_text("netconsole=@/,@10.0.0.2\n")
    (tmp_path / "link").symlink_to(tmp_path)
    done = run_tool("lint", tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{bad}:1:44: error: ") and done.stdout.count("error:") == 1
    assert done.stderr == (
        f"netcon lint: {tmp_path}: 4 files, 1 with findings, 2 skipped (1 not text, 1 above 16 MiB, 0 unreadable)\n"
    )
    assert json.loads(run_tool("lint", "--json", "--file", tmp_path).stdout)["sources"][0]["file"] == str(bad)
    done = run_tool("lint", "--fix", tmp_path)
    assert done.returncode == 0 and bad.read_text() == f"options netconsole netconsole=@/,{HALF}\n"
    assert (tmp_path / "image").read_bytes() == b"netconsole=@/,@10.0.0.2\0"
    assert run_tool("lint", tmp_path / "nowhere").returncode == 1  # not a directory: a parameter
    (tmp_path / "empty").mkdir()
    done = run_tool("lint", tmp_path / "empty")
    assert (done.returncode, done.stdout) == (0, "")
    assert "0 files, 0 with findings, 0 skipped" in done.stderr


def test_a_directory_that_cannot_be_read():
    # As root another user reads: its rights count, and it must reach the directory.
    user = 65534 if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory() as top:
        Path(top).chmod(0o755)
        closed = Path(top) / "closed"
        closed.mkdir()
        (closed / "cmdline").write_text(f"netconsole={HALF}\n")
        closed.chmod(0)
        try:
            named = run_tool("lint", closed, user=user)
            walked = run_tool("lint", "--file", top, user=user)
        except PermissionError:
            pytest.skip("SKIP: the program is in a directory of root's own")
        finally:
            closed.chmod(0o700)
    assert (named.returncode, named.stdout) == (2, "")
    assert named.stderr.startswith(f"netcon lint: {closed}: Permission denied")
    assert walked.returncode == 0
    assert walked.stderr == (
        f"netcon lint: {top}: 0 files, 0 with findings, 1 skipped (0 not text, 0 above 16 MiB, 1 unreadable)\n"
    )


def test_a_file_that_is_no_text_is_not_touched(tmp_path):
    path = tmp_path / "cmdline"
    path.write_bytes(b"netconsole=@/,@10.0.0.2\0")
    done = run_tool("lint", "--fix", "--file", path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"netcon lint: {path}: not a text, skipped\n"
    assert path.read_bytes() == b"netconsole=@/,@10.0.0.2\0"


def test_a_file_for_whose_fix_there_is_no_room_is_left_as_it_was(tmp_path):
    path = tmp_path / "cmdline"
    path.write_text("netconsole=@/eth0,@10.0.0.2 root=/dev/sda1\n")
    size = path.stat().st_size

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    done = subprocess.run([TOOL, "lint", "--fix", "--file", path], capture_output=True, preexec_fn=limit)
    assert done.returncode == 2
    assert done.stderr.decode() == f"netcon lint: {path}: File too large\n"
    assert path.read_text() == "netconsole=@/eth0,@10.0.0.2 root=/dev/sda1\n"


NINE = ";".join(f"@/eth0,@10.0.0.{i}/52:54:00:12:34:5{i}" for i in range(1, 10))


def test_what_the_limit_cuts_is_not_fixed(tmp_path):
    path = tmp_path / "cmdline"
    path.write_text(f"ro netconsole={NINE} quiet\n")
    done = run_tool("lint", "--fix", "--file", path)
    assert path.read_text() == f"ro netconsole={NINE} quiet\n"
    assert done.returncode == 1 and "cut-at-limit" in done.stderr
    assert run_tool("lint", "--fix", "--without", "module", NINE).stdout == NINE + "\n"
    assert run_tool("lint", "--fix", f"netconsole={NINE}").stdout == f"netconsole={NINE}\n"


def test_the_name_and_the_command_in_front():
    for text in (
        f"netconsole={CLEAN}",
        f"netconsole.netconsole={CLEAN}",
        f'modprobe netconsole netconsole="{CLEAN}"',
        f"sudo modprobe netconsole netconsole='{CLEAN}'",
    ):
        assert run_tool("lint", text).returncode == 0, text
        assert run_tool("explain", text).stdout == run_tool("explain", CLEAN).stdout
        assert run_tool("format", text).stdout == run_tool("format", CLEAN).stdout
    assert "missing-comma" in run_tool("lint", f'modprobe netconsole netconsole="{HALF}"').stdout
    assert run_tool("lint", "--fix", "netconsole=@/eth0,@10.0.0.2").stdout == "netconsole=@/eth0,@10.0.0.2/\n"


def test_an_argument_in_brackets_is_one_text():
    done = run_tool("lint", "[+][src-port]@[src-ip]/[<dev>],[tgt-port]@<tgt-ip>/[tgt-macaddr]")
    assert done.returncode == 0 and done.stdout.count("[not-expanded]") == 1
    assert run_tool("lint", "[a,b]").stdout.count("[not-expanded]") == 1


def test_a_file_without_the_option(tmp_path):
    (tmp_path / "grub").write_text("x\n")
    done = run_tool("lint", tmp_path / "grub")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"netcon lint: '{tmp_path}/grub' is a file; netcon lint --file {tmp_path}/grub reads it\n"


@pytest.mark.parametrize("command", ["lint", "explain", "format"])
@pytest.mark.parametrize("name", ["grub", "./grub"])
def test_a_file_in_the_place_of_a_parameter(tmp_path, monkeypatch, command, name):
    (tmp_path / "grub").write_text("x\n")
    monkeypatch.chdir(tmp_path)
    done = run_tool(command, name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"netcon {command}: '{name}' is a file; netcon lint --file {name} reads it")


def test_a_directory_in_the_place_of_a_parameter(tmp_path):
    done = run_tool("explain", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"'{tmp_path}' is a directory; netcon lint --file {tmp_path} reads it" in done.stderr


@pytest.mark.parametrize(
    "text, place",
    [
        ('GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX="netconsole=@/,66666@10.0.0.2/"\n', "2:35"),
        ("title Arch\nlinux /vmlinuz\noptions root=/dev/sda1 netconsole=@/,66666@10.0.0.2/\n", "3:38"),
        ("options netconsole netconsole=@/,66666@10.0.0.2/\n", "1:34"),
        ("#!/bin/sh\nmodprobe netconsole netconsole=@/,66666@10.0.0.2/\n", "2:35"),
    ],
)
def test_a_boot_file_on_standard_input(text, place):
    for arguments in (["-"], ["--file", "-"]):
        done = run_tool("lint", *arguments, stdin=text.encode())
        errors = [line for line in done.stdout.splitlines() if ": error: " in line]
        assert [line.split(" ")[0] for line in errors] == [f"-:{place}:"], done.stdout
    assert run_tool("lint", "--fix", "-", stdin=text.encode()).stdout == text  # a list would be cut at its blanks


def test_a_list_with_what_looks_like_a_document_is_a_list():
    done = run_tool("lint", "-", stdin=b"<port>@/eth0,@10.0.0.2/\n@/,66666@10.0.0.2/\n")
    assert "-:2:4: error: " in done.stdout


def test_only_the_part_around_the_place_of_a_long_line(tmp_path):
    text = "@/,66666@10.0.0.2/" + "é" * 400
    (tmp_path / "long").write_text(text + "\n")
    for source in (("--format", "parameters", "--file", tmp_path / "long"), (text,)):
        lines = run_tool("lint", *source).stdout.splitlines()
        at = next(i for i, line in enumerate(lines) if "parameter-too-long" in line)
        assert re.fullmatch(r"  \.\.\.é+(\.\.\.)?", lines[at + 1]) and lines[at + 2].strip() == "^" + "~" * (
            len(lines[at + 2].strip()) - 1
        )
        at = next(i for i, line in enumerate(lines) if "port-out-of-range" in line)
        assert re.fullmatch(r"  @/,66666@10.0.0.2/é+\.\.\.", lines[at + 1]) and lines[at + 2] == "     ^~~~~"


@pytest.mark.parametrize(
    "mac, code",
    [
        ("目标MAC", "not-expanded"),
        ("源MAC", "not-expanded"),
        ("мак", "not-expanded"),
        ("52-54-00-12-34-5\u0435", "bad-mac-address"),  # a Cyrillic letter that looks as an e
        ("\u00e9", "bad-mac-address"),
    ],
)
def test_a_letter_that_slipped_in_is_no_placeholder(mac, code):
    done = run_tool("lint", f"@/,@10.0.0.2/{mac}")
    assert f"[{code}]" in done.stdout and done.returncode == (code == "bad-mac-address")


def test_a_huge_line_is_not_shown_in_whole(tmp_path):
    (tmp_path / "long").write_text("@/,66666@1.2.3.4/;" * 20000)
    done = run_tool("lint", "--format", "parameters", "--file", tmp_path / "long")
    assert done.returncode == 1
    assert "parameter-too-long" in done.stdout and "\n  .../,66666@1.2.3.4/;" in done.stdout and len(done.stdout) < 3000


def test_fix_prints_what_a_kernel_takes():
    done = run_tool("lint", "--fix", HALF)
    assert done.stdout == "@/,514@10.0.0.2/12:34:56:78:9a:bc\n"
    assert done.returncode == 0 and "syslog-port" in done.stderr
    done = run_tool("lint", "--fix", "-", stdin=f"{HALF}\n\n{CLEAN}\n".encode())
    assert done.stdout == f"@/,{HALF}\n\n{CLEAN}\n"
    done = run_tool("lint", "--fix", "@/,6666@")
    assert (done.returncode, done.stdout) == (1, "@/,6666@\n")


def test_standard_input():
    done = run_tool("lint", "-", stdin=f"{CLEAN}\n\n{HALF}\n".encode())
    assert done.returncode == 1
    assert done.stdout.startswith("-:3:14: error:")


def test_explain():
    done = run_tool("explain", "+@/,@10.0.0.2/;bad;@/eth1,514@fe80::2/")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "cmdline0: +@/,@10.0.0.2/" in lines and "cmdline1: @/eth1,514@fe80::2/" in lines
    assert any(line.split() == ["remote", "port", "514", "514", "written"] for line in lines)
    assert "  netconsole: netconsole: couldn't parse config at 'bad'!" in lines
    done = run_tool("explain", "--kernel", "6.1", "@/,@10.0.0.2/;bad")
    assert done.returncode == 1 and "refuses the whole parameter: EPERM, Operation not permitted.\n" in done.stdout
    assert "  netpoll: netconsole: couldn't parse config at 'bad'!" in done.stdout
    assert run_tool("explain", CLEAN).returncode == 0
    assert run_tool("explain").returncode == 2
    misread = run_tool("explain", "--kernel", "3.7", "@/,@example.com/").stdout
    assert "55.159.0.0" in misread


def test_a_refusal_says_what_to_write():
    # The second name is a part of the value: a kernel refuses it, and so does every command.
    named = "netconsole=netconsole=@/eth0,@10.0.0.2/"
    for done in (run_tool("lint", named), run_tool("explain", named)):
        assert done.returncode == 1
        assert "[bad-port]" in done.stdout and "[parameter-name-inside]" in done.stdout
    assert "  fix: @/eth0,@10.0.0.2/\n" in run_tool("explain", named).stdout
    assert "  fix: netconsole=@/eth0,@10.0.0.2/\n" in run_tool("lint", named).stdout
    done = run_tool("explain", named)
    assert "\nLinux 7.3.4 skips what it refuses and has no target.\n" in done.stdout
    done = run_tool("format", named)
    assert done.returncode == 2 and "  fix: @/eth0,@10.0.0.2/\n" in done.stderr
    # A line may be a command line.
    assert run_tool("lint", "-", stdin=b"netconsole=@/eth0,@10.0.0.2/ quiet\n").returncode == 0
    refused = run_tool("explain", "@/wlan0,@[fd00::2]/;@/wlan0,@10.0.0.2/").stdout
    assert "[bracketed-address]" in refused and "[wireless-device]" not in refused


@pytest.mark.parametrize(
    "kernel, remote, picked",
    [
        ("7.3.4", "10.0.0.2", "the device's first IPv4 address"),
        ("7.3.4", "169.254.1.2", "the device's first IPv4 address"),
        ("7.3.4", "fd00::2", "the device's first IPv6 address that is not link-local"),
        ("7.3.4", "fe80::2", "the device's first link-local address"),
        ("5.0", "fe80::2", "the device's first link-local address"),
        ("4.20", "fe80::2", "the device's first IPv6 address that is not link-local"),
    ],
)
def test_explain_says_which_address_the_kernel_picks(kernel, remote, picked):
    assert f"  {picked} when the target starts\n" in run_tool("explain", "--kernel", kernel, f"@/,@{remote}/").stdout


def test_explain_json():
    document = json.loads(run_tool("explain", "--json", "@/,@10.0.0.2/;bad").stdout)
    assert document["loads"] is True
    (target,) = document["targets"]
    fields = {row["field"]: row for row in target["fields"]}
    assert fields["local port"]["written"] is None and fields["local port"]["in_force"] == "6665"
    assert document["skipped"][0]["code"] == "missing-first-at" and document["skipped"][0]["errno"] == 1
    assert any(line.endswith("couldn't parse config at 'bad'!") for line in document["log"])
    assert document["log"][-1].endswith("network logging started")
    document = json.loads(run_tool("explain", "--json", "--kernel", "6.1", "bad").stdout)
    assert document["loads"] is False and document["error"]["code"] == "missing-first-at"


@pytest.mark.parametrize(
    "text, short, full",
    [
        ("006665@/eth0,6666@10.0.0.2/FF:ff:ff:ff:ff:ff", "@/,@10.0.0.2/", "6665@/eth0,6666@10.0.0.2/ff:ff:ff:ff:ff:ff"),
        (
            "+r1@FD00::1/x,@fd00:0:0::2/;@/,@1.2.3.4/",
            "+r1@fd00::1/x,@fd00::2/;@/,@1.2.3.4/",
            "+r1@fd00::1/x,6666@fd00::2/ff:ff:ff:ff:ff:ff;6665@/eth0,6666@1.2.3.4/ff:ff:ff:ff:ff:ff",
        ),
    ],
)
def test_format(text, short, full):
    assert run_tool("format", text).stdout == short + "\n"
    assert run_tool("format", "--full", text).stdout == full + "\n"


def test_format_refuses():
    done = run_tool("format", "@/,@10.0.0.2/;bad")
    assert done.returncode == 2 and done.stdout == "" and "missing-first-at" in done.stderr
