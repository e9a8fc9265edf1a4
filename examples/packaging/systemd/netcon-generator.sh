#!/bin/sh
# SPDX-License-Identifier: MIT
# A generator of systemd: opens the sandbox of netcon.service for what /etc/default/netcon names, and for nothing else.
#   network            syslog over UDP and TCP, metrics at an address, --interface; names from DNS need more families
#   sockets of files   syslog over a Unix socket, the journal
#   directories        files and directories outside of /var/log/netconsole
# systemd runs it at boot and at daemon-reload; its first argument is where drop-ins go (systemd.generator(7)).
set -euf

config=${NETCON_CONFIG:-/etc/default/netcon}
[ -r "$config" ] || exit 0
words=$(sed -n 's/^[[:space:]]*NETCON_LISTEN=//p' "$config" | tail -n 1 | tr -d "\"'")

network='' families='' paths=''
# open_path PATH: unless it is open anyway.
open_path() {
  case $1 in
    /var/log/netconsole | /var/log/netconsole/*) ;;
    *) paths="$paths -$(printf '%s' "$1" | sed 's/%/%%/g')" ;;
  esac
}
# open_place PLACE: of --to, without its format and its keys.
open_place() {
  case $1 in
    syslog:udp:* | syslog:tcp:*) network=yes families="$families AF_INET AF_INET6 AF_NETLINK AF_UNIX" ;;
    syslog:unix:* | journal) families="$families AF_UNIX" ;;
    dir:/*) open_path "${1#dir:}" ;;
    /*) open_path "$(dirname "$1")" ;;
  esac
}

option=''
for word in $words; do
  case $word in
    --*=*) option=${word%%=*} word=${word#*=} ;;
    -*) option=$word && continue ;;
  esac
  case $option in
    --to)
      place=${word%%,*}
      open_place "${place#*@}"
      ;;
    --crash-dir) open_path "$word" ;;
    --hosts-from)
      case $word in *dns*) network=yes families="$families AF_INET AF_INET6 AF_NETLINK AF_UNIX" ;; esac
      ;;
    --metrics)
      case $word in
        */*) open_path "$(dirname "$word")" ;;
        *) network=yes families="$families AF_INET AF_INET6" ;;
      esac
      ;;
    --interface) network=yes families="$families AF_INET AF_INET6" ;;
  esac
  option=''
done

[ -n "$network$families$paths" ] || exit 0
mkdir -p "$1/netcon.service.d"
{
  echo "# By netcon-generator, from $config"
  echo '[Service]'
  [ -z "$network" ] || echo 'PrivateNetwork=no'
  # shellcheck disable=SC2086  # a list of words
  [ -z "$families" ] || echo "RestrictAddressFamilies=$(printf '%s\n' $families | sort -u | paste -sd' ')"
  [ -z "$paths" ] || echo "ReadWritePaths=${paths# }"
} >"$1/netcon.service.d/50-outputs.conf"
