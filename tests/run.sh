#!/bin/sh
# Installs what is missing, builds, and runs every suite there is. Ends with the runners' own closing lines.
# Usage: sh tests/run.sh
set -eu
cd "$(dirname "$0")/.."

sh .ci/install test
# The distribution's own Python is the one that its packages are for.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
cmake --preset default -DNETCON_PYTHON=ON -DPython_EXECUTABLE="$python" -DPython3_EXECUTABLE="$python"
cmake --build --preset default

status=0
ctest --preset default || status=1
if [ -d bindings/python/tests ]; then
  PYTHONPATH=build/default/python "$python" -m pytest -q -p no:cacheprovider bindings/python/tests || status=1
fi
exit $status
