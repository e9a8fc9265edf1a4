#!/bin/sh
# Installs the Python package into a virtual environment under build/ and runs its tests there.
# Usage: sh tests/python.sh [PYTEST ARGUMENTS]; PYTHON chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."

skip() {
  echo "SKIP: Python tests: $1"
  exit 0
}

python=${PYTHON:-python3}
venv=build/python-venv
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || skip "$python is not 3.10 or later"
[ -x "$venv/bin/pip" ] || "$python" -m venv "$venv" || skip "no virtual environment (apt install python3-venv)"
"$venv/bin/pip" install -q scikit-build-core pybind11 pytest hypothesis mypy numpy pandas matplotlib \
  || skip "PyPI cannot be reached"

"$venv/bin/pip" install -q --no-build-isolation --config-settings=build-dir=build/python-wheel .
"$venv/bin/python" -m pytest -q "$@"
"$venv/bin/netcon" --help >/dev/null 2>&1 || {
  echo "the wheel has no netcon tool: the libraries for it are missing here" >&2
  exit 1
}
