"""netcon decode: captures offline, in the formats of netcon listen."""

import re

from conftest import DATA, run_tool
from test_listen import objects

PANIC = DATA / "captures" / "panic_612"


def test_a_capture_reads_like_the_listener():
    done = run_tool("decode", f"{PANIC}.jsonl", "--port", 6801)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 54
    assert any("Kernel panic - not syncing: sysrq triggered crash" in line and " emerg " in line for line in lines)
    assert re.search(r"netcon: decoded 54 records, 54 packets, \d+ bytes, \d+ lost\n", done.stderr)


def test_json_pcap_and_standard_input_agree():
    from_file = objects(run_tool("decode", "--json", "--port", 6801, f"{PANIC}.pcap").stdout)
    from_stdin = objects(run_tool("decode", "--json", "--port", 6801, "-",
                                  stdin=open(f"{PANIC}.pcap", "rb").read()).stdout)
    assert from_file == from_stdin
    assert [event["event"] for event in from_file].count("record") == 54
    # The capture's clock and the sender's real address, not this machine's.
    assert {event["sender"] for event in from_file} == {"10.0.2.15"}


def test_several_files_and_a_damaged_one(tmp_path):
    (tmp_path / "cut.pcap").write_bytes(open(f"{PANIC}.pcap", "rb").read()[:5000])
    done = run_tool("decode", "--json", tmp_path / "cut.pcap", f"{PANIC}.jsonl", tmp_path / "missing")
    assert done.returncode == 2
    assert len(objects(done.stdout)) > 100
    assert re.search(r"cut\.pcap: damaged after \d+ frames: ", done.stderr)
    assert "missing: No such file or directory" in done.stderr


def test_bad_arguments():
    assert run_tool("decode").returncode == 2
    assert run_tool("decode", "x", "--port", "70000").returncode == 2
