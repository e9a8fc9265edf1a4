# SPDX-License-Identifier: MIT
"""The texts of netcon test, from Python."""

from __future__ import annotations

import ipaddress

import netcon
import pytest
from hypothesis import given
from hypothesis import strategies as st

NONCES = st.integers(0, 2**64 - 1)
LEVELS = st.sampled_from(list(netcon.Level))


@given(NONCES, LEVELS)
def test_a_probe_is_found_in_what_kernels_make_of_it(nonce: int, level: netcon.Level) -> None:
    probe = netcon.Probe(nonce, level)
    header, body = netcon.format_extended(str(probe), priority=8 + level)
    for packet in (*netcon.encode(header, body, release="7.3.4", kernel="7.3.4", userdata=[("host", "web17")]),
                   *netcon.encode_basic(netcon.format_basic(str(probe)))):  # fmt: skip
        assert netcon.Probe.find(packet) == probe
        assert netcon.Probe.find(netcon.decode(packet)) == probe


def test_a_probe_at_another_level_is_none() -> None:
    header, body = netcon.format_extended(str(netcon.Probe(7, "info")), priority=8 + netcon.Level.ERR)
    assert netcon.Probe.find(netcon.encode(header, body)[0]) is None
    assert netcon.Probe.find(b"14,1,2,-;hello\n") is None
    assert netcon.Probe.find(b"") is None


@given(NONCES, LEVELS, st.ip_addresses(), st.integers(0, 65535), st.integers(0, 2**64 - 1))
def test_an_answer_is_read_back_and_shorter_than_its_probe(
    nonce: int, level: netcon.Level, host: object, port: int, lost: int
) -> None:
    answer = netcon.ProbeAnswer(nonce, level, netcon.Endpoint(str(host), port), lost)
    text = str(answer)
    assert len(text) < len(str(netcon.Probe(nonce, level)))
    read = netcon.ProbeAnswer.read(text + "\n")
    assert read is not None
    assert (read.nonce, read.level, read.lost, read.seen.port) == (nonce, level, lost, port)


@given(NONCES)
def test_an_opening_is_read_back(nonce: int) -> None:
    assert netcon.ProbeOpening.read(f"{netcon.ProbeOpening(nonce)}\n".encode()) == netcon.ProbeOpening(nonce)
    assert netcon.ProbeOpening.read(str(netcon.Probe(nonce))) is None
    assert netcon.ProbeAnswer.read(str(netcon.ProbeOpening(nonce))) is None


def test_values_out_of_range_are_named() -> None:
    with pytest.raises(ValueError, match="nonce must be from 0 to"):
        netcon.Probe(2**64)
    with pytest.raises(ValueError, match="nonce must be from 0 to"):
        netcon.ProbeOpening(-1)
    with pytest.raises(ValueError, match="lost must be from 0 to"):
        netcon.ProbeAnswer(1, "info", netcon.Endpoint("10.0.0.2", 1), -1)
    with pytest.raises(TypeError, match="packet"):
        netcon.Probe.find(7)  # type: ignore[arg-type]


def test_what_is_replaced_is_checked_too() -> None:
    """_replace(), and copy.replace() of newer Pythons, go by _make(): neither makes what a constructor refuses."""
    answer = netcon.ProbeAnswer(1, "info", netcon.Endpoint("10.0.0.2", 1))
    assert netcon.Probe(1)._replace(nonce=2, level="err") == netcon.Probe(2, "err")  # type: ignore[arg-type]
    assert isinstance(netcon.Probe(1)._replace(level="err").level, netcon.Level)  # type: ignore[arg-type]
    for refused in (
        lambda: netcon.Probe(1)._replace(nonce=-1),
        lambda: netcon.ProbeOpening(1)._replace(nonce=2**64),
        lambda: netcon.ProbeOpening._make([-1]),
        lambda: answer._replace(lost=-1),
    ):
        with pytest.raises(ValueError, match="must be from 0 to"):
            refused()
    with pytest.raises(ValueError, match="unexpected field names"):
        netcon.Probe(1)._replace(number=1)  # type: ignore[call-arg]
    route = netcon.Route("eth0", 1, "52:54:00:12:34:ab", "10.0.0.1", "10.0.0.2", False, False, False, 254)
    moved = route._replace(source="10.0.0.9")  # type: ignore[arg-type]
    assert moved.source == ipaddress.IPv4Address("10.0.0.9")
    assert eval(repr(moved), {"Route": netcon.Route, "MacAddress": netcon.MacAddress}) == moved
