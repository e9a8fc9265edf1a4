// SPDX-License-Identifier: MIT
// One use of each portable layer, so that templates are instantiated too.
#include <netcon/netcon.hpp>

#include <cstddef>
#include <string>

extern "C" std::size_t use_each_layer(const char* text, std::size_t size) {
  const std::string_view bytes{text, size};
  std::size_t sum = netcon::lint(bytes).size();
  if (const auto target = netcon::parse_target(bytes)) sum += to_string(*target).size();
  if (const auto record = netcon::decode(bytes)) sum += netcon::printable(record->text()).size();
  netcon::collector collector;
  const auto count = [&](const auto&) { ++sum; };
  collector.push({netcon::ipv4_address{10, 0, 0, 2}, netcon::port{6666}}, bytes, {}, count);
  collector.flush(count);
  netcon::configfs::memory_tree tree;
  if (const auto names = tree.entries("")) sum += names->size();
  return sum;
}
