// SPDX-License-Identifier: MIT
#include "param_reference.hpp"

#include "field_reference.hpp"

namespace reference {

namespace {

std::optional<int> strict_port(const std::string& text) {
  const auto read = strict_integer(text, false, 0, 65535);
  if (read.error != 0) return std::nullopt;
  return static_cast<int>(read.value);
}

/// From the last digit to the first, with the weights of 1, 10, 100, ... modulo 65536.
int loose_port(std::string text) {
  const bool minus = !text.empty() && text[0] == '-';
  if (minus) text.erase(0, 1);
  text = text.substr(0, text.find_first_not_of("0123456789"));
  int sum = 0, weight = 1;
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
    sum = (sum + weight * (*digit - '0')) % 65536;
    weight = weight * 10 % 65536;
  }
  return minus ? (65536 - sum) % 65536 : sum;
}

std::optional<address> read_address(std::string text, const kernel& k) {
  if (!since(k.version, {3, 9, 0})) return address{false, loose_v4(text, true)};
  if (since(k.version, {6, 18, 0})) text = split(text, '\n').front();
  if (const auto v4 = strict_v4(text)) return address{false, *v4};
  if (const auto v6 = strict_v6(text); v6 && k.ipv6) return address{true, *v6};
  return std::nullopt;
}

}  // namespace

outcome read_target(const std::string& whole, const kernel& k) {
  outcome result;
  target t;
  t.extended = k.extended_by_default;
  t.release = k.release_by_default;
  std::string rest = whole;
  std::size_t at = 0;
  const auto refuse = [&](const std::string& quoted) {
    result.at = at;
    result.quoted = quoted;
    result.error = eperm;
    return result;
  };
  const auto drop = [&](std::size_t bytes) {
    rest.erase(0, bytes);
    at += bytes;
  };

  if (since(k.version, {4, 2, 0}) && rest.rfind("+", 0) == 0) {
    t.extended = true;
    drop(1);
  }
  if (since(k.version, {6, 6, 0}) && rest.rfind("r", 0) == 0) {
    if (!t.extended) {
      result = refuse("r");
      result.error = einval;
      return result;
    }
    t.release = true;
    drop(1);
  }

  const std::string delimiters = "@/,@/";
  for (std::size_t field = 0; field < delimiters.size(); ++field) {
    const auto end = rest.find(delimiters[field]);
    if (end == std::string::npos) return refuse(rest);
    const auto text = rest.substr(0, end);
    const bool present = !text.empty();
    if (present && (field == 0 || field == 3)) {
      const auto port = since(k.version, {3, 8, 0}) ? strict_port(text) : std::optional{loose_port(text)};
      if (!port) return refuse(text);
      (field == 0 ? t.local_port : t.remote_port) = *port;
    }
    if (present && field == 1) {
      t.local_ip = read_address(text, k);
      if (!t.local_ip) return refuse(text);
    }
    if (present && field == 2) {
      if (since(k.version, {6, 15, 0}, {{6, 12, 91}}) && text.find(':') != std::string::npos) {
        t.dev_mac = leading_mac(text);
        if (t.dev_mac.empty()) return refuse(text);
        t.dev_name = "";
      } else {
        t.dev_name = text.substr(0, 15);
      }
    }
    if (field == 4) {
      const auto remote = read_address(text, k);
      if (!remote) return refuse(text);
      if (t.local_ip && t.local_ip->is_v6 != remote->is_v6) return refuse(text);
      if (!t.local_ip && remote->is_v6 && !since(k.version, {3, 14, 0})) return refuse(text);
      t.remote_ip = *remote;
    }
    drop(end + 1);
  }
  if (!rest.empty()) {
    t.remote_mac = leading_mac(rest);
    if (t.remote_mac.empty()) return refuse(rest);
  }
  result.taken = t;
  return result;
}

load read_parameter(const std::string& whole, const kernel& k) {
  load result;
  std::string text = whole.c_str();
  if (text.size() > 255) {
    if (k.module) {
      result.loaded = false;
      result.error = enospc;
      return result;
    }
    text.resize(255);
  }
  if (text.empty()) return result;
  const auto pieces = since(k.version, {2, 6, 24}) ? split(text, ';') : text_list{text};
  std::size_t at = 0;
  for (const auto& piece : pieces) {
    auto one = read_target(piece, k);
    one.at += at;
    at += piece.size() + 1;
    result.pieces.push_back(one);
    if (!one.taken && !(k.dynamic && since(k.version, {6, 11, 0}))) {
      result.loaded = false;
      result.error = one.error;
      return result;
    }
  }
  return result;
}

}  // namespace reference
