# SPDX-License-Identifier: MIT
"""What is made from the definition of the options: docs/options.md, manual pages, completions."""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess

import pytest
from conftest import TOOL, run_tool

TOP = pathlib.Path(__file__).resolve().parents[3]
REFERENCE = pathlib.Path(TOOL).with_name("netcon_reference")
NOTES = TOP / "examples/netcon/reference/notes"
COMMANDS = ["", "listen", "crashes", "decode", "console", "suggest", "configfs", "configfs show", "configfs plan"] + [
    "configfs apply",
    "configfs remove",
    "lint",
    "explain",
    "format",
    "doctor",
    "test",
    "send",
]

pytestmark = pytest.mark.skipif(not REFERENCE.exists(), reason="netcon_reference is not beside the tool")


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}")


def reference(*arguments):
    subprocess.run([REFERENCE, *map(str, arguments)], check=True, timeout=30)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    directory = tmp_path_factory.mktemp("pages")
    reference("pages", directory, NOTES)
    return directory


@pytest.fixture(scope="module")
def completions(tmp_path_factory):
    directory = tmp_path_factory.mktemp("completions")
    reference("completions", directory)
    return directory


def page_of(command):
    return "-".join(["netcon", *command.split()]) + ".1"


def headings(command):
    """The options and arguments of --help, as they are shown there: "-h, --help", "--count N"."""
    out = run_tool(*command.split(), "--help").stdout
    out = out.split("\n\n", 2)[2].split("\nExamples:")[0].split("\nPlaces:")[0]
    return [row for row in re.findall(r"^  (-.*?)(?:  .*)?$", out, re.M)]


def test_the_page_of_options_is_up_to_date(tmp_path):
    reference("options", tmp_path / "options.md")
    assert (TOP / "docs/options.md").read_text() == (tmp_path / "options.md").read_text(), (
        "docs/options.md is stale: cmake --build --preset dev --target update_options_page"
    )


def test_the_page_of_options_has_all_that_help_has():
    sections = dict(re.findall(r"^## netcon ?(.*)\n((?:(?!## ).*\n)*)", (TOP / "docs/options.md").read_text(), re.M))
    assert sorted(sections) == sorted(COMMANDS)
    for command in COMMANDS:
        for heading in headings(command):
            cell = heading.replace("|", "\\|")
            assert f"| `{cell}` |" in sections[command], (command, heading)


def test_every_command_has_a_page(pages):
    assert sorted(path.name for path in pages.iterdir()) == sorted(map(page_of, COMMANDS))


def test_notes_belong_to_a_page():
    assert {path.name for path in NOTES.iterdir()} <= set(map(page_of, COMMANDS))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_has_all_that_help_has(pages, command):
    text = (pages / page_of(command)).read_text()
    plain = re.sub(r"\\f[BIR]", "", text).replace("\\-", "-").replace("\\e", "\\").replace("\\&", "")
    for heading in headings(command):
        assert f".TP\n{heading}\n" in plain, heading
    for line in run_tool(*command.split(), "--help").stdout.split("\nExamples:\n")[1:]:
        for example in line.split("\n\n")[0].splitlines():
            assert f"\n{example.strip()}\n" in plain, example
    assert ("\n.SH EXIT STATUS\n" in text) == (command not in ("", "configfs"))
    assert f".BR {page_of('lint' if command != 'lint' else '')[:-2]} (1)".replace("-", "\\-") in text


def words_of(pages, command):
    """The words of a page, as a reader sees them."""
    text = (pages / page_of(command)).read_text()
    return set(re.findall(r"[A-Za-z0-9_-]+", re.sub(r"\\f[BIR]", "", text).replace("\\-", "-")))


def test_the_page_of_listen_has_every_field_of_the_journal(pages):
    source = (TOP / "include/netcon/output/journal_entry.hpp").read_text()
    fields = set(re.findall(r'"(?:\\n)?((?:NETCONSOLE|SYSLOG)_\w+|MESSAGE|PRIORITY)[="]', source))
    assert len(fields) > 30
    assert fields <= words_of(pages, "listen")


def test_the_page_of_listen_has_what_a_command_after_a_crash_gets(pages):
    source = (TOP / "examples/netcon/listen/crash_commands.cpp").read_text()
    names = {f"NETCON_{name}" for name in re.findall(r'\bset\("(\w+)"', source)}
    assert len(names) > 10
    assert names <= words_of(pages, "listen")


def test_the_page_of_listen_says_what_a_signal_changes(pages):
    """The sentence is made from the rules of the keys; tests/tool/listen/test_config.py sends the signal."""
    text = (pages / page_of("listen")).read_text().replace("\\-", "-")
    assert "of outputs min-level, match, sender, rate-limit. What else has changed needs a restart" in " ".join(
        text.split()
    )
    for wanted in ("CONFIGURATION FILE", "SIGNALS", "REPORTS", "JOURNAL", "FILES", "ENVIRONMENT"):
        assert f"\n.SH {wanted}\n" in text


@needs("mandoc")
@pytest.mark.parametrize("command", COMMANDS)
def test_mandoc_has_no_complaint(pages, command):
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", pages / page_of(command)], capture_output=True, text=True, timeout=30
    )
    # Pages bear no date.
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []


@needs("man")
@needs("groff")
@pytest.mark.parametrize("command", COMMANDS)
def test_man_shows_a_page_without_warnings(pages, command):
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", pages / page_of(command)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0 and done.stderr == ""
    assert f"netcon {command}".strip() in done.stdout


# What each shell offers for a line. "..." stands for a directory with the files report.pcap and logs/.
OFFERS = [
    ("netcon li", {"listen", "lint"}),
    ("netcon configfs ", {"show", "plan", "apply", "remove"}),
    ("netcon lint --kernel running --jso", {"--json"}),
    ("netcon listen --cou", {"--count"}),
    ("netcon configfs show --jso", {"--json"}),
    ("netcon configfs plan --as s", {"shell", "steps", "systemd"}),
    ("netcon configfs plan --as=sy", {"systemd"}),
    ("netcon suggest --as m", {"modprobe"}),
    ("netcon send --level w", {"warning"}),
    ("netcon listen --color a", {"always", "auto"}),
    ("netcon decode --color n", {"never"}),
    ("netcon lint --without dyn", {"dynamic"}),
    ("netcon decode rep", {"report.pcap"}),
    ("netcon listen --crash-dir ", {"logs"}),
]


@pytest.fixture
def there(tmp_path):
    (tmp_path / "report.pcap").touch()
    (tmp_path / "logs").mkdir()
    return tmp_path


@needs("bash")
@pytest.mark.parametrize("line, offered", OFFERS)
def test_bash(completions, there, line, offered):
    # Readline breaks words at = too.
    words = [word for word in re.split(r" +|(=)", line) if word is not None]
    script = f"""
        source {completions}/netcon.bash
        COMP_WORDS=({" ".join(f"'{word}'" for word in words)}) COMP_CWORD={len(words) - 1}
        _netcon
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, cwd=there, timeout=30, check=True
    )
    assert (set(done.stdout.split()), done.stderr) == (offered, "")


@needs("fish")
@pytest.mark.parametrize("line, offered", OFFERS)
def test_fish(completions, there, line, offered):
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source {completions}/netcon.fish; complete -C '{line}'"],
        capture_output=True,
        text=True,
        cwd=there,
        timeout=30,
        check=True,
    )
    words = {row.split("\t")[0].removeprefix("--as=").rstrip("/") for row in done.stdout.splitlines()}
    assert (words, done.stderr) == (offered, "")


def typed_in_zsh(completions, directory, line):
    """What zsh makes of the line when Tab is typed and everything that it offers is inserted."""
    setup = f"""
        PROMPT='> '; unsetopt BEEP ZLE_BRACKETED_PASTE 2>/dev/null; fpath=({completions} $fpath)
        autoload -Uz compinit; compinit -u -D
        all() {{ compstate[insert]=all }}
        zstyle ':completion:*' menu no
        compprefuncs=(); comppostfuncs=(all)
        compdef _netcon netcon
        complete_and_show() {{ zle complete-word; print -r -- "<<$BUFFER>>" >$TYPED; exit }}
        zle -N complete_and_show; bindkey '^T' complete_and_show
        print ready
    """
    result = directory.parent / "typed"
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(directory)
        os.environ.update(TERM="dumb", TYPED=str(result), HOME=str(directory))
        os.execvp("zsh", ["zsh", "-f", "-i"])
    try:

        def read_until(text):
            seen = b""
            while text is None or text not in seen:
                assert select.select([master], [], [], 60)[0], seen
                try:
                    seen += os.read(master, 65536)
                except OSError:
                    return seen
            return seen

        script = directory.parent / "setup.zsh"
        script.write_text(setup)
        os.write(master, f"source {script}\n".encode())
        read_until(b"ready")
        os.write(master, line.encode() + b"\x14")
        read_until(None)
    finally:
        os.close(master)
        os.waitpid(pid, 0)
    return re.search(r"<<(.*)>>", result.read_text(), re.S)[1]


@needs("zsh")
@pytest.mark.parametrize("line, offered", OFFERS)
def test_zsh(completions, there, line, offered):
    before = line[: line.rfind(" ") + 1]
    words = typed_in_zsh(completions, there, line)[len(before) :].split()
    assert {word.removeprefix("--as=").rstrip("/=") for word in words} == offered
