#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks, and with --fix repairs, the format of C++ (clang-format-19) and of Python (ruff), shell scripts (shellcheck) and
# the relative links of the documentation. What is not installed is skipped with the reason. Ends with a line for each
# check; exit code 1 when one of them failed.
# Usage: sh tests/format.sh [--fix]
set -eu
cd "$(dirname "$0")/.."

ruff_version=0.17.6  # the same in .pre-commit-config.yaml
case "${1-}" in
  "") fix= ;;
  --fix) fix=1 ;;
  *) sed -n 's/^# Usage:/usage:/p' "$0" >&2; exit 2 ;;
esac

# The files of the tree with one of the endings given; those of a build or of git are none.
files() {
  for ending in "$@"; do
    find . -path ./build -prune -o -path ./.git -prune -o -name '.venv*' -prune -o -type f -name "*.$ending" -print
  done | sort
}

scripts() {
  files sh
  find .ci -type f ! -name '*.py'
}

find_ruff() {
  ruff=ruff
  [ "$(ruff --version 2>/dev/null)" != "ruff $ruff_version" ] || return 0
  ruff=build/format-venv/bin/ruff
  [ "$($ruff --version 2>/dev/null)" != "ruff $ruff_version" ] || return 0
  python3 -m venv build/format-venv >/dev/null 2>&1 &&
    build/format-venv/bin/pip install -q "ruff==$ruff_version" >/dev/null 2>&1
}

summary=
status=0
report() {
  summary="$summary$(printf '%-13s %s' "$1" "$2")
"
  case $2 in FAILED*) status=1 ;; esac
}
# check NAME COMMAND...
check() {
  name=$1
  shift
  if "$@"; then report "$name" passed; else report "$name" FAILED; fi
}

if command -v clang-format-19 >/dev/null; then
  if [ -n "$fix" ]; then how=-i; else how='--dry-run -Werror'; fi
  # shellcheck disable=SC2086,SC2046  # lists of words
  check clang-format clang-format-19 $how $(files hpp cpp h c)
else
  report clang-format "SKIP: no clang-format-19 (sh .ci/install format)"
fi

if find_ruff; then
  # shellcheck disable=SC2086
  check "ruff check" $ruff check -q --output-format concise ${fix:+--fix} .
  if [ -n "$fix" ]; then how=-q; else how='--check --output-format concise'; fi
  # shellcheck disable=SC2086
  check "ruff format" $ruff format $how .
else
  report ruff "SKIP: no ruff $ruff_version here, nor from PyPI"
fi

if command -v shellcheck >/dev/null; then
  # shellcheck disable=SC2046
  check shellcheck shellcheck -x $(scripts)
else
  report shellcheck "SKIP: no shellcheck (sh .ci/install format)"
fi

if command -v python3 >/dev/null; then
  # shellcheck disable=SC2046
  check links python3 tests/links.py $(files md)
else
  report links "SKIP: no python3"
fi

printf '\n%s' "$summary"
exit $status
