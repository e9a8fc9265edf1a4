// SPDX-License-Identifier: MIT
// A syslog server or the daemon of this machine: UDP, TCP with octet counting (RFC 6587), or a unix socket,
// of datagrams or of lines.
#pragma once

#include "output/destination.hpp"

#include <netcon/core/endpoint.hpp>
#include <netcon/os/descriptor.hpp>

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

namespace tool {

struct syslog_address {
  enum class kind { udp, tcp, unix_socket } how = kind::udp;
  netcon::endpoint to;
  std::string name;  // of the server's host, while its address is not looked up
  std::string path;
};

/// udp:HOST[:PORT], tcp:HOST[:PORT] or unix:PATH; port 514 by default. No name is looked up. The error is one
/// line.
std::expected<syslog_address, std::string> parse_syslog_address(std::string_view text);

/// Looks its name up, if it has one. The error is one line.
std::expected<void, std::string> look_up_server(syslog_address&);

/// Connects when there is something to send, and again after a failure, at most once a second. A connection
/// outlives reopen(), which is for files: to connect again would cost what comes in that second.
class syslog_destination : public destination {
 public:
  explicit syslog_destination(syslog_address to) : to_{std::move(to)} {}
  /// Each line is one syslog message. After one that cannot be sent, the rest is not tried. One that is too
  /// long for the socket is cut and ends in a mark.
  result write(const std::string& place, std::string_view text) override;
  bool takes_many() const override { return false; }
  counters stats() const override { return counters_; }

 private:
  std::error_code connect();
  std::error_code open_socket();
  bool has_hung_up() const;
  std::error_code send(std::string_view message);
  std::error_code send_cut(std::string_view message);
  std::error_code deliver(std::string_view message);

  syslog_address to_;
  netcon::descriptor socket_;
  bool stream_ = false;
  std::chrono::steady_clock::time_point next_try_{};
  std::error_code why_not_;  // there was no connection at the last try
  counters counters_;
};

/// The message without its end, and a mark, in at most so many bytes; whole characters of UTF-8 only.
std::string cut_message(std::string_view message, std::size_t most);

}  // namespace tool
