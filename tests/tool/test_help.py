"""What netcon says about itself: --help of every command, and mistakes on the command line."""

import re
import shlex

import pytest

from conftest import run_tool

COMMANDS = ["configfs", "console", "decode", "explain", "format", "lint", "listen", "send", "suggest"]


def test_the_commands_are_listed():
    out = run_tool("--help").stdout
    assert re.findall(r"^  ([a-z]+) ", out, re.M) == COMMANDS
    assert "Usage: netcon " in out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_on_a_screen(command):
    done = run_tool(command, "--help")
    assert done.returncode == 0 and done.stderr == ""
    assert f"Usage: netcon {command}" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 120
    assert "Excludes" not in done.stdout


def test_defaults_are_shown():
    out = " ".join(run_tool("listen", "--help").stdout.split())
    for default in ("[100M]", "[64M]", "[5]", "[[::]:6666, or the sockets that systemd passes]"):
        assert default in out
    assert "[5000]" in run_tool("send", "--help").stdout
    assert "[running]" in run_tool("suggest", "--help").stdout


@pytest.mark.parametrize("arguments, says", [
    (("sugest", "x"), "netcon: 'sugest' is no command; see netcon --help\n"),
    (("--sugest", "x"), "netcon: '--sugest' is no option; see netcon --help\n"),
    (("lint", "--with", "wings", "x"), "netcon lint: no feature is named wings; there are multiple_targets dynamic"),
    ((), "netcon: A subcommand is required; see netcon --help\n"),
    (("suggest",), "netcon suggest: destination is required; see netcon suggest --help\n"),
    (("listen", "--foo"), "netcon listen: The following argument was not expected: --foo; see netcon listen --help\n"),
    (("configfs", "plan", "--foo"), "netcon configfs plan: "),
])
def test_mistakes_are_one_line(arguments, says):
    done = run_tool(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(says) and done.stderr.count("\n") == 1


@pytest.mark.parametrize("args, says", [
    (("listen", "0", "--for", "nan"), "--for: 'nan' is no number from 0.001 to 1000000000"),
    (("listen", "0", "--for", "0"), "--for: '0' is no number from 0.001 to 1000000000"),
    (("listen", "0", "--order", "-1"), "--order: '-1' is no number from 0 to 60000"),
    (("listen", "0", "--order", "5x"), "--order: '5x' is no number from 0 to 60000"),
    (("listen", "0", "--stats", "inf"), "--stats: 'inf' is no number from 0.1 to 1000000000"),
    (("listen", "0", "--count", "0"), "--count: '0' is no whole number of 1 or more"),
    (("listen", "0", "--count", "-1"), "--count: '-1' is no whole number of 1 or more"),
    (("listen", "0", "--count", "18446744073709551616"), "--count: '18446744073709551616' is no whole number of 1 or more"),
    (("listen", "0", "--threads", "65"), "--threads: '65' is no whole number from 1 to 64"),
    (("listen", "0", "--rate-limit", "-1"), "--rate-limit: '-1' is no whole number of 0 or more"),
    (("listen", "0", "--queue", "-1"), "--queue: '-1' is no size: write bytes, as in 65536, 512K, 50M or 2G"),
    (("listen", "0", "--queue", "16777216T"), "--queue: '16777216T' is no size: "),
    (("listen", "0", "--queue", "1X"), "--queue: '1X' is no size: "),
    (("listen", "0", "--dir", ""), "--dir: is empty"),
    (("listen", "0", "--syslog", ""), "--syslog: is empty"),
    (("listen", "0", "--user", ""), "--user: is empty"),
    (("send", "127.0.0.1", "--facility", "256"), "--facility: '256' is no whole number from 0 to 255"),
    (("send", "127.0.0.1", "--rate", "-1"), "--rate: '-1' is no whole number from 0 to 1000000000"),
    (("decode", "x.pcap", "--port", "65536"), "--port: '65536' is no whole number from 0 to 65535"),
    (("console", "127.0.0.1", "--listen", "0x10"), "--listen: '0x10' is no whole number from 0 to 65535"),
    (("console", "127.0.0.1", "--wait", "nan"), "--wait: 'nan' is no number from 0 to 1000000"),
    (("suggest", "127.0.0.1", "--port", "65536"), "--port: '65536' is no whole number from 0 to 65535"),
    (("suggest", "127.0.0.1", "--device", ""), "--device: is empty"),
])
def test_values_that_make_no_sense(args, says):
    done = run_tool(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"netcon {args[0]}: {says}") and done.stderr.endswith(f"; see netcon {args[0]} --help\n")


@pytest.mark.parametrize("args", [("--queue", "1k"), ("--queue", "2MiB"), ("--queue", "3gb"), ("--queue", "0"), ("--count", "010"),
                                  ("--rate-limit", "0"), ("--order", "1e3"), ("--order", "0.5")])
def test_values_that_make_sense(args):
    assert run_tool("listen", "127.0.0.1:0", "--for", "0.05", *args).returncode == 0


def test_the_options_of_the_configfs_examples_exist():
    examples = run_tool("configfs", "--help").stdout.split("\nExamples:\n")[1].split("\n\n")[0].splitlines()
    assert {line.split("configfs ")[1].split()[0] for line in examples} == {"show", "plan", "apply", "remove", "simulate"}
    for line in examples:
        words = shlex.split(line)
        command, *arguments = words[words.index("configfs") + 1:]
        out = run_tool("configfs", command, "--help").stdout
        assert all(f" {word} " in out for word in arguments if word.startswith("--")), line


@pytest.mark.parametrize("command", [c for c in COMMANDS if c != "configfs"])
def test_the_options_of_the_examples_exist(command):
    out = run_tool(command, "--help").stdout
    options, examples = out.split("\nExamples:\n")
    calls = [line for line in examples.split("\n\n")[0].splitlines() if f"netcon {command}" in line]
    assert len(calls) >= 2
    for call in calls:
        words = shlex.split(call)
        for word in words[words.index(command):]:
            if word == "|":
                break
            assert not word.startswith("-") or word == "-" or f" {word} " in options, call
