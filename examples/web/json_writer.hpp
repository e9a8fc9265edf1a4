// SPDX-License-Identifier: MIT
// JSON piece by piece into a string, with the commas where they belong.
#pragma once

#include <netcon/output/json_line.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace checker {

class json_writer {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  /// The name of the member whose value comes next.
  void key(std::string_view name) {
    put_comma();
    netcon::append_json_string(out_, name);
    out_ += ':';
    needs_comma_ = false;
  }

  void value(std::string_view text) {
    put_comma();
    netcon::append_json_string(out_, text);
  }
  void value(const char* text) { value(std::string_view{text}); }
  void value(std::unsigned_integral auto number) {
    put_comma();
    out_ += std::to_string(number);
  }
  void value(bool is) { json(is ? "true" : "false"); }
  /// A value that is JSON already.
  void json(std::string_view text) {
    put_comma();
    out_ += text;
  }

  void member(std::string_view name, const auto& what) {
    key(name);
    value(what);
  }

  std::string take() { return std::move(out_); }

 private:
  void put_comma() {
    if (needs_comma_) out_ += ',';
    needs_comma_ = true;
  }
  void open(char c) {
    put_comma();
    out_ += c;
    needs_comma_ = false;
  }
  void close(char c) {
    out_ += c;
    needs_comma_ = true;
  }

  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace checker
