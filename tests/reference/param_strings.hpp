// SPDX-License-Identifier: MIT
// Random parameter texts: mostly nearly right, because that is where parsers differ.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace reference {

class param_strings {
 public:
  explicit param_strings(std::uint64_t seed) : random_{seed} {}

  std::string target() {
    careful_ = !one_in(3);
    wants_v6_ = one_in(3);
    std::string text =
        careful_ ? pick({"", "", "", "+", "+r"})
                 : pick({"", "", "+", "+r", "r", "++", "+ ", " ", "r+", "+rr", "netconsole=", "\""});
    text += maybe_without("@", port());
    text += maybe_without("/", address());
    text += maybe_without(",", device());
    text += maybe_without("@", port());
    text += maybe_without("/", odd(10) ? "" : remote_address());
    text += mac();
    while (one_in(careful_ ? 8 : 3)) mutate(text);
    return text;
  }

  std::string parameter() {
    std::string text = target();
    while (one_in(3))
      text += (one_in(10) ? pick({" ", ",", "", ";;", " ;", "; "}) : ";") + (one_in(12) ? "" : target());
    if (one_in(40)) text += std::string(below(300), pick({"x", ";", "0", " "})[0]);
    if (one_in(60)) text.insert(below(text.size() + 1), std::string(below(260), '0'));
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  bool odd(std::size_t n) { return !careful_ && one_in(n); }
  std::string pick(const std::vector<std::string_view>& choices) {
    return std::string{choices[below(choices.size())]};
  }

  std::string maybe_without(std::string_view delimiter, std::string field) {
    if (!odd(12)) field += delimiter;
    return field;
  }

  std::string port() {
    switch (below(careful_ ? 4 : 8)) {
      case 0:
      case 1:
      case 2:
        return "";
      case 3:
        return std::to_string(below(65536));
      case 4:
        return std::to_string(below(200000));
      case 5:
        return std::string(below(30), '0') + std::to_string(below(70000));
      case 6:
        return pick({"+1",
                     "-1",
                     "--1",
                     "-0",
                     "++6",
                     "+",
                     "-",
                     "0",
                     "65535",
                     "65536",
                     "0x1a",
                     "6666\n",
                     "6666\n\n",
                     "\n",
                     " 6666",
                     "6666 ",
                     "\t6",
                     "6_6",
                     "99999999999999999999",
                     "18446744073709551616",
                     "-32769",
                     "1e3",
                     "6666,",
                     "514"});
      default:
        return std::to_string(below(65536)) + pick({"", "", "\n", " ", "x", ".", "\xc3\xa9"});
    }
  }

  std::string decimal_byte() {
    const auto text = std::to_string(odd(6) ? below(1000) : below(256));
    return one_in(8) ? std::string(below(4), '0') + text : text;
  }

  std::string v4() {
    std::string text = decimal_byte();
    const std::size_t fields = odd(6) ? below(6) : 3;
    for (std::size_t i = 0; i < fields; ++i) text += '.' + decimal_byte();
    return text;
  }

  std::string group() {
    static constexpr std::string_view digits = "0123456789abcdefABCDEF";
    std::string text;
    if (one_in(8)) text += std::string(below(6), '0');
    for (std::size_t n = 1 + below(4); n > 0; --n) text += digits[below(digits.size())];
    if (odd(10)) text += digits[below(digits.size())];
    return text;
  }

  std::string v6() {
    if (careful_) return pick({"::", "::1", "fe80::1", "FD00::2", "1:2:3:4:5:6:7:8", "::ffff:10.0.0.1"});
    if (one_in(4))
      return pick({"::",
                   "::1",
                   "fe80::1",
                   "fd00::2",
                   "1::",
                   "1:2:3:4:5:6:7:8",
                   "1:2:3:4:5:6:7::",
                   "::2:3:4:5:6:7:8",
                   "1:2:3:4::5:6:7:8",
                   "1:2:3:4:5:6:7::8",
                   "::ffff:1.2.3.4",
                   "1:2:3:4:5:6:1.2.3.4",
                   "::1:2:3:4:5:1.2.3.4",
                   "::1:2:3:4:5:6:1.2.3.4",
                   "1:::2",
                   "1::2::3",
                   ":1",
                   "1:",
                   ":",
                   "[::1]",
                   "::1/64",
                   "fe80::1%eth0"});
    std::string text;
    const std::size_t count = one_in(3) ? 8 : below(10), gap = below(count + 2);
    for (std::size_t i = 0; i < count; ++i) {
      if (i == gap) {
        text += "::";
      } else if (i != 0) {
        text += ':';
      }
      text += i + 1 == count && one_in(5) ? v4() : group();
    }
    if (gap == count) text += "::";
    return text;
  }

  std::string remote_address() {
    std::string text = wants_v6_ != odd(8) ? v6() : v4();
    if (odd(6)) text += pick({"\n", "\nxyz", "\n\n", " ", "x", ".", ":", ":5", "\xff"});
    if (odd(20)) text = pick({" ", "\n", "host.example", "0x7f.1", "localhost"}) + text;
    return text;
  }

  std::string address() { return one_in(2) ? "" : remote_address(); }

  std::string hardware_address() {
    static constexpr std::string_view digits = "0123456789abcdefABCDEF";
    std::string text;
    for (int i = 0; i < 6; ++i) {
      if (i != 0) text += ':';
      text += digits[below(digits.size())];
      text += digits[below(digits.size())];
    }
    return text;
  }

  std::string device() {
    switch (below(careful_ ? 4 : 8)) {
      case 0:
      case 1:
        return "";
      case 2:
        return pick({"eth0", "eth1", "enp0s31f6", "wlan0", "br0", "lo", "eno16777736"});
      case 3:
        return std::string(below(24), 'n');
      case 4:
        return pick({"eth0:1", "eth@0", "eth/0", " eth0", "\"eth0\"", "eth0.100", "22-33-44-55-66-77", "\n"});
      case 5:
        return hardware_address();
      case 6:
        return hardware_address().substr(0, below(17)) + pick({"", "x", ":"});
      default:
        return hardware_address() + pick({"", "x", " ", ":00", "eth0", "/", "@"});
    }
  }

  std::string mac() {
    switch (below(careful_ ? 5 : 6)) {
      case 0:
      case 1:
      case 2:
        return "";
      case 3:
        return hardware_address();
      case 4:
        return hardware_address() + pick({"'", " trailing", "0", "\n", ",@/,@1.2.3.4/", "\""});
      default:
        return pick({" ", "aa-bb-cc-dd-ee-ff", "aabbccddeeff", "00:13:32:20:r9:a5", "a:b:c:d:e:f", "64",
                     "aa:bb:cc:dd:ee", "aa:bb:cc:dd:ee:f", "00:00:00:00:00:00", "aaabb:cc:dd:ee:ff"});
    }
  }

  void mutate(std::string& text) {
    static constexpr std::string_view bytes = "@/,;:.+-r0123456789afxFG \t\n\"'\\%[]\x01\x7f\x80\xff";
    const char byte = one_in(4) ? static_cast<char>(1 + below(255)) : bytes[below(bytes.size())];
    const std::size_t at = below(text.size() + 1);
    switch (below(4)) {
      case 0:
        text.insert(at, 1, byte);
        break;
      case 1:
        if (at < text.size()) text.erase(at, 1 + below(3));
        break;
      case 2:
        if (at < text.size()) text[at] = byte;
        break;
      default:
        text.insert(at, text.substr(below(text.size() + 1), below(6)));
    }
  }

  bool careful_ = true;
  bool wants_v6_ = false;
  std::mt19937_64 random_;
};

}  // namespace reference
