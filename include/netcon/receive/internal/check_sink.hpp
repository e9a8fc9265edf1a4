// SPDX-License-Identifier: MIT
// A sink takes every kind of event; the compiler's message names the one that it lacks.
#pragma once

#include <netcon/receive/event.hpp>

#include <type_traits>

namespace netcon::inline v0_1::detail {

/// Compiles only for a sink that takes whatever a collector reports.
template <class Sink>
consteval void check_sink() noexcept {
  static_assert(
      std::is_invocable_v<Sink&, const event::record&>,
      "the sink does not take event::record: add it, or end netcon::overloaded with netcon::ignore_rest");
  static_assert(
      std::is_invocable_v<Sink&, const event::partial&>,
      "the sink does not take event::partial: add it, or end netcon::overloaded with netcon::ignore_rest");
  static_assert(
      std::is_invocable_v<Sink&, const event::lost&>,
      "the sink does not take event::lost: add it, or end netcon::overloaded with netcon::ignore_rest");
  static_assert(
      std::is_invocable_v<Sink&, const event::rebooted&>,
      "the sink does not take event::rebooted: add it, or end netcon::overloaded with netcon::ignore_rest");
  static_assert(
      std::is_invocable_v<Sink&, const event::duplicate&>,
      "the sink does not take event::duplicate: add it, or end netcon::overloaded with netcon::ignore_rest");
  static_assert(
      std::is_invocable_v<Sink&, const event::late&>,
      "the sink does not take event::late: add it, or end netcon::overloaded with netcon::ignore_rest");
  static_assert(
      std::is_invocable_v<Sink&, const event::basic&>,
      "the sink does not take event::basic: add it, or end netcon::overloaded with netcon::ignore_rest");
  static_assert(
      std::is_invocable_v<Sink&, const event::folded&>,
      "the sink does not take event::folded: add it, or end netcon::overloaded with netcon::ignore_rest");
  static_assert(
      std::is_invocable_v<Sink&, const event::junk&>,
      "the sink does not take event::junk: add it, or end netcon::overloaded with netcon::ignore_rest");
  static_assert(
      std::is_invocable_v<Sink&, const event::forgotten&>,
      "the sink does not take event::forgotten: add it, or end netcon::overloaded with netcon::ignore_rest");
}

}  // namespace netcon::inline v0_1::detail
