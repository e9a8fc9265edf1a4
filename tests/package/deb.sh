#!/bin/sh
# SPDX-License-Identifier: MIT
# The Debian packages netcon and libnetcon-dev.
#   here DIR   makes them from the build in DIR (NETCON_DEB=ON) and looks at what they hold; lintian, where it is installed
#   SUITE      builds them in a fresh root of Debian with -O2, lintian included; builds a program with libnetcon-dev there;
#              installs, starts, upgrades, removes and purges netcon in a second fresh root, under a systemd that
#              systemd-nspawn has booted. Needs root, debootstrap and the archive; 15 minutes. The log is
#              build/deb-SUITE/log.
#   DEB_QUICK=1  builds without optimization, in a quarter of the time
#   DEB_PACKAGES=DIR  takes packages that were made on a machine with that Debian, and begins with the second root
# Exit code 77 and the reason where something is missing.
# Usage: sh tests/package/deb.sh here DIR | bookworm | trixie
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/debian_root.sh
. tests/support/debian_root.sh

skip() {
  echo "SKIP: Debian packages: $1"
  exit 77
}

fail() {
  echo "deb: $1"
  exit 1
}

# What a listing of dpkg-deb has to hold, each as "MODE OWNER/GROUP PATH".
expect() {
  grep -Eq -- "^$1 +[0-9]+ [^ ]+ [^ ]+ \./$2( ->.*)?$" "$listing" || fail "no $2 ($1) in $3"
}

# look_at DIR: the contents of the packages there.
look_at() {
  listing=$1/listing
  dpkg-deb -c "$1"/netcon_*.deb >"$listing"
  expect '-rwxr-xr-x root/root' usr/bin/netcon netcon
  for path in usr/share/man/man1/netcon.1.gz usr/share/man/man1/netcon-listen.1.gz usr/share/man/man1/netcon-configfs-show.1.gz \
    usr/share/bash-completion/completions/netcon usr/share/fish/vendor_completions.d/netcon.fish \
    usr/lib/systemd/system/netcon.service usr/lib/systemd/system/netcon.socket \
    usr/lib/systemd/system/netcon-test.service usr/lib/systemd/system/netcon-test.timer usr/lib/sysusers.d/netcon.conf \
    usr/lib/tmpfiles.d/netcon.conf etc/netcon/listen.toml usr/share/doc/netcon/copyright usr/share/doc/netcon/changelog.gz; do
    expect '-rw-r--r-- root/root' "$path" netcon
  done
  expect '-rwxr-xr-x root/root' usr/lib/systemd/system-generators/netcon-generator netcon
  ! grep -E 'usr/include|/cmake/' "$listing" || fail "files of developers in netcon"
  dpkg-deb -f "$1"/netcon_*.deb Depends | grep -q 'libc6' || fail "netcon does not depend on its libraries"
  [ "$(dpkg-deb -I "$1"/netcon_*.deb conffiles)" = /etc/netcon/listen.toml ] || fail "conffiles of netcon"
  dpkg-deb -c "$1"/libnetcon-dev_*.deb >"$listing"
  for path in usr/include/netcon/netcon.hpp usr/include/netcon/wire/decode.hpp usr/lib/cmake/netcon/netcon-config.cmake \
    usr/share/pkgconfig/netcon.pc usr/share/pkgconfig/netcon-fmt.pc usr/share/doc/libnetcon-dev/copyright; do
    expect '-rw-r--r-- root/root' "$path" libnetcon-dev
  done
  ! grep -E 'usr/bin|systemd|/etc/' "$listing" || fail "files of the tool in libnetcon-dev"
  rm "$listing"
}

lintian="lintian --allow-root --no-cfg --fail-on error,warning"

case "${1:-}" in
  here)
    [ $# = 2 ] || fail "which build?"
    command -v dpkg-shlibdeps >/dev/null || skip "needs dpkg-dev"
    build=$(cd "$2" && pwd)
    out=$build/packages
    rm -rf "$out"
    mkdir "$out"
    (cd "$out" && cpack --config "$build/CPackConfig.cmake" -B "$out" >log 2>&1) || {
      cat "$out/log"
      fail "cpack failed"
    }
    look_at "$out"
    command -v lintian >/dev/null || skip "lintian is not installed; what the packages hold is right"
    $lintian "$out"/*.deb
    exit
    ;;
  bookworm | trixie)
    suite=$1
    [ "$(id -u)" = 0 ] || skip "needs root"
    sh .ci/install bare || :
    command -v debootstrap >/dev/null || skip "needs debootstrap"
    unshare --mount --pid --fork true 2>/dev/null || skip "no namespaces can be made here"
    work=$(mktemp -d "${TMPDIR:-/var/tmp}/netcon-deb-$suite.XXXXXX")
    inner=
    trap 'rm -rf "$work"' EXIT
    trap '[ -z "$inner" ] || kill -KILL "$inner" 2>/dev/null; exit 130' INT TERM HUP
    mkdir -p "build/deb-$suite"
    unshare --mount --propagation private --pid --mount-proc --fork --kill-child sh tests/package/deb.sh inside "$suite" "$work" &
    inner=$!
    status=0
    wait "$inner" || status=$?
    exit "$status"
    ;;
  inside) ;;
  *)
    sed -n 's/^# Usage:/usage:/p' "$0" >&2
    exit 2
    ;;
esac

suite=$2 work=$3 log=build/deb-$2/log out=$PWD/build/deb-$2
: >"$log"

# step NAME COMMAND...: shows the end of the log when it fails.
step() {
  name=$1 started=$(date +%s)
  shift
  printf '\n== %s\n' "$name" >>"$log"
  if "$@" >>"$log" 2>&1 </dev/null; then
    printf '%-52s passed in %d s\n' "$name" $(($(date +%s) - started))
  else
    tail -n 30 "$log"
    fail "$name failed on $suite"
  fi
}

mkdir "$work/build" "$work/run"

packages() {
  in_root "$work/build" "cd /netcon && sh .ci/install build && apt-get install -y -q --no-install-recommends dpkg-dev lintian" &&
    { [ -z "${DEB_QUICK-}" ] || printf '%s\n' 'set(CMAKE_CXX_FLAGS_RELEASE "-O0 -DNDEBUG" CACHE STRING "")' \
      'set(NETCON_BATCH ON CACHE BOOL "")' >"$work/build/quick.cmake"; } &&
    in_root "$work/build" "cd /netcon && cmake --workflow --preset deb" \
      ${DEB_QUICK:+CMAKE_TOOLCHAIN_FILE=/quick.cmake} ${CMAKE_BUILD_PARALLEL_LEVEL:+CMAKE_BUILD_PARALLEL_LEVEL="$CMAKE_BUILD_PARALLEL_LEVEL"} &&
    rm -f "$out"/*.deb && cp "$work"/build/netcon/build/deb/*.deb "$out/"
}
consumers() {
  in_root "$work/build" "apt-get install -y -q /netcon/build/deb/libnetcon-dev_*.deb"
  for how in find_package pkg_config; do
    for fmt in ON OFF; do
      in_root "$work/build" "cmake -S /netcon/tests/package/consumer -B /tmp/$how-$fmt -DHOW=$how -DWHOLE=ON -DWITH_FMT=$fmt &&
        cmake --build /tmp/$how-$fmt && /tmp/$how-$fmt/consumer" || return 1
    done
  done
}
if [ -n "${DEB_PACKAGES-}" ]; then
  rm -f "$out"/*.deb
  cp "$DEB_PACKAGES"/netcon_*.deb "$DEB_PACKAGES"/libnetcon-dev_*.deb "$out/"
  look_at "$out"
else
  status=0
  reason=$(make_root "$suite" "$work/build" "$work/debootstrap.log") || status=$?
  [ "$status" != 77 ] || skip "$reason"
  [ "$status" = 0 ] || fail "$reason"
  copy_tree "$work/build"
  step "build the packages" packages
  look_at "$out"
  step "lintian" in_root "$work/build" "$lintian /netcon/build/deb/*.deb"
  step "programs with libnetcon-dev" consumers
fi

# The packages of the host are not in the second root: netcon brings what it needs.
status=0
reason=$(make_root "$suite" "$work/run" "$work/debootstrap.log" systemd,systemd-sysv,dbus) || status=$?
[ "$status" != 77 ] || skip "$reason"
[ "$status" = 0 ] || fail "$reason"
mkdir "$work/run/test"
cp "$out"/netcon_*.deb "$work/run/test/netcon.deb"
cp tests/package/deb_booted.sh "$work/run/test/"
# The same with a higher version, for the upgrade.
newer() {
  dpkg-deb -R "$work/run/test/netcon.deb" "$work/newer" &&
    sed -i 's/^Version: .*/&+newer/' "$work/newer/DEBIAN/control" &&
    dpkg-deb -b --root-owner-group "$work/newer" "$work/run/test/newer.deb"
}
step "a newer package" newer
step "install without a running systemd" in_root "$work/run" "apt-get install -y -q /test/netcon.deb && netcon --version"

# systemd of Debian 13 wants the unified hierarchy of control groups, which not every machine has mounted.
booted() {
  command -v systemd-nspawn >/dev/null || return 77
  if ! [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup || return 77
  fi
  umount -R "$work/run/dev" "$work/run/proc" "$work/run/sys"
  cat >"$work/run/etc/systemd/system/deb-test.service" <<'END'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh /test/deb_booted.sh
ExecStopPost=/bin/systemctl --no-block poweroff
StandardOutput=file:/test/log
StandardError=inherit
[Install]
WantedBy=multi-user.target
END
  ln -s ../deb-test.service "$work/run/etc/systemd/system/multi-user.target.wants/deb-test.service"
  # Its console is for the log; a register of machines there may not be.
  timeout -k 10 600 systemd-nspawn --quiet --register=no --keep-unit --private-network --console=pipe \
    --directory="$work/run" --boot || :
  cat "$work/run/test/log"
  grep -qx 'all passed' "$work/run/test/log"
}
if ! command -v systemd-nspawn >/dev/null; then
  echo "SKIP: services: needs systemd-nspawn (package systemd-container)"
  exit
fi
step "start, upgrade, remove and purge under systemd" booted
grep '^passed: ' "$work/run/test/log"
