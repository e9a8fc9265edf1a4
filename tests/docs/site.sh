#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the site of docs/ with mkdocs-material from PyPI, and with it the references of C++ (where there is Doxygen) and
# of Python. A warning is an error, such as a link or a heading that does not exist, or a page that the navigation lacks.
# Usage: site.sh [DIRECTORY]; exits with 77 when PyPI cannot be reached.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
version=9.8.2 python_version=2.0.11
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv" || { echo "SKIP: no python3-venv"; exit 77; }
"$work/venv/bin/pip" install -q --retries 1 "mkdocs-material==$version" "mkdocstrings-python==$python_version" ruff 2>"$work/why" || {
  echo "SKIP: no mkdocs-material $version or mkdocstrings-python $python_version from PyPI: $(tail -n 1 "$work/why")"
  exit 77
}
if command -v doxygen >/dev/null; then
  sh "$top/tests/package/doxygen.sh" "$top" "$work/cpp"
  export NETCON_CPP_REFERENCE="$work/cpp/html"
fi
NO_MKDOCS_2_WARNING=1 "$work/venv/bin/mkdocs" build --strict -f "$top/mkdocs.yml" -d "$(realpath -m "${1:-$work/site}")"
