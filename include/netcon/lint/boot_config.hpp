// SPDX-License-Identifier: MIT
// Finds netconsole parameters in boot command lines, in the files that those come from and in any other text,
// with the place of every byte, so that findings point into the file.
#pragma once

#include <netcon/lint/config_format.hpp>
#include <netcon/lint/internal/config_reader.hpp>
#include <netcon/lint/internal/found.hpp>
#include <netcon/lint/source_map.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1 {

/// The netconsole parameters of a text, in the order of the text. A list of parameters is read as any text
/// here.
[[nodiscard]] inline std::vector<found_parameter> find_parameters(std::string_view text,
                                                                  config_format format) {
  return std::move(detail::read_config(text, format).found);
}

}  // namespace netcon::inline v0_1
