#!/bin/sh
# SPDX-License-Identifier: MIT
# A generator of systemd: opens the sandbox of netcon.service for what /etc/netcon/listen.toml names, and for nothing else.
#   network            syslog over UDP and TCP, metrics at an address, interface, sockets of its own; names from DNS
#   sockets of files   syslog over a Unix socket, the journal
#   directories        files and directories outside of /var/log/netconsole
# systemd runs it at boot and at daemon-reload; its first argument is where drop-ins go (systemd.generator(7)). It only reads
# the file: checking it may ask for names, and there is no network yet.
set -eu

config=${NETCON_CONFIG:-/etc/netcon/listen.toml}
[ -r "$config" ] || exit 0
# shellcheck disable=SC2016  # it is awk
lines=$(awk '
  # The values of one key: strings in either kind of quotes, or bare words; several in an array, which may have many lines.
  {
    sub(/\r$/, "")
    if (key == "") {
      if ($0 !~ /^[ \t]*["\047]?[a-z-]+["\047]?[ \t]*=/) next
      key = substr($0, 1, index($0, "=") - 1)
      gsub(/[ \t"\047]/, "", key)
      $0 = substr($0, index($0, "=") + 1)
      depth = 0
    }
    read_values($0)
    if (depth == 0) key = ""
  }

  function read_values(text,    c, end, out) {
    while (text != "") {
      c = substr(text, 1, 1)
      text = substr(text, 2)
      if (c == "#") return
      if (c == "[") ++depth
      else if (c == "]") --depth
      else if (c == "\"") {
        for (out = ""; text != "" && (c = substr(text, 1, 1)) != "\""; text = substr(text, 2)) {
          if (c == "\\") { text = substr(text, 2); c = substr(text, 1, 1) }
          out = out c
        }
        value(out)
        text = substr(text, 2)
      } else if (c == "\047") {
        end = index(text, c)
        if (end == 0) return
        value(substr(text, 1, end - 1))
        text = substr(text, end + 1)
      } else if (c !~ /[ \t,]/) {
        match(text, /^[^], \t#]*/)
        value(c substr(text, 1, RLENGTH))
        text = substr(text, RLENGTH + 1)
      }
    }
  }

  function value(text) {
    if (key == "to") place(first_part(text))
    else if (key == "crash-dir") path(text)
    else if (key == "metrics" && text ~ /\//) path(parent(text))
    else if (key == "hosts-from") { if (text ~ /(^|,)dns(,|$)/) names() }
    else if (key == "metrics" || key == "interface" || key == "address" || key == "port") network()
  }

  # What is before the first comma; a comma after a backslash is one of the name.
  function first_part(text,    out, c) {
    for (out = ""; text != "" && (c = substr(text, 1, 1)) != ","; text = substr(text, 2)) {
      if (substr(text, 1, 2) == "\\,") { c = ","; text = substr(text, 2) }
      out = out c
    }
    sub(/^[a-z]+@/, "", out)
    return out
  }

  function place(text) {
    if (text ~ /^syslog:(udp|tcp):/) names()
    else if (text ~ /^syslog:unix:/ || text ~ /^journal(:|$)/) family["AF_UNIX"]
    else if (text ~ /^dir:\//) path(substr(text, 5))
    else if (text ~ /^\//) path(parent(text))
  }

  function parent(text) {
    sub(/\/[^\/]*$/, "", text)
    return text == "" ? "/" : text
  }
  function network() { has_network = 1; family["AF_INET"]; family["AF_INET6"] }
  # The resolver of the C library asks for the addresses of this machine, and may ask a local service.
  function names() { network(); family["AF_NETLINK"]; family["AF_UNIX"] }

  function path(text) {
    if (text ~ /^\/var\/log\/netconsole(\/|$)/) return
    gsub(/%/, "%%", text)
    gsub(/["\\]/, "\\\\&", text)
    paths = paths "ReadWritePaths=\"-" text "\"\n"
  }

  END {
    if (has_network) print "PrivateNetwork=no"
    count = split("AF_INET AF_INET6 AF_NETLINK AF_UNIX", all, " ")
    for (i = 1; i <= count; ++i) if (all[i] in family) families = families " " all[i]
    if (families != "") print "RestrictAddressFamilies=" substr(families, 2)
    printf "%s", paths
  }' "$config")

[ -n "$lines" ] || exit 0
mkdir -p "$1/netcon.service.d"
printf '# By netcon-generator, from %s\n[Service]\n%s\n' "$config" "$lines" >"$1/netcon.service.d/50-outputs.conf"
