// SPDX-License-Identifier: MIT
// A stream of the C library that closes itself.
#pragma once

#include <cstdio>
#include <memory>

namespace tool {

/// Standard input stays open: others may read it.
struct close_file {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using file_handle = std::unique_ptr<std::FILE, close_file>;

}  // namespace tool
