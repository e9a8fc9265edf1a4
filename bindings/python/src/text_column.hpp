// SPDX-License-Identifier: MIT
// A column of texts that lie in packets: filled without the GIL; an object is made of a row on demand.
#pragma once

#include "core.hpp"

#include <cstdint>
#include <vector>

namespace binding {

class text_column {
 public:
  /// packets: a list of bytes objects of less than max_packet bytes, which never change. Rows are str, or
  /// bytes.
  text_column(py::list packets, bool as_text) : packets_{std::move(packets)}, as_text_{as_text} {}

  static constexpr std::size_t max_packet = std::size_t{1} << 31;

  /// A row after all that were set; those between are missing. text lies in packet, the row's own. Needs no
  /// GIL.
  void set(std::size_t row, std::string_view packet, std::string_view text, bool is_escaped = false);

  std::size_t size() const noexcept { return packets_.size(); }
  /// str (unescaped; what is not UTF-8 becomes \xNN) or bytes; None for a missing row.
  py::object at(std::size_t row) const;
  /// All rows; short ones that repeat are one object.
  py::list all() const;

 private:
  struct place {
    std::uint32_t begin = 0;
    std::uint32_t size : 31 = missing;
    std::uint32_t is_escaped : 1 = 0;
  };
  static constexpr std::uint32_t missing = 0x7fffffff;

  py::object object_of(std::string_view bytes, place where) const;

  py::list packets_;
  std::vector<place> places_;
  bool as_text_;
};

/// A Python sequence of the rows, with tolist().
py::object to_python(text_column&& column);

}  // namespace binding
