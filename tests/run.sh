#!/bin/sh
# Installs what is missing, builds, and runs every suite there is. Ends with the runners' own closing lines.
# Usage: sh tests/run.sh
set -eu
cd "$(dirname "$0")/.."

sh .ci/install test
cmake --preset default
cmake --build --preset default
ctest --preset default
