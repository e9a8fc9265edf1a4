// SPDX-License-Identifier: MIT
// Which values have a text: what format.hpp, std_format.hpp and ostream.hpp print.
#pragma once

#include <netcon/capture/capture_error.hpp>
#include <netcon/capture/ip_packet.hpp>
#include <netcon/configfs/attribute.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/core/address_range.hpp>
#include <netcon/core/endpoint.hpp>
#include <netcon/core/error.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/core/interface_name.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/level.hpp>
#include <netcon/core/linux_errno.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/core/port.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/crash/report.hpp>
#include <netcon/lint/config_format.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/parameter/target.hpp>
#include <netcon/parameter/write.hpp>
#include <netcon/receive/loss.hpp>
#include <netcon/wire/probe.hpp>
#include <netcon/wire/sendable.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>

namespace netcon::inline v0_1::detail {

template <class T, class... Types>
concept one_of = (std::same_as<T, Types> || ...);

/// A value that to_chars writes.
template <class T>
concept written_value =
    one_of<T, ipv4_address, ipv6_address, ip_address, address_range, mac_address, port, interface_name,
           endpoint, kernel_version, device, target, probe, probe_answer, probe_opening>;

/// An enumeration whose name() is its text.
template <class T>
concept named_value =
    one_of<T, level, text_errc, linux_errno, loss, crash::kind, crash::doubt, crash::completeness, severity,
           config_format, capture_errc, link_type, record_part, configfs::operation, configfs::plan_problem,
           configfs::attribute, configfs::folder>;

template <class T>
concept printed_value = written_value<T> || named_value<T>;

/// Calls with_text(std::string_view) and returns what it returns.
template <printed_value T, class Function>
constexpr decltype(auto) with_text_of(const T& value, Function&& with_text) {
  if constexpr (named_value<T>) {
    return with_text(name(value));
  } else {
    std::array<char, T::max_text> text{};
    const char* const end = to_chars(text.data(), text.data() + text.size(), value).ptr;
    return with_text(std::string_view{text.data(), static_cast<std::size_t>(end - text.data())});
  }
}

}  // namespace netcon::inline v0_1::detail
