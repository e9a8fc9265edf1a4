#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs both commands of the README as on a machine that has just been installed: a bare Debian made by debootstrap, whose
# root is a mount point, with the working tree in it and nothing else. Says what passed, what was skipped, how often the
# compiler warned and which network namespaces were left over; the whole output goes to build/bare/SUITE.log.
#   BARE_QUICK=1   builds everything without optimization, in less than half the time
#   BARE_MIRROR    where the packages come from, when not from where debootstrap takes them by itself
# Everything is mounted in a mount namespace and runs in a process namespace: with the script they are gone, whatever
# happened. Needs root, debootstrap and the archive; exit code 77 and the reason where one of them is missing.
# Usage: sh tests/bare_root.sh bookworm|trixie|sid [COMMAND]      COMMAND: instead of the README's, for example bash
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=tests/support/debian_root.sh
. tests/support/debian_root.sh

skip() {
  echo "SKIP: bare root: $1"
  exit 77
}

case "${1:-}" in
  inside) ;;
  bookworm | trixie | sid)
    suite=$1
    [ "$(id -u)" = 0 ] || skip "needs root"
    command -v debootstrap >/dev/null || sh .ci/install bare || skip "debootstrap cannot be installed here"
    command -v debootstrap >/dev/null || skip "needs debootstrap"
    unshare --mount --pid --fork true 2>/dev/null || skip "no namespaces can be made here"
    root=$(mktemp -d "${TMPDIR:-/var/tmp}/netcon-$suite.XXXXXX")
    inner=
    # The mounts are in the other namespace: there is nothing but plain files to remove here.
    trap 'rm -rf "$root"' EXIT
    trap '[ -z "$inner" ] || kill -KILL "$inner" 2>/dev/null; exit 130' INT TERM HUP
    mkdir -p build/bare
    # In the background, so that a signal is heard at once; its input is kept for a shell.
    exec 3<&0
    unshare --mount --propagation private --pid --fork --kill-child sh tests/bare_root.sh inside "$suite" "$root" ${2+"$2"} <&3 &
    inner=$!
    status=0
    wait "$inner" || status=$?
    exit "$status"
    ;;
  *)
    sed -n 's/^# Usage:/usage:/p' "$0" >&2
    exit 2
    ;;
esac

suite=$2 root=$3 command=${4-}
log=$PWD/build/bare/$suite.log

started=$(date +%s)
status=0
reason=$(make_root "$suite" "$root" "$log") || status=$?
[ "$status" != 77 ] || skip "$reason"
if [ "$status" != 0 ]; then
  echo "$reason"
  exit 1
fi
copy_tree "$root"
echo "bare root: $suite, made in $(($(date +%s) - started)) s"

if [ -n "${BARE_QUICK-}" ]; then
  echo 'set(CMAKE_CXX_FLAGS_RELEASE "-O0 -DNDEBUG" CACHE STRING "")' >"$root/root/quick.cmake"
fi

inside() {
  in_root "$root" "cd /netcon && $1" ${BARE_QUICK:+NETCON_PRESET=quick CMAKE_TOOLCHAIN_FILE=/root/quick.cmake}
}

if [ -n "$command" ]; then
  inside "$command"
  exit
fi

failed=0
for command in 'sh examples/quickstart.sh' 'sh tests/run.sh'; do
  started=$(date +%s)
  printf '\n== %s\n' "$command" >>"$log"
  before=$(wc -l <"$log")
  result=passed
  inside "$command" >>"$log" 2>&1 </dev/null || result=FAILED
  seconds=$(($(date +%s) - started))
  printf '%-26s %s in %d:%02d\n' "$command" "$result" $((seconds / 60)) $((seconds % 60))
  if [ "$result" = FAILED ]; then
    failed=1
    tail -n "+$before" "$log" | grep -E '(error: |FAILED|\(Failed\)|^E  |^CMake Error)' | head -n 40 || :
    tail -n 15 "$log"
  fi
done

inside 'g++ --version | head -n 1; cmake --version | head -n 1'
grep -E '^[0-9]+% tests passed|\*\*\*Skipped|^(SKIP|SKIPPED)|[0-9]+ passed.* in ' "$log" || :
warnings=$(grep -cE '(:[0-9]+|ld): warning: ' "$log" || :)
in_headers=$(grep -cE 'include/netcon/[^ ]*: warning: ' "$log" || :)
echo "warnings of the compiler: $warnings, $in_headers of them in include/netcon"
[ "$in_headers" = 0 ] || failed=1
left=$(inside 'ip netns list' || :)
if [ -n "$left" ]; then
  echo "network namespaces left behind: $left"
  failed=1
fi
exit $failed
