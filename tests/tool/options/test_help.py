# SPDX-License-Identifier: MIT
"""What netcon says about itself: --help of every command, and mistakes on the command line."""

import re
import shlex

import pytest
from conftest import DATA, run_tool

GROUPS = {
    "Receive": ["listen", "crashes", "decode", "console"],
    "Set up a sender": ["suggest", "configfs"],
    "Check a parameter": ["lint", "explain", "format"],
    "Find out why nothing arrives": ["doctor"],
    "Test a receiver": ["test", "send"],
}
COMMANDS = sorted(sum(GROUPS.values(), []))
CONFIGFS = ["show", "plan", "apply", "remove"]
EVERY = [(command,) for command in COMMANDS] + [("configfs", command) for command in CONFIGFS]
# The verbs that descriptions of options begin with.
IMPERATIVES = set(
    """Accept Add Answer Append Assume Become Begin Check Continue Create Decode Disable Discard Enable End Fix Hold Keep Leave
                     Listen Name Print Queue Read Receive Remove Report Run Send Serve Set Show Test Use Wait Write""".split()
)
BANNED = r"\b(anew|nobody|mends?|mended|lets? go|pass(es|ed)? over|is no|said|told|behind)\b"


def help_of(*command):
    done = run_tool(*command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def rows(text, *sections):
    """The rows of sections of a help text: names and descriptions, each on one line."""
    found = []
    for heading, body in re.findall(r"^([A-Z][A-Za-z ]*):\n((?:  .*\n)+)", text, re.M):
        if (
            heading in sections
            or not sections
            and heading
            not in (
                *("Arguments", "Examples", "Commands", "Places", "Formats"),
                *GROUPS,
            )
        ):
            for line in body.splitlines():
                if line.startswith("   "):
                    found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}".strip())
                else:
                    name, _, about = line.strip().partition("  ")
                    found.append((name, about.strip()))
    return found


def test_the_commands_are_listed_by_group():
    out = help_of()
    assert "Usage: netcon [OPTIONS] COMMAND\n" in out
    for group, members in GROUPS.items():
        assert [name for name, _ in rows(out, group)] == members
    assert [name for name, _ in rows(help_of("configfs"), "Commands")] == CONFIGFS


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_help_fits_on_a_screen(command):
    out = help_of(*command)
    assert f"\nUsage: netcon {' '.join(command)} [OPTIONS] " in out
    assert max(map(len, out.splitlines())) <= 120
    assert "Excludes" not in out and not any(line.endswith(" ") for line in out.splitlines())


@pytest.mark.parametrize("command", [(), *EVERY], ids=" ".join)
def test_descriptions_begin_with_an_imperative_verb(command):
    out = help_of(*command)
    options = rows(out)
    assert ("-h, --help", "Print this help") in options
    for name, about in options:
        assert about.split()[0] in IMPERATIVES, (name, about)
    assert not re.search(BANNED, out, re.I), re.search(BANNED, out, re.I)


def test_the_layout():
    """Name, value and default of an option; text that is too long for its column goes on in the next line."""
    out = help_of("listen")
    assert "\nArguments:\n  [[ADDRESS:]PORT ...]     Where to listen; port 0 takes a free one" in out
    assert re.search(r"^  keep=N                   Keep N old files, as NAME\.log\.1 and so on \[5\]$", out, re.M)
    assert re.search(r"^  --crash-dir DIR          Write a file for each crash of a sender to DIR$", out, re.M)
    assert re.search(r"^  --min-ttl N              Discard packets .*\n {27}\S", out, re.M)
    headings = re.findall(r"^([A-Z].*):$", out, re.M)
    assert headings == [
        *("Arguments", "Options", "Choice of senders and records", "Tests by netcon test", "Output"),
        *("Places", "Formats", "Keys of an output", "Examples"),
    ]


def test_defaults_are_shown():
    out = " ".join(run_tool("listen", "--help").stdout.split())
    for default in ("[100M]", "[64M]", "[5]", "[[::]:6666, or the sockets that systemd passes]"):
        assert default in out
    assert "[5000]" in run_tool("send", "--help").stdout
    assert "[running]" in run_tool("suggest", "--help").stdout


@pytest.mark.parametrize(
    "arguments, says",
    [
        (("sugest", "x"), "netcon: 'sugest' is not a command; did you mean suggest?; see netcon --help\n"),
        (("xyzzy", "x"), "netcon: 'xyzzy' is not a command; see netcon --help\n"),
        (("help", "lisetn"), "netcon: 'lisetn' is not a command; did you mean listen?; see netcon --help\n"),
        (("--sugest", "x"), "netcon: '--sugest' is not an option; see netcon --help\n"),
        (("--verison",), "netcon: '--verison' is not an option; did you mean --version?; see netcon --help\n"),
        (
            ("lint", "--with", "wings", "x"),
            "netcon lint: no feature is named wings; the features are multiple_targets dynamic",
        ),
        (
            ("lint", "--with", "module", "--without", "module", "x"),
            "netcon lint: --with module and --without module exclude each other\n",
        ),
        ((), "netcon: a COMMAND is required; see netcon --help\n"),
        (("configfs",), "netcon configfs: a COMMAND is required; see netcon configfs --help\n"),
        (("suggest",), "netcon suggest: HOST[:PORT] ... is required; see netcon suggest --help\n"),
        (("console",), "netcon console: HOST[:PORT] is required; see netcon console --help\n"),
        (("crashes",), "netcon crashes: FILE|DIR ... is required; see netcon crashes --help\n"),
        (("configfs", "plan", "none"), "netcon configfs plan: TO is required; see netcon configfs plan --help\n"),
        (
            ("listen", "--xyzzy"),
            "netcon listen: '--xyzzy' is not an option; see netcon listen --help\n",
        ),
        (
            ("listen", "--jsno"),
            "netcon listen: '--jsno' is not an option; did you mean --json?; see netcon listen --help\n",
        ),
        (("listen", "--prot=5"), "netcon listen: '--prot' is not an option; did you mean --port?; see netcon listen"),
        (("decode", "--json=3", "x"), "netcon decode: --json takes no value; see netcon decode --help\n"),
        (
            ("send", "--level", "3", "--level=4", "x"),
            "netcon send: --level is given 2 times: give it once; see netcon send --help\n",
        ),
        (("listen", "-p"), "netcon listen: --port has no value: write --port PORT; see netcon listen --help\n"),
        (("configfs", "shwo"), "netcon configfs: 'shwo' is not a command; did you mean show?; see netcon configfs"),
        (("console", "10.0.0.2", "x"), "netcon console: 'x' is an argument too many; see netcon console --help\n"),
        (("configfs", "plan", "--foo"), "netcon configfs plan: "),
    ],
)
def test_mistakes_are_one_line(arguments, says):
    done = run_tool(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(says) and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "args, says",
    [
        (
            ("listen", "0", "--for", "nan"),
            "--for: 'nan' is not a duration: write a number and a unit, as in 50ms, 30s, 5m, 24h or 7d",
        ),
        (("listen", "0", "--for", "0"), "--for: '0' is not between 1ms and 10000d"),
        (("listen", "0", "--for", "60"), "--for: '60' has no unit: write 60s for seconds, or ms, m, h or d"),
        (("listen", "0", "--for", "1e9s"), "--for: '1e9s' is not a duration: "),
        (("listen", "0", "--for", "99999999999d"), "--for: '99999999999d' is too long a time"),
        (("listen", "0", "--reorder", "-1s"), "--reorder: '-1s' is not a duration: "),
        (("listen", "0", "--reorder", "5x"), "--reorder: '5x' is not a duration: "),
        (("listen", "0", "--reorder", "1.2.3s"), "--reorder: '1.2.3s' is not a duration: "),
        (("listen", "0", "--reorder", ""), "--reorder: '' is not a duration: "),
        (("listen", "0", "--reorder", "s"), "--reorder: 's' is not a duration: "),
        (("listen", "0", "--reorder", "61s"), "--reorder: '61s' is not between 0ms and 1m"),
        (("listen", "0", "--stats", "inf"), "--stats: 'inf' is not a duration: "),
        (("listen", "0", "--stats", "99ms"), "--stats: '99ms' is not between 100ms and 10000d"),
        (("suggest", "127.0.0.1", "--wait", "2"), "--wait: '2' has no unit: write 2s for seconds, or ms, m, h or d"),
        (("listen", "0", "--count", "0"), "--count: '0' is not a whole number of 1 or more"),
        (("listen", "0", "--count", "-1"), "--count: '-1' is not a whole number of 1 or more"),
        (
            ("listen", "0", "--count", "18446744073709551616"),
            "--count: '18446744073709551616' is not a whole number of 1 or more",
        ),
        (("listen", "0", "--threads", "65"), "--threads: '65' is not a whole number from 1 to 64"),
        (("listen", "0", "--to", ""), "--to: is empty"),
        (("listen", "0", "--color", "red"), "--color: 'red' is not always, auto or never"),
        (("listen", "0", "--user", ""), "--user: is empty"),
        (("send", "127.0.0.1", "--facility", "256"), "--facility: '256' is not a whole number from 0 to 255"),
        (("send", "127.0.0.1", "--rate", "-1"), "--rate: '-1' is not a whole number from 0 to 1000000000"),
        (("decode", "x.pcap", "--to-port", "65536"), "--to-port: '65536' is not a whole number from 0 to 65535"),
        (("console", "127.0.0.1", "--listen", "0x10"), "--listen: '0x10' is not a whole number from 0 to 65535"),
        (("console", "127.0.0.1", "--wait", "nan"), "--wait: 'nan' is not a duration: "),
        (
            ("suggest", "127.0.0.1", "--from-port", "65536"),
            "--from-port: '65536' is not a whole number from 0 to 65535",
        ),
        (("suggest", "127.0.0.1", "--device", ""), "--device: is empty"),
    ],
)
def test_values_that_make_no_sense(args, says):
    done = run_tool(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"netcon {args[0]}: {says}") and done.stderr.endswith(
        f"; see netcon {args[0]} --help\n"
    )


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_the_text_of_an_unset_variable_is_a_mistake(command):
    """An option that has it is not one that was not given."""
    files = [str(DATA / "captures" / "sysrq_612.pcap")]
    others = {
        "configfs plan": ["@/,@10.0.0.2/"] * 2,
        "configfs apply": ["web", "@/,@10.0.0.2/"],
        "doctor": ["--no-send"],
    }
    others |= {
        "crashes": files,
        "decode": files,
        "listen": ["--check-config"],
        "configfs show": [],
        "configfs remove": [],
    }
    arguments = others.get(
        " ".join(command), ["@/,@10.0.0.2/" if command[0] in ("lint", "explain", "format") else "127.0.0.1"]
    )
    values = re.findall(
        r"^  (?:-\w, )?(--[\w-]+) \[?[A-Z\[][^] ]*\]?(?:$| )", help_of(*command).replace("[FORMAT@]", "F"), re.M
    )
    for option in values:
        done = run_tool(*command, *arguments, option, "")
        assert done.returncode == 2 and done.stderr, option
        # What follows is not taken for its value.
        done = run_tool(*command, f"{option}=", *arguments)
        assert done.returncode == 2, option
        assert re.search(rf": {option} has (no|an empty) value: write {option}\W", done.stderr), option


@pytest.mark.parametrize(
    "args",
    [
        ("--to", "-,queue=1k"),
        ("--to", "-,queue=2MiB"),
        ("--to", "-,queue=3gb"),
        ("--to", "-,queue=0"),
        ("--count", "010"),
        ("--to", "-,rate-limit=0"),
        ("--reorder", "1s"),
        ("--reorder", "0.5ms"),
        ("--reorder", "0"),
        ("--stats", "1.5h"),
    ],
)
def test_values_that_make_sense(args):
    fewer_than_count = 3 if "--count" in args else 0
    assert run_tool("listen", "127.0.0.1:0", "--for", "50ms", *args).returncode == fewer_than_count


def examples_of(out):
    return out.split("\nExamples:\n")[1].split("\n\n")[0].splitlines()


@pytest.mark.parametrize("command", [c for c in EVERY if c != ("configfs",)], ids=" ".join)
def test_the_options_of_the_examples_exist(command):
    """Each command shows examples of its own, whose options are among those that it lists."""
    out = help_of(*command)
    options = [word for name, _ in rows(out) for word in re.split(r"[, ]+", name)]
    call = f"netcon {' '.join(command)}"
    calls = [line for line in examples_of(out) if f"{call} " in f"{line} "]
    assert len(calls) >= 2
    assert command[0] != "configfs" or len(calls) == len(examples_of(out))
    for line in calls:
        words = shlex.split(line[line.index(call) + len(call) :])
        for word in words:
            if word == "|":
                break
            assert not word.startswith("-") or word == "-" or word.startswith("-,") or word in options, line


def test_habits():
    for command in ((), ("listen",), ("configfs", "plan")):
        assert run_tool("help", *command).stdout == help_of(*command)
    assert run_tool("-V").stdout == run_tool("--version").stdout != ""


def test_what_follows_an_option_is_another_argument(tmp_path):
    """Whichever of them may be repeated: an address behind --to was a file to write to."""
    for options in (("--to", f"{tmp_path}/log"), ("-p", "0"), ("--allow", "10.0.0.0/8")):
        assert "listening on 127.0.0.1:" in run_tool("listen", *options, "127.0.0.1:0", "--for", "1ms").stderr
    config = tmp_path / "listen.toml"
    config.write_text(f"to = ['{tmp_path}/log']\naddress = ['127.0.0.1:0']\n")
    assert "listening on 127.0.0.1:" in run_tool("listen", "--config", config, "--for", "1ms").stderr
    capture = DATA / "captures" / "sysrq_612.pcap"
    for option, value in (("--sender", "10.0.2.15"), ("--to-port", "6666")):
        done = run_tool("decode", option, value, capture, capture)
        assert done.returncode == 0, done.stderr
    done = run_tool("suggest", "--userdata", "a=b", "127.0.0.1", "127.0.0.2")
    assert [line.split(":")[1] for line in done.stderr.splitlines()] == [" 127.0.0.1", " 127.0.0.2"]


def test_lint_takes_several_files(tmp_path):
    for name in ("a.conf", "b.conf"):
        (tmp_path / name).write_text("options netconsole netconsole=@/,514@10.0.0.2/\n")
    assert "--file FILE ..." in help_of("lint")
    out = run_tool("lint", "--format", "modprobe", "--file", tmp_path / "a.conf", tmp_path / "b.conf").stdout
    assert "a.conf:1:" in out and "b.conf:1:" in out
