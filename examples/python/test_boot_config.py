"""Checks the boot configs of a directory tree with pytest: CONFIGS=DIRECTORY pytest test_boot_config.py"""

import os
from pathlib import Path

import netcon
import pytest

PATHS = sorted(Path(os.environ.get("CONFIGS", "/etc")).rglob("*"))
FILES = [path for path in PATHS if netcon.config_format(path) and path.is_file()]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_boot_config(path: Path) -> None:
    text = path.read_text(errors="surrogateescape")
    found = netcon.lint_config(text, netcon.config_format(path) or "cmdline", kernel="6.12")
    assert not found, "\n".join(netcon.render(text, one, str(path)) for one in found)
