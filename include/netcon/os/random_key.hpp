// SPDX-License-Identifier: MIT
// A hash key that senders cannot know. Linux.
#pragma once

#include <netcon/receive/hash_key.hpp>

#include <sys/random.h>

#include <cerrno>
#include <cstddef>
#include <system_error>

namespace netcon::inline v0_1 {

/// Draws a key with getrandom(2). Throws std::system_error where the kernel or a filter refuses it.
[[nodiscard]] inline hash_key random_key() {
  hash_key key;
  auto* const bytes = reinterpret_cast<unsigned char*>(key.words.data());
  constexpr std::size_t size = sizeof key.words;
  for (std::size_t done = 0; done < size;) {
    const auto got = ::getrandom(bytes + done, size - done, 0);
    if (got >= 0) {
      done += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      throw std::system_error{errno, std::generic_category(), "getrandom"};
    }
  }
  return key;
}

}  // namespace netcon::inline v0_1
