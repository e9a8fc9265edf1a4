// A descriptor that is there already: standard output.
#pragma once

#include "output_writer.hpp"

namespace tool {

class stream_destination : public destination {
 public:
  explicit stream_destination(int fd) : fd_{fd} {}
  std::error_code write(std::string_view name, std::string_view text) override;

 private:
  int fd_;
};

}  // namespace tool
