# SPDX-License-Identifier: MIT
from __future__ import annotations

import dataclasses
import importlib
import os
import time
import typing

import netcon
import pytest
from hypothesis import given
from hypothesis import strategies as st
from netcon import TextRange
from netcon._errors import Places

PIECES = st.sampled_from(
    [
        "+",
        "r",
        "@",
        "/",
        ",",
        ";",
        ":",
        "6666",
        "10.0.0.2",
        "fd00::1",
        "eth0",
        "52:54:00:12:34:56",
        " ",
        "\n",
        "\0",
        "é",
        "\udcff",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.binary(max_size=60), st.lists(PIECES, max_size=14).map("".join))
VERSIONS = st.sampled_from(["2.6.20", "3.2", "3.8", "4.19", "6.1.192", "6.12.117", "7.3.4", None])


def test_error_has_the_place() -> None:
    text = "@/,66666@10.0.0.2/"
    with pytest.raises(netcon.ParseError) as caught:
        netcon.parse_target(text)
    e = caught.value
    assert isinstance(e, ValueError)
    assert (e.code, text[slice(*e.where)], e.text) == ("port-out-of-range", "66666", text)
    assert e.hint in str(e)
    assert "\n     ^~~~~\n" in str(e)


def test_error_counts_characters_in_str_and_bytes_in_bytes() -> None:
    text = "@/é\udcff,66666@10.0.0.2/"
    for given_text in (text, text.encode("utf-8", "surrogateescape")):
        with pytest.raises(netcon.ParseError) as caught:
            netcon.parse_target(given_text)
        part = given_text[slice(*caught.value.where)]
        assert part in ("66666", b"66666")


def test_device_name_of_any_bytes() -> None:
    settings = netcon.parse_target(b"@/\xff\xfe,@10.0.0.2/").resolve()
    assert settings.dev_name == "\udcff\udcfe"
    assert str(settings.full()).encode("utf-8", "surrogateescape").count(b"\xff\xfe") == 1


def test_device_by_mac() -> None:
    target = netcon.parse_target("@/52:54:00:12:34:AB,@10.0.0.2/")
    assert target.local_device == netcon.MacAddress("52:54:00:12:34:ab")
    settings = target.resolve()
    assert (settings.dev_name, settings.dev_mac) == ("", "52:54:00:12:34:ab")
    assert netcon.Target(local_device="52:54:00:12:34:AB", remote_ip="10.0.0.2") == target


def test_parameter() -> None:
    text = "@/,@10.0.0.2/;é@/;+@/,@fd00::2/"
    found = netcon.parse_parameter(text, kernel="6.12.117")
    assert [str(t) for t in found] == ["@/,@10.0.0.2/", "+@/,@fd00::2/"]
    assert [text[a:b] for a, b in found.ranges] == ["@/,@10.0.0.2/", "+@/,@fd00::2/"]
    assert [e.code for e in found.skipped] == ["bad-port"]
    assert text[slice(*found.skipped[0].where)] == "é"
    with pytest.raises(netcon.ParseError):
        netcon.parse_parameter(text, kernel="6.1")
    assert list(netcon.parse_parameter("")) == []


def test_build_options() -> None:
    kernel = netcon.KernelProfile("6.12.117", having=["extended_by_default"])
    assert netcon.parse_target("r@/,@10.0.0.2/", kernel).resolve(kernel).extended
    with pytest.raises(netcon.ParseError):
        netcon.parse_target("@/,@fd00::2/", netcon.KernelProfile("6.12", without=["ipv6"]))


def test_kernels_by_name() -> None:
    """As the options --kernel running and --kernel newest of the tool."""
    release = ".".join(os.uname().release.split(".")[:2])
    assert netcon.KernelProfile("running").version[:2] == netcon.KernelProfile(release).version[:2]
    assert netcon.KernelProfile("newest") == netcon.KernelProfile()
    with pytest.raises(netcon.ParseError):
        netcon.parse_target("@/,@10.0.0.2/", kernel="oldest")


@given(TEXTS, VERSIONS)
def test_any_text(text: str | bytes, kernel: str | None) -> None:
    """Only ParseError; what is parsed is written and read back; lint has an error exactly when it is raised."""
    try:
        target = netcon.parse_target(text, kernel)
    except netcon.ParseError as e:
        assert 0 <= e.where.begin <= e.where.end <= len(text)
        assert str(e)
    else:
        assert eval(repr(target), vars(netcon)) == target
        if target.check(kernel) is None:
            assert netcon.parse_target(str(target), kernel) == target
            assert target.shortest(kernel).resolve(kernel) == target.resolve(kernel)
    try:
        netcon.parse_parameter(text, kernel)
    except netcon.ParseError as e:
        assert 0 <= e.where.begin <= e.where.end <= len(text)


@given(TEXTS, VERSIONS)
def test_lint_any_text(text: str | bytes, kernel: str | None) -> None:
    findings = netcon.lint(text, kernel)
    for finding in findings:
        assert 0 <= finding.where.begin <= finding.where.end <= len(text)
        assert finding.code in netcon.render(text, finding)
    fixed = netcon.apply_fixes(text, findings)
    assert type(fixed) is type(text)
    assert not any(f.fix for f in netcon.lint(fixed, kernel))


def test_lint() -> None:
    text = '"@/eth0,@10.0.0.2/'
    findings = netcon.lint(text)
    assert findings[0].severity == "error"
    assert findings[0].fix == netcon.Fix(netcon.TextRange(0, 1), "")
    assert netcon.apply_fixes(text, findings) == text[1:]
    assert netcon.lint("+@10.0.0.1/eth0,@10.0.0.2/52:54:00:12:34:56") == []
    assert [(f.severity, f.code) for f in netcon.lint("")] == [("warning", "no-target")]


def test_fixed() -> None:
    assert netcon.fixed("netconsole=@/eth0,@010.0.0.2") == "@/eth0,@10.0.0.2/"
    assert netcon.fixed(b"@/,@10.0.0.2") == b"@/,@10.0.0.2/"
    assert netcon.fixed("+r@/,@10.0.0.2/", kernel="6.1") == "+@/,@10.0.0.2/"
    assert netcon.fixed("é netconsole=@/,@10.0.0.2 b", format="cmdline") == "é netconsole=@/,@10.0.0.2/ b"


def test_formats_have_the_words_of_the_command_line() -> None:
    for path, word in {
        "/etc/default/grub": "grub",
        "/boot/grub/grub.cfg": "grub.cfg",
        "/proc/cmdline": "cmdline",
        "/boot/loader/entries/x.conf": "bls",
        "x/extlinux.conf": "extlinux",
    }.items():
        assert netcon.config_format(path) == word
    assert netcon.config_format("x") is None
    with pytest.raises(ValueError, match="cmdline, cmdline.d, .* text or parameters, not 'x'"):
        netcon.lint_config("", "x")  # type: ignore[arg-type]
    assert netcon.CONFIG_FORMATS == typing.get_args(importlib.import_module("netcon._lint").ConfigFormat)
    for format in netcon.CONFIG_FORMATS:
        assert netcon.find_parameters("", format) == []


def test_a_format_by_path_and_text() -> None:
    assert netcon.config_format("cmdline", "#!/bin/sh\n") == "shell"
    assert netcon.config_format("x", b"GRUB_CMDLINE_LINUX=x\n") == "grub"
    assert netcon.config_format("x", "") == "text"
    assert netcon.is_text("caf\u00e9") and not netcon.is_text(b"a\0")
    script = "echo netconsole=\nmodprobe netconsole netconsole='@/$DEV,66666@10.0.0.2/'\n"
    codes = [f.code for f in netcon.lint_config(script, "shell")]
    assert codes[:2] == ["not-expanded", "port-out-of-range"]
    assert netcon.fixed(script, format="shell") == script


def test_lint_argument() -> None:
    text = 'modprobe netconsole netconsole="@/,@10.0.0.2"'
    findings = netcon.lint_argument(text)
    assert netcon.apply_fixes(text, findings) == 'modprobe netconsole netconsole="@/,@10.0.0.2/"'
    assert netcon.lint_argument("@/,@10.0.0.2") == netcon.lint("@/,@10.0.0.2")


def test_render_in_a_file() -> None:
    text = "first\n@/é,66666@10.0.0.2/\n"
    place = netcon.TextRange(10, 15)
    finding = netcon.Finding("error", "port-out-of-range", place, "", "", netcon.Fix(place, "6"))
    assert netcon.render(text, finding, file="boot/x").splitlines() == [
        "boot/x:2:6: error: the port number is larger than 65535 [port-out-of-range]",
        "  @/é,66666@10.0.0.2/",
        "      ^~~~~",
        "  hint: write a decimal number from 0 to 65535",
        "  fix: @/é,6@10.0.0.2/",
    ]
    assert "\\x0a" in netcon.render(text, finding)


def test_a_long_text_is_quoted_in_part() -> None:
    with pytest.raises(netcon.ParseError) as caught:
        netcon.parse_target("@/," + "x" * 200 + "@" + "y" * 200)
    line, underline = caught.value.quote()
    assert line.startswith("  ...") and len(line) < 340 and "^~" in underline


def test_places_are_ranges() -> None:
    with pytest.raises(netcon.ParseError) as caught:
        netcon.parse_target("@/,66666@10.0.0.2/")
    assert caught.value.where == netcon.TextRange(begin=3, end=8)
    assert netcon.parse_parameter("@/,@10.0.0.2/").ranges == (netcon.TextRange(0, 13),)


def test_an_error_is_quoted_as_findings_are() -> None:
    """Wide characters take two columns, and a control character is shown as its bytes."""
    error = netcon.ParseError("bad-port", "no port", "", "\u4f60\n,x", netcon.TextRange(3, 4))
    assert str(error) == "no port\n  \u4f60\\x0a,x\n         ^"


def test_a_finding_about_another_text() -> None:
    finding = netcon.lint('"@/eth0,@10.0.0.2/')[0]
    for other in ("", b""):
        with pytest.raises(ValueError, match="not the text of the finding"):
            netcon.apply_fixes(other, [finding])
        with pytest.raises(ValueError, match="not the text of the finding"):
            netcon.render(other, finding)
    assert str(netcon.ParseError("bad-port", "no port", "", b"ab", netcon.TextRange(9, 7))) == "no port\n  ab\n    ^"
    with pytest.raises(ValueError, match="severity"):
        netcon.render("x", dataclasses.replace(finding, severity="bad"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no code"):
        netcon.render("x", dataclasses.replace(finding, code="no-such-code"))


@given(st.text("aé€😀\udcff\n", max_size=200), st.data())
def test_places_of_bytes_and_of_characters(text: str, data: st.DataObject) -> None:
    places = Places(text)
    offsets = [len(text[:at].encode("utf-8", "surrogateescape")) for at in range(len(text) + 1)]
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, len(text)))
    where = TextRange(begin, end)
    assert places.byte_range(where) == (offsets[begin], offsets[end])
    assert places.char_range(offsets[begin], offsets[end]) == where
    if text and not text.isascii():
        # What begins or ends inside a character covers it.
        for at in range(len(text)):
            for inside in range(offsets[at] + 1, offsets[at + 1]):
                assert places.char_range(inside, inside) == (at, at + 1)


def test_many_findings_in_a_text_that_is_not_ascii_take_no_longer() -> None:
    line = "options netconsole netconsole=@/,66666@10.0.0.2/\n"

    def seconds(first: str) -> float:
        text = first + line * 1000
        begin = time.process_time()
        found = netcon.lint_config(text, "modprobe")
        assert len(found) > 1000
        return time.process_time() - begin

    plain = min(seconds("# e\n") for _ in range(3))
    assert min(seconds("# é\n") for _ in range(3)) < max(50 * plain, 0.5)  # it was 500 times as long
