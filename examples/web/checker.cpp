// SPDX-License-Identifier: MIT
// The library as a WebAssembly module: each function takes texts in linear memory and returns an answer, a
// JSON object in UTF-8. The page frees what it allocated and each answer.
#include "build.hpp"
#include "check.hpp"
#include "decode.hpp"
#include "json_writer.hpp"
#include "kernel_choice.hpp"
#include "pasted_packets.hpp"

#include <netcon/core/kernel.hpp>
#include <netcon/lint/config_format.hpp>
#include <netcon/lint/recognise.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using checker::json_writer;

enum class input : unsigned char { argument, config, log, packets, capture };

struct recognised {
  input what = input::argument;
  netcon::config_format format = netcon::config_format::text;
};

/// What a text is, where its user did not say.
recognised recognise(std::string_view text) {
  using netcon::config_format;
  if (checker::is_capture(text)) return {input::capture};
  if (!checker::read_pasted_packets(text).empty()) return {input::packets};
  if (checker::is_log(text)) return {input::log};
  const auto format = netcon::recognise("", text);
  if (format != config_format::text) return {input::config, format};
  const auto last = text.find_last_not_of(" \t\r\n");
  const bool is_one_line = text.substr(0, last == text.npos ? 0 : last + 1).find('\n') == text.npos;
  if (is_one_line) return {input::argument};
  const bool names_it = text.find("netconsole") != text.npos;
  return {input::config, names_it ? config_format::text : config_format::parameters};
}

recognised chosen(std::string_view kind, std::string_view text) {
  if (kind == "parameter") return {input::argument};
  if (kind == "log") return {checker::is_capture(text) ? input::capture : input::log};
  if (kind == "packets") return {checker::is_capture(text) ? input::capture : input::packets};
  if (const auto format = netcon::parse_config_format(kind)) return {input::config, *format};
  return recognise(text);
}

std::string_view name(input what) {
  constexpr std::string_view names[] = {"parameter", "config", "log", "packets", "capture"};
  return names[static_cast<std::size_t>(what)];
}

/// A text without the newline that comes with a paste.
std::string_view without_line_end(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

template <class Write>
std::string* answer(std::string_view kernel_text, Write write) {
  json_writer out;
  out.begin_object();
  if (const auto kernel = checker::choose_kernel(kernel_text)) {
    out.member("kernel", to_string(kernel->version()));
    write(out, *kernel);
  } else {
    out.member("kernel_problem", kernel.error());
  }
  out.end_object();
  return std::make_unique<std::string>(out.take()).release();
}

}  // namespace

#define EXPORT(name) extern "C" [[clang::export_name(#name)]]

EXPORT(allocate) char* allocate(std::size_t size) {
  return std::make_unique<char[]>(size + 1).release();
}
EXPORT(release) void release(char* bytes) {
  std::unique_ptr<char[]>{bytes}.reset();
}
EXPORT(answer_bytes) const char* answer_bytes(const std::string* one) {
  return one->data();
}
EXPORT(answer_size) std::size_t answer_size(const std::string* one) {
  return one->size();
}
EXPORT(answer_release) void answer_release(std::string* one) {
  std::unique_ptr<std::string>{one}.reset();
}

/// {kernels:[VERSION...], formats:[{name,reads}...]}: what the page offers to choose from.
EXPORT(tables) std::string* tables() {
  return answer("newest", [](json_writer& out, const netcon::kernel_profile&) {
    std::vector<netcon::kernel_version> versions;
    for (const auto& row : netcon::feature_table) {
      versions.push_back(row.since);
      versions.insert(versions.end(), row.backports.begin(), row.backports.end());
    }
    std::ranges::sort(versions, std::greater{});
    versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
    out.key("kernels");
    out.begin_array();
    for (const auto& one : versions) out.value(to_string(one));
    out.end_array();
    out.key("formats");
    out.begin_array();
    for (const auto& row : netcon::config_kinds) {
      out.begin_object();
      out.member("name", row.name);
      out.member("reads", row.reads);
      out.end_object();
    }
    out.end_array();
  });
}

/// Judges or decodes a text. kind: "parameter", "log", "packets", the name of a config_format, or anything
/// else to recognise it. The answer has the member input, and those of check.hpp or decode.hpp; of a log that
/// holds parameters those of both.
EXPORT(check)
std::string* check(const char* kernel, std::size_t kernel_size, const char* kind, std::size_t kind_size,
                   const char* text, std::size_t size) {
  return answer({kernel, kernel_size}, [&](json_writer& out, const netcon::kernel_profile& profile) {
    const std::string_view all{text, size}, chosen_kind{kind, kind_size};
    const auto is = chosen(chosen_kind, all);
    out.member("input", name(is.what));
    switch (is.what) {
      case input::argument:
        // Who says that it is a parameter means each byte.
        return checker::write_check(out, chosen_kind == "parameter" ? all : without_line_end(all),
                                    std::nullopt, profile);
      case input::config:
        return checker::write_check(out, all, is.format, profile);
      case input::log:
        if (all.find("netconsole=") != all.npos)
          checker::write_check(out, all, netcon::config_format::text, profile);
        return checker::write_log(out, all);
      case input::packets:
        return checker::write_packets(out, checker::read_pasted_packets(all));
      case input::capture:
        return checker::write_capture(out, all);
    }
  });
}

/// Builds a parameter from a form: build.hpp.
EXPORT(build)
std::string* build(const char* kernel, std::size_t kernel_size, const char* form, std::size_t size) {
  return answer({kernel, kernel_size}, [&](json_writer& out, const netcon::kernel_profile& profile) {
    checker::write_build(out, {form, size}, profile);
  });
}
