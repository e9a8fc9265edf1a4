// SPDX-License-Identifier: MIT
// The events of the detector.
#pragma once

#include <netcon/crash/report.hpp>

#include <string_view>

namespace netcon::inline v0_1::event {

/// A crash has begun: its first line came. The title is what that line says; the report may know more.
template <class Sender>
struct basic_crash_begun {
  const Sender& sender;    ///< whose line it was
  crash::kind kind;        ///< what the first line says went wrong
  std::string_view title;  ///< of the first line; valid during the call
};

/// A crash has ended, and this is what is known about it.
template <class Sender>
struct basic_crash {
  const Sender& sender;                 ///< whose crash it was
  const netcon::crash::report& report;  ///< valid during the call
};

}  // namespace netcon::inline v0_1::event
