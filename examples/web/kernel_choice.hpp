// SPDX-License-Identifier: MIT
// The kernel that the page's user chose.
#pragma once

#include <netcon/core/error_texts.hpp>
#include <netcon/core/kernel.hpp>

#include <expected>
#include <string>
#include <string_view>

namespace checker {

/// "newest" or a version as uname -r prints it, then any number of " +FEATURE" and " -FEATURE". The error is
/// a sentence.
inline std::expected<netcon::kernel_profile, std::string> choose_kernel(std::string_view text) {
  const auto next_word = [&] {
    const auto start = text.find_first_not_of(' ');
    text.remove_prefix(start == text.npos ? text.size() : start);
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
  };
  auto kernel = netcon::kernel_profile::latest();
  if (const auto version = next_word(); version != "newest") {
    const auto parsed = netcon::kernel_version::parse(version);
    if (!parsed) {
      const auto code = parsed.error().code;
      return std::unexpected{std::string{message(code)}.append(": ").append(hint(code))};
    }
    kernel = *parsed;
  }
  for (auto word = next_word(); !word.empty(); word = next_word()) {
    const auto feature = netcon::find_feature(word.substr(1));
    if (!feature || (word.front() != '+' && word.front() != '-'))
      return std::unexpected{"no feature is named " + std::string{word}};
    kernel = word.front() == '+' ? kernel.with(*feature) : kernel.without(*feature);
  }
  return kernel;
}

}  // namespace checker
