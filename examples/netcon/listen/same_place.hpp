// SPDX-License-Identifier: MIT
// Whether two outputs of netcon listen, its metrics among them, would write to one place, however it is
// spelled.
#pragma once

#include "listen/output_spec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tool {

/// Whether the names of servers are looked up, which may take as long as the resolver waits, or stand as they
/// are.
enum class server_names : std::uint8_t { looked_up, as_written };

/// The first output whose place another one before it has too, as one line with the option's name; none when
/// each has its own. Two writers of a file would rotate it twice and mix their lines, two of a server double
/// them. Files, directories and sockets are looked up as they are now, standard output too, and links are
/// followed. A file must not be one of those that a directory among the outputs rotates and removes. texts
/// and metrics: the values of --to and --metrics.
std::optional<std::string> find_same_place(const std::vector<output_spec>&,
                                           const std::vector<std::string>& texts,
                                           const std::vector<std::string>& metrics, server_names);

}  // namespace tool
