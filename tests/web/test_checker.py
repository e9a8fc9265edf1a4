# SPDX-License-Identifier: MIT
"""The checker in a real browser. tests/web/run.sh says what it needs and runs it."""

import base64
import json
import os
import pathlib
import re
import subprocess

import pytest
from browser import Browser, find_chromium

DATA = pathlib.Path(__file__).parents[1] / "data"
KERNELS = ("6.1.192", "6.12.117", "newest")


@pytest.fixture(scope="session")
def page() -> pathlib.Path:
    if "NETCON_PAGE" not in os.environ:
        pytest.skip("NETCON_PAGE names no page: sh tests/web/run.sh builds one")
    return pathlib.Path(os.environ["NETCON_PAGE"]).resolve()


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = os.environ.get("NETCON_SCREENSHOTS")
    directory = pathlib.Path(path) if path else tmp_path_factory.mktemp("screenshots")
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.fixture(scope="session")
def running_browser():
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium (sh .ci/install web)")
    browser = Browser(program)
    yield browser
    browser.close()


@pytest.fixture
def browser(running_browser: Browser, page: pathlib.Path) -> Browser:
    running_browser.show_as(1000, dark=False)
    running_browser.events.clear()
    running_browser.open(page)
    return running_browser


def examples() -> list[str]:
    """The parameters of the corpus; none that a command line cannot have."""
    rows = [json.loads(line) for line in (DATA / "corpus/parameters.jsonl").read_text().splitlines()]
    return [row["parameter"] for row in rows[1:] if row["parameter"].isascii() and "\0" not in row["parameter"]]


def in_page(browser: Browser, kernel: str, kind: str, texts: list[str]) -> list[dict]:
    """What the page's own module answers, without the page's elements."""
    return browser.evaluate(
        "unpack(byId('module').textContent).then(loadChecker).then((checker) =>"
        f"{json.dumps(texts)}.map((text) => checker.check({json.dumps(kernel)}, {json.dumps(kind)}, text)))"
    )


def verdict(browser: Browser) -> str:
    return browser.evaluate("byId('verdict').textContent")


def check_text(browser: Browser, text: str) -> None:
    browser.type_text("#text", text)
    browser.evaluate("byId('check').click()")


@pytest.mark.parametrize("kernel", KERNELS)
def test_each_parameter_gets_the_verdict_of_the_library(browser: Browser, kernel: str, tmp_path: pathlib.Path) -> None:
    tool = os.environ.get("NETCON_TOOL")
    if not tool:
        pytest.skip("NETCON_TOOL names no netcon to compare with")
    texts = [one for one in examples() if "@" in one]  # without it, it may be a path
    assert len(texts) > 300
    run = subprocess.run(
        [pathlib.Path(tool).resolve(), "lint", "--json", "--kernel", kernel, "--", *texts],
        capture_output=True,
        check=False,
        cwd=tmp_path,
    )
    assert run.returncode == 1, run.stderr
    expected = [one["findings"] for one in json.loads(run.stdout)["sources"]]
    answers = in_page(browser, kernel, "parameter", texts)
    assert len(expected) == len(answers)
    for text, wanted, answer in zip(texts, expected, answers, strict=True):
        members = [list(one) for one in wanted]
        found = [{name: one[name] for name in names} for one, names in zip(answer["findings"], members, strict=True)]
        assert found == wanted, text
        reading = answer["parameters"][0]
        if any(one["severity"] == "error" for one in wanted):
            assert not reading["loads"] or reading["skipped"], text


@pytest.mark.parametrize("path", sorted((DATA / "boot_files").glob("*.txt")), ids=lambda path: path.stem)
def test_files_of_each_format_are_taken(browser: Browser, path: pathlib.Path) -> None:
    known = set(browser.evaluate("[...byId('formats').children].map((one) => one.value)"))
    assert path.stem in known
    [answer] = in_page(browser, "newest", path.stem, [path.read_text()])
    assert answer["format"] == path.stem


def test_a_wrong_parameter_is_underlined_and_explained(browser: Browser) -> None:
    check_text(browser, "@/eth0,66666@10.0.0.2/00:13:32:20:a9:a5")
    assert "1 error" in verdict(browser)
    assert browser.evaluate("document.querySelector('.finding pre').textContent").splitlines()[1].strip() == "^~~~~"
    assert "66666" in browser.evaluate("document.querySelector('.finding pre').textContent")
    assert "port-out-of-range" in browser.evaluate("byId('result').textContent")
    assert "couldn't parse config" in browser.evaluate("byId('result').textContent")


def test_the_verdict_is_for_the_chosen_kernel(browser: Browser) -> None:
    check_text(browser, "+r@/,@10.0.0.2/00:13:32:20:a9:a5")
    assert "error" not in verdict(browser)
    browser.type_text("#kernel", "6.1")
    browser.evaluate("byId('kernel').dispatchEvent(new Event('change'))")
    assert "1 error" in verdict(browser) and "for Linux 6.1." in verdict(browser)
    browser.type_text("#kernel", "six")
    browser.evaluate("byId('kernel').dispatchEvent(new Event('change'))")
    assert "kernel version" in browser.evaluate("byId('kernel-problem').textContent")


def test_the_fix_is_copied_and_used(browser: Browser) -> None:
    check_text(browser, "@/eth0,@10.0.0.2")
    fixed = browser.evaluate("document.querySelector('.all-fixes pre').textContent")
    assert fixed.startswith("@/eth0,@10.0.0.2/")
    browser.evaluate(
        "globalThis.copied = null;"
        "Object.defineProperty(navigator, 'clipboard',"
        "  {value: {writeText: async (text) => { globalThis.copied = text; }}, configurable: true});"
        "document.querySelector('.all-fixes .copy').click()"
    )
    browser.wait_for("document.querySelector('.all-fixes .copy').textContent === 'Copied'")
    assert browser.evaluate("copied") == fixed
    browser.evaluate("byId('use-fixed').click()")
    assert browser.evaluate("byId('text').value") == fixed
    assert "error" not in verdict(browser)


def test_a_boot_loaders_line_is_read_as_its_own(browser: Browser) -> None:
    check_text(browser, 'GRUB_CMDLINE_LINUX="quiet netconsole=@/eth0,@10.0.0.2"\n')
    assert "Read as grub." in verdict(browser)
    assert "missing-second-slash" in browser.evaluate("byId('result').textContent")


def crash_files() -> list[pathlib.Path]:
    return sorted(path for path in (DATA / "crashes").glob("*.txt") if path.stem != "no_crash")


@pytest.mark.parametrize("path", crash_files(), ids=lambda path: path.stem)
def test_a_pasted_crash_is_named(browser: Browser, path: pathlib.Path) -> None:
    tool = os.environ.get("NETCON_TOOL")
    if not tool:
        pytest.skip("NETCON_TOOL names no netcon to compare with")
    run = subprocess.run([tool, "crashes", "--json", path], capture_output=True, check=True)
    wanted = [json.loads(line)["title"] for line in run.stdout.splitlines()]
    check_text(browser, path.read_text())
    assert "Read as a kernel log." in verdict(browser)
    titles = browser.evaluate("[...document.querySelectorAll('.crash h3')].map((one) => one.textContent)")
    assert titles == wanted
    assert wanted[0] in browser.evaluate("document.querySelector('.crash pre').textContent")


def test_packets_are_decoded_from_hexadecimal_and_base64(browser: Browser) -> None:
    packets = [b"6,1,1000,-;first", b"4,3,2000,-;third\n SUBSYSTEM=net"]
    wanted = ["info", "first", "1 record lost", "third", "SUBSYSTEM=net"]
    for form in (bytes.hex, lambda one: base64.b64encode(one).decode()):
        check_text(browser, "\n".join(map(form, packets)))
        assert "Read as packets." in verdict(browser)
        lines = browser.evaluate("document.querySelector('.lines').textContent")
        for part in wanted:
            assert part in lines


def test_a_dump_of_tcpdump_is_decoded(browser: Browser) -> None:
    payload = b"6,7,1000,-;dumped"
    udp = bytes([0x1A, 0x09, 0x1A, 0x0A]) + (8 + len(payload)).to_bytes(2, "big") + b"\0\0" + payload
    head = bytes([0x45, 0]) + (20 + len(udp)).to_bytes(2, "big") + b"\0\0\0\0\x40\x11\0\0"
    packet = head + bytes([10, 0, 0, 1, 10, 0, 0, 2]) + udp
    dump = ["12:00:00.000000 IP 10.0.0.1.6665 > 10.0.0.2.6666: UDP, length 17"]
    for at in range(0, len(packet), 16):
        words = re.sub("(....)", r"\1 ", packet[at : at + 16].hex()).strip()
        dump.append(f"\t0x{at:04x}:  {words}")
    check_text(browser, "\n".join(dump))
    assert "Read as packets." in verdict(browser)
    assert "dumped" in browser.evaluate("document.querySelector('.lines').textContent")


def test_a_capture_is_opened(browser: Browser) -> None:
    browser.choose_file("#file", DATA / "captures/ext_612.pcap")
    browser.wait_for("byId('verdict').textContent.includes('Read as a capture.')")
    assert browser.evaluate("document.querySelector('.lines').textContent").count("\n") > 5


def test_the_form_builds_each_form(browser: Browser) -> None:
    browser.evaluate("byId('build').click()")
    assert browser.evaluate("byId('remote_ip').getAttribute('aria-invalid')") == "true"
    assert browser.evaluate("byId('remote_ip-problem').textContent") != ""
    browser.type_text("#remote_ip", "10.0.0.2")
    browser.type_text("#remote_mac", "00:13:32:20:a9:a5")
    browser.type_text("#local_device", "enp1s0")
    browser.evaluate("byId('extended').click()")
    browser.evaluate("byId('build').click()")
    texts = browser.evaluate("[...document.querySelectorAll('#built figure > pre')].map((one) => one.textContent)")
    parameter = "+@/enp1s0,@10.0.0.2/00:13:32:20:a9:a5"
    assert texts[0] == parameter
    assert texts[1] == f"netconsole.netconsole={parameter}"
    assert texts[2] == f"options netconsole netconsole={parameter}\n"
    assert "mkdir" in texts[3] and "[Service]" in texts[4]
    browser.type_text("#userdata", "rack=4")
    browser.evaluate("byId('build').click()")
    assert "use the systemd unit" in browser.evaluate("byId('built').textContent")


def test_a_device_that_no_parameter_can_name_is_marked_where_it_stands(browser: Browser) -> None:
    browser.type_text("#remote_ip", "10.0.0.2")
    browser.type_text("#local_device", "a;b")
    browser.evaluate("byId('build').click()")
    assert browser.evaluate("byId('local_device').getAttribute('aria-invalid')") == "true"
    assert browser.evaluate("byId('remote_ip').getAttribute('aria-invalid')") == "false"
    assert browser.evaluate("byId('local_device-problem').textContent") != ""


def test_the_keyboard_is_enough(browser: Browser) -> None:
    browser.evaluate("byId('kernel').focus()")
    for _ in range(2):
        browser.press("Tab", 9)
    assert browser.evaluate("document.activeElement.id") == "text"
    browser.send("Input.insertText", text="@/,@10.0.0.2")
    browser.press("Enter", 13, modifiers=2)
    assert "1 error" in verdict(browser)
    reached = set()
    for _ in range(12):
        browser.press("Tab", 9)
        reached.add(browser.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"kind", "check", "example", "file", "copy", "use-fixed"} <= reached


def test_nothing_leaves_the_page(browser: Browser) -> None:
    policy = browser.evaluate("document.querySelector('meta[http-equiv]').content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy and "connect-src" not in policy
    refused = browser.evaluate("fetch('https://example.com/').then(() => false, () => true)")
    assert refused
    hostile = "netconsole=@/<img src=x onerror=alert(1)>,@10.0.0.2/"
    check_text(browser, hostile)
    assert browser.evaluate("document.querySelector('#result img')") is None
    requested = [
        one["params"]["request"]["url"] for one in browser.events if one.get("method") == "Network.requestWillBeSent"
    ]
    assert [one for one in requested if not one.startswith(("file:", "data:", "https://example.com/"))] == []
    problems = [
        one["params"]["entry"]["text"]
        for one in browser.events
        if one.get("method") == "Log.entryAdded" and "example.com" not in one["params"]["entry"]["text"]
    ]
    assert problems == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1000])
def test_nothing_is_wider_than_the_screen(browser: Browser, screenshots: pathlib.Path, width: int, dark: bool) -> None:
    browser.show_as(width, dark=dark)
    name = f"{width}-{'dark' if dark else 'light'}"
    check_text(browser, "modprobe netconsole netconsole=@/eth0,514@10.0.0.2/00:13:32:20:r9:a5")
    browser.type_text("#remote_ip", "10.0.0.2")
    browser.evaluate("byId('build').click()")
    browser.take_screenshot(screenshots / f"checked-{name}.png")
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    check_text(browser, (DATA / "crashes/null_dereference.txt").read_text())
    browser.take_screenshot(screenshots / f"crash-{name}.png")
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
