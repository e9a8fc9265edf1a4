// Standard output, or another descriptor that is open already.
#pragma once

#include "output/output.hpp"
#include "output/output_writer.hpp"

namespace tool {

class stream_destination : public destination {
 public:
  explicit stream_destination(int fd) : fd_{fd} {}
  std::error_code write(std::string_view, std::string_view text) override { return write_all(fd_, text); }

 private:
  int fd_;
};

}  // namespace tool
