#!/bin/sh
# SPDX-License-Identifier: MIT
# .ci/install with an apt-get of our own: it waits while the package manager is busy, within bounds, and fails at once for
# any other reason.
# Usage: sh tests/ci/install.sh
set -eu
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"

# Nothing is installed, the user is root, and no time passes.
printf '#!/bin/sh\nexit 1\n' >"$work/bin/dpkg-query"
printf '#!/bin/sh\necho 0\n' >"$work/bin/id"
printf '#!/bin/sh\necho "$@" >>"%s/slept"\n' "$work" >"$work/bin/sleep"
# Fails with the text in $work/problem as often as $work/failures says, for the command in $work/busy.
cat >"$work/bin/apt-get" <<END
#!/bin/sh
echo "\$*" >>"$work/calls"
case " \$* " in *" \$(cat "$work/busy") "*) ;; *) exit 0 ;; esac
left=\$(cat "$work/failures")
[ "\$left" -gt 0 ] || exit 0
echo \$((left - 1)) >"$work/failures"
cat "$work/problem" >&2
exit 100
END
chmod +x "$work"/bin/*

fail() {
  echo "install.sh: $1" >&2
  cat "$work/out" >&2
  exit 1
}

# attempt COMMAND FAILURES PROBLEM: sets $status, $calls and $slept.
attempt() {
  rm -f "$work/calls" "$work/slept"
  : >"$work/slept"
  echo "$1" >"$work/busy"
  echo "$2" >"$work/failures"
  echo "$3" >"$work/problem"
  status=0
  PATH="$work/bin:$PATH" sh .ci/install bare >"$work/out" 2>&1 || status=$?
  calls=$(wc -l <"$work/calls")
  slept=$(wc -l <"$work/slept")
  said=$(grep -c 'install: waiting for' "$work/out" || :)
}

lists='E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)'
dpkg='E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?'

attempt install 0 "$dpkg"
[ "$status $calls $slept $said" = "0 2 0 0" ] || fail "a package manager that is free: $status $calls $slept $said"
attempt update 3 "$lists"
[ "$status $calls $slept $said" = "0 5 3 1" ] || fail "busy lists: $status $calls $slept $said"
attempt install 3 "$dpkg"
[ "$status $calls $slept $said" = "0 5 3 1" ] || fail "a busy dpkg: $status $calls $slept $said"
attempt install 1000 "$dpkg"
[ "$status $slept $said" = "100 120 1" ] || fail "a package manager that stays busy: $status $slept $said"
grep -q 'still busy' "$work/out" || fail "no reason is given"
attempt install 1 'E: Unable to locate package debootstrap'
[ "$status $calls $slept $said" = "100 2 0 0" ] || fail "another error: $status $calls $slept $said"
grep -q 'Unable to locate' "$work/out" || fail "the error is lost"
echo "install: waits while busy, and only then"
