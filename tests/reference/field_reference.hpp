// SPDX-License-Identifier: MIT
// How kernels read single values out of a text: plain, slow, and written from their behaviour. Shared by the
// models beside it, and by nothing else.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace reference {

constexpr int eperm = 1, enoent = 2, e2big = 7, eacces = 13, efault = 14, ebusy = 16, eexist = 17,
              enodev = 19, enotdir = 20, eisdir = 21, einval = 22, enospc = 28, erange = 34,
              enametoolong = 36, enotempty = 39, emsgsize = 90, edestaddrreq = 89, enotsupp = 524;

using version = std::array<int, 3>;
using text_list = std::vector<std::string>;

/// Whether a stable series got something at that sublevel, or the version is at least that of the mainline.
bool since(const version& v, const version& mainline, const std::vector<version>& stable = {});

text_list split(const std::string& text, char separator);

/// An integer as the kernel's kstrto functions read it in base 10: the errno, or 0 and the value.
struct integer {
  int error = 0;
  long long value = 0;
};
integer strict_integer(const std::string& text, bool may_be_negative, long long least, long long most);

std::optional<std::vector<int>> strict_v4(const std::string& text);
std::optional<std::vector<int>> strict_v6(const std::string& text);

/// Any text is an address: the parts' values, spilling upwards when they are too large.
std::vector<int> loose_v4(const std::string& text, bool char_is_signed);

/// A MAC address at the start of the text, whatever follows; empty when there is none.
std::vector<int> leading_mac(const std::string& text);

}  // namespace reference
