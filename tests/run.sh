#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds, and runs every suite there is. Ends with the runners' own closing lines.
# Usage: [NETCON_PRESET=dev|ci|quick] sh tests/run.sh      a preset of CMakePresets.json instead of default
set -eu
cd "$(dirname "$0")/.."

sh .ci/install test
preset=${NETCON_PRESET:-default}
cmake --preset "$preset"
cmake --build --preset "$preset"

status=0
ctest --preset "$preset" || status=1
# The distribution's own Python is the one that its packages are for.
if [ -x /usr/bin/python3 ]; then PYTHON=/usr/bin/python3 && export PYTHON; fi
sh tests/python.sh || status=1
exit $status
