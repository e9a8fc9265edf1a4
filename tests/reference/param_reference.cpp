#include "param_reference.hpp"

#include <algorithm>

namespace reference {

namespace {

using text_list = std::vector<std::string>;

constexpr int eperm = 1, einval = 22, enospc = 28;

bool at_least(const kernel& k, int a, int b, int c) {
  return k.version >= std::array{a, b, c};
}

bool has_mac_devices(const kernel& k) {
  const bool stable = k.version[0] == 6 && k.version[1] == 12 && k.version[2] >= 94;
  return stable || at_least(k, 6, 15, 0);
}

text_list split(const std::string& text, char separator) {
  text_list parts{""};
  for (const char c : text) {
    if (c == separator) {
      parts.push_back("");
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}

bool consists_of(const std::string& text, const std::string& alphabet) {
  return !text.empty() && text.find_first_not_of(alphabet) == std::string::npos;
}

std::string without_leading_zeros(const std::string& digits) {
  const auto first = digits.find_first_not_of('0');
  return first == std::string::npos ? "0" : digits.substr(first);
}

std::optional<int> small_number(const std::string& text, int base, std::size_t most_digits, int limit) {
  if (!consists_of(text, base == 10 ? "0123456789" : "0123456789abcdefABCDEF")) return std::nullopt;
  const auto digits = without_leading_zeros(text);
  if (digits.size() > most_digits) return std::nullopt;
  const int value = std::stoi(digits, nullptr, base);
  if (value > limit) return std::nullopt;
  return value;
}

std::optional<int> strict_port(std::string text) {
  if (!text.empty() && text.front() == '+') text.erase(0, 1);
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return small_number(text, 10, 5, 65535);
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

std::optional<std::vector<int>> strict_v4(const std::string& text) {
  std::vector<int> bytes;
  for (const auto& part : split(text, '.')) {
    const auto byte = small_number(part, 10, 3, 255);
    if (!byte) return std::nullopt;
    bytes.push_back(*byte);
  }
  if (bytes.size() != 4) return std::nullopt;
  return bytes;
}

/// The bytes of "a:b:c", with a dotted quad allowed as the last group.
std::optional<std::vector<int>> groups(const std::string& text, bool quad_allowed) {
  std::vector<int> bytes;
  if (text.empty()) return bytes;
  const auto parts = split(text, ':');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (quad_allowed && i + 1 == parts.size() && parts[i].find('.') != std::string::npos) {
      const auto quad = strict_v4(parts[i]);
      if (!quad) return std::nullopt;
      bytes.insert(bytes.end(), quad->begin(), quad->end());
      continue;
    }
    const auto group = small_number(parts[i], 16, 4, 0xffff);
    if (!group) return std::nullopt;
    bytes.push_back(*group / 256);
    bytes.push_back(*group % 256);
  }
  return bytes;
}

std::optional<std::vector<int>> strict_v6(const std::string& text) {
  const auto gap = text.find("::");
  if (gap == std::string::npos) {
    if (text.empty()) return std::nullopt;
    auto all = groups(text, true);
    if (!all || all->size() != 16) return std::nullopt;
    return all;
  }
  const auto head = groups(text.substr(0, gap), false), tail = groups(text.substr(gap + 2), true);
  if (!head || !tail || head->size() + tail->size() > 14) return std::nullopt;
  std::vector<int> bytes(16, 0);
  std::copy(head->begin(), head->end(), bytes.begin());
  std::copy_backward(tail->begin(), tail->end(), bytes.end());
  return bytes;
}

/// Any text is an address: the parts' values, spilling upwards when they are too large.
std::vector<int> loose_v4(std::string text) {
  std::replace(text.begin(), text.end(), '\n', '.');
  auto parts = split(text, '.');
  parts.resize(4);
  unsigned long long address = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    long long value = 0;
    for (const char c : parts[i]) {
      int byte = static_cast<unsigned char>(c);
      if (byte >= 128) byte -= 256;
      value = (value * 10 + byte - 48) % 0x100000000LL;
    }
    if (value < 0) value += 0x100000000LL;
    address |= static_cast<unsigned long long>(value) << 8 * (3 - i);
  }
  std::vector<int> bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<int>(address >> shift & 255));
  return bytes;
}

std::optional<address> read_address(std::string text, const kernel& k) {
  if (!at_least(k, 3, 9, 0)) return address{false, loose_v4(text)};
  if (at_least(k, 6, 17, 0)) text = split(text, '\n').front();
  if (const auto v4 = strict_v4(text)) return address{false, *v4};
  if (const auto v6 = strict_v6(text); v6 && k.ipv6) return address{true, *v6};
  return std::nullopt;
}

/// A MAC address at the start of the text, whatever follows.
std::vector<int> leading_mac(const std::string& text) {
  if (text.size() < 17) return {};
  const auto parts = split(text.substr(0, 17), ':');
  if (parts.size() != 6) return {};
  std::vector<int> bytes;
  for (const auto& part : parts) {
    if (part.size() != 2 || !consists_of(part, "0123456789abcdefABCDEF")) return {};
    bytes.push_back(std::stoi(part, nullptr, 16));
  }
  return bytes;
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

  if (at_least(k, 4, 2, 0) && rest.rfind("+", 0) == 0) {
    t.extended = true;
    drop(1);
  }
  if (at_least(k, 6, 6, 0) && rest.rfind("r", 0) == 0) {
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
      const auto port = at_least(k, 3, 8, 0) ? strict_port(text) : std::optional{loose_port(text)};
      if (!port) return refuse(text);
      (field == 0 ? t.local_port : t.remote_port) = *port;
    }
    if (present && field == 1) {
      t.local_ip = read_address(text, k);
      if (!t.local_ip) return refuse(text);
    }
    if (present && field == 2) {
      if (has_mac_devices(k) && text.find(':') != std::string::npos) {
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
      if (!t.local_ip && remote->is_v6 && !at_least(k, 3, 14, 0)) return refuse(text);
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
  const auto pieces = at_least(k, 2, 6, 24) ? split(text, ';') : text_list{text};
  std::size_t at = 0;
  for (const auto& piece : pieces) {
    auto one = read_target(piece, k);
    one.at += at;
    at += piece.size() + 1;
    result.pieces.push_back(one);
    if (!one.taken && !(k.dynamic && at_least(k, 6, 12, 0))) {
      result.loaded = false;
      result.error = one.error;
      return result;
    }
  }
  return result;
}

}  // namespace reference
