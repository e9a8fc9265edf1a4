// The events of the detector.
#pragma once

#include <netcon/crash/report.hpp>

#include <string_view>

namespace netcon::event {

/// A crash has begun: its first line came. The title is what that line says; the report may know more.
template <class Sender>
struct basic_crash_begun {
  const Sender& sender;
  crash::kind kind;
  std::string_view title;
};

/// A crash has ended, and this is what is known about it.
template <class Sender>
struct basic_crash {
  const Sender& sender;
  const netcon::crash::report& report;
};

}  // namespace netcon::event
