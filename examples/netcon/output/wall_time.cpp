#include "output/wall_time.hpp"

#include <fmt/format.h>

#include <iterator>

namespace tool {

void wall_time_writer::append(std::string& out, wall_time time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time - whole).count();
  const auto second = std::chrono::system_clock::to_time_t(whole);
  if (second != second_ || text_.empty()) {
    second_ = second;
    std::tm parts{};
    if (style_ == style::utc) {
      ::gmtime_r(&second, &parts);
    } else {
      ::localtime_r(&second, &parts);
    }
    text_ = fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                        parts.tm_mday, style_ == style::utc ? 'T' : ' ', parts.tm_hour, parts.tm_min,
                        parts.tm_sec);
  }
  out += text_;
  if (style_ == style::utc) {
    fmt::format_to(std::back_inserter(out), ".{:06}Z", micros);
  } else {
    fmt::format_to(std::back_inserter(out), ".{:03}", micros / 1000);
  }
}

}  // namespace tool
