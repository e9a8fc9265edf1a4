# SPDX-License-Identifier: MIT
# Roots of Debian as on a machine that has just been installed, for scripts that source this file. They run in a mount
# namespace of their own: with it all mounts are gone, whatever happened.
# shellcheck shell=sh

# make_root SUITE ROOT LOG [PACKAGE,...]: a minimal Debian whose root is a mount point, with this machine's way to the
# network. The mirror is BARE_MIRROR, or debootstrap's own. Returns 77 after a line with the reason when the archive cannot
# be reached.
make_root() {
  chmod 755 "$2" # as of any root: mktemp makes folders for their owner alone
  mount --bind "$2" "$2"
  if ! debootstrap --variant=minbase ${4:+--include="$4"} "$1" "$2" ${BARE_MIRROR:+"$BARE_MIRROR"} >"$3" 2>&1; then
    if grep -Eq 'Failed getting release file|Invalid Release|Couldn.t download|No such script' "$3"; then
      grep -E '^(E|W): ' "$3" | tail -n 1
      return 77
    fi
    tail -n 20 "$3"
    return 1
  fi
  mount_root "$2"
  # The way to the network as this machine has it: names, apt's proxies, certificates of its own.
  cp -L /etc/resolv.conf "$2/etc/resolv.conf"
  printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' >"$2/etc/hosts"
  apt-config dump 2>/dev/null | grep -E '^Acquire::(https?::|Check-|ForceIPv)' >"$2/etc/apt/apt.conf.d/90host" || :
  for path in /etc/pip.conf /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates; do
    if [ -e "$path" ]; then
      mkdir -p "$2$(dirname "$path")"
      cp -rL "$path" "$2$(dirname "$path")/"
    fi
  done
}

# mount_root ROOT: what a program expects to be mounted.
mount_root() {
  mount -t proc proc "$1/proc"
  mount -t sysfs sysfs "$1/sys"
  mount --rbind /dev "$1/dev"
}

# copy_tree ROOT: the working tree as /netcon.
copy_tree() {
  mkdir "$1/netcon"
  tar -c --exclude-vcs --exclude=./build --exclude=__pycache__ . | tar -x -C "$1/netcon"
}

# in_root ROOT COMMAND [NAME=VALUE...]: of the environment the command has only what leads to the network.
in_root() {
  inner_root=$1 inner_command=$2
  shift 2
  # shellcheck disable=SC2046  # names and values without spaces
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 "$@" \
    $(env | grep -iE '^((https?|no|all)_proxy|pip_(cert|index_url|extra_index_url|proxy|default_timeout)|ssl_cert_file)=[^ ]*$') \
    chroot "$inner_root" sh -c "$inner_command"
}
