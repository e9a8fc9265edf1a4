#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the Python package into a virtual environment under build/ and runs its tests there.
# Usage: sh tests/python.sh [asan] [PYTEST ARGUMENTS]; PYTHON chooses the interpreter. PYTHON_PACKAGES:
# more for its environment, as "pandas-stubs polars pyarrow", which some tests use. PYTHON_BUILD: where the environment
# and the build are made, build/python unless set, for interpreters side by side.
# With asan the extension alone is built, with AddressSanitizer and UndefinedBehaviorSanitizer.
set -eu
cd "$(dirname "$0")/.."

skip() {
  echo "SKIP: Python tests: $1"
  exit 0
}

python=${PYTHON:-python3}
at=${PYTHON_BUILD:-build/python}
venv=$at-venv
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || skip "$python is not 3.10 or later"
[ -x "$venv/bin/pip" ] || "$python" -m venv "$venv" || skip "no virtual environment (apt install python3-venv)"
# shellcheck disable=SC2086  # words
"$venv/bin/pip" install -q scikit-build-core pybind11 pytest hypothesis jsonschema mypy pyright orjson numpy pandas matplotlib ${PYTHON_PACKAGES-} \
  || skip "PyPI cannot be reached"

if [ "${1-}" = asan ]; then
  shift
  build=$at-asan
  # SKBUILD: in two units, as pip compiles it.
  cmake --preset asan-ubsan -B "$build" -DNETCON_PYTHON=ON -DNETCON_TESTS=OFF -DNETCON_EXAMPLES=OFF -DNETCON_C=OFF -DSKBUILD=ON \
    -DPython_EXECUTABLE="$PWD/$venv/bin/python" -Dpybind11_DIR="$("$venv/bin/python" -m pybind11 --cmakedir)" >/dev/null
  cmake --build "$build" --target netcon_python
  # The interpreter is not instrumented: preload the runtime, use the checked allocator instead of pymalloc, ignore leaks,
  # and keep little freed memory, which the leak tests would count. The results of mypy are the same but take long.
  # --capture=sys leaves the reports on standard error; pytest would lose them when the process aborts.
  compiler=${CXX:-c++}
  LD_PRELOAD="$("$compiler" -print-file-name=libasan.so) $("$compiler" -print-file-name=libstdc++.so)" \
    PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=1 UBSAN_OPTIONS=print_stacktrace=1 \
    PYTHONPATH="$build/python" "$venv/bin/python" -m pytest -q --capture=sys -k "not test_stubs and not test_types and not test_checkers and not subinterpreter" "$@"
  exit
fi

"$venv/bin/pip" install -q --no-build-isolation "--config-settings=build-dir=$at-wheel" .
"$venv/bin/python" -m pytest -q "$@"
