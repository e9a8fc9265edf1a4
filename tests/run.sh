#!/bin/sh
# Installs what is missing, builds, and runs every suite there is. Ends with the runners' own closing lines.
# Usage: sh tests/run.sh
set -eu
cd "$(dirname "$0")/.."

sh .ci/install test
cmake --preset default
cmake --build --preset default

status=0
ctest --preset default || status=1
# The distribution's own Python is the one that its packages are for.
if [ -x /usr/bin/python3 ]; then PYTHON=/usr/bin/python3 && export PYTHON; fi
sh tests/python.sh || status=1
exit $status
