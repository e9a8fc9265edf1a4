// Finds netconsole parameters in boot command lines and in the files that those come from, with the place of
// every byte, so that findings point into the file.
#pragma once

#include <netcon/lint/config_format.hpp>
#include <netcon/lint/internal/config_reader.hpp>
#include <netcon/lint/source_map.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace netcon {

/// The netconsole parameters of a file, in the order of the text.
inline std::vector<found_parameter> find_parameters(std::string_view text, config_format format) {
  return std::move(detail::config_reader{text, format}.found);
}

}  // namespace netcon
