#!/bin/sh
# SPDX-License-Identifier: MIT
# The checker in headless Chromium: builds the page, compares its verdicts with those of netcon, presses its buttons.
# By hand and not in CI: the module takes minutes to build. Needs sh .ci/install web.
# NETCON_TOOL names the netcon to compare with; without it these comparisons are skipped.
# Usage: run.sh [SCREENSHOT_DIR]; exits with 77 when it cannot.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
if [ $# -gt 0 ]; then export NETCON_SCREENSHOTS="$1"; fi
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || {
  echo "SKIP: no Chromium (sh .ci/install web)"
  exit 77
}
pytest=$(command -v pytest-3 || command -v pytest) || { echo "SKIP: no pytest (sh .ci/install web)"; exit 77; }
if [ -z "${NETCON_PAGE-}" ]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
  sh "$top/examples/web/build.sh" "$out"
  export NETCON_PAGE="$out/index.html"
fi
PYTHONDONTWRITEBYTECODE=1 "$pytest" -q -p no:cacheprovider -rs "$top/tests/web"
