// SPDX-License-Identifier: MIT
// Any bytes as one packet, to the library and to the reference, which must read the same.
#include "fuzz.hpp"

#include "decode_reference.hpp"

#include <netcon/core/error_texts.hpp>
#include <netcon/wire/basic.hpp>
#include <netcon/wire/decode.hpp>
#include <netcon/wire/encode.hpp>
#include <netcon/wire/escape.hpp>

#include <expected>
#include <string>
#include <utility>
#include <vector>

using fuzz::check;

namespace {

// MemorySanitizer raises false alarms about the reference's strings: libstdc++ is not instrumented.
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define NETCON_WITHOUT_REFERENCE
#endif
#endif
#ifdef NETCON_WITHOUT_REFERENCE
constexpr bool compares = false;
#else
constexpr bool compares = true;
#endif

bool lies_in(std::string_view part, std::string_view all) {
  return part.empty() || (part.data() >= all.data() && part.data() + part.size() <= all.data() + all.size());
}

bool same_message(const netcon::record_view& a, const netcon::record_view& b) {
  return a.is_extended() == b.is_extended() && a.is_replayed() == b.is_replayed() &&
         a.release() == b.release() && a.priority() == b.priority() && a.sequence() == b.sequence() &&
         a.timestamp_us() == b.timestamp_us() && a.flag() == b.flag() && a.caller() == b.caller() &&
         a.fragment() == b.fragment() && a.header() == b.header() && a.header_tail() == b.header_tail() &&
         a.body() == b.body();
}

void check_legacy(const netcon::record_view& view, std::string_view packet) {
  check(view.body() == packet, "a legacy packet is all body");
  check(!view.is_fragment() && !view.release() && view.caller().empty(), "a legacy packet has no header");
  check(view.dictionary().empty(), "a legacy packet has no dictionary");
  check(view.text().size() + 1 >= packet.size() && packet.starts_with(view.text()),
        "the text is the packet without its last newline");
  const auto prefix = netcon::split_basic_prefix(view.text());
  check(lies_in(prefix.text, packet) && lies_in(prefix.caller, packet), "a prefix lies in its line");
  check(view.text().ends_with(prefix.text), "what is behind a prefix ends the line");
  if (const auto count = netcon::dropped_notice(view.text()))
    check(
        view.text() == "** " + std::to_string(*count) + " printk messages dropped **" ||
            view.text().starts_with("** 0") ||
            view.text().find(std::to_string(*count) + " messages dropped by rate limit") != view.text().npos,
        "a notice says what was read");
}

void check_extended(const netcon::record_view& view, std::string_view packet) {
  check(view.priority() <= 2047 && view.facility() * 8 + static_cast<int>(view.level()) == view.priority(),
        "facility and level make the priority");
  const std::string_view dictionary = view.dictionary().raw(), release = view.release().value_or("");
  for (const auto part :
       {view.header(), view.header_tail(), view.body(), view.text(), view.caller(), dictionary, release})
    check(lies_in(part, packet), "every view lies in the packet");
  check(view.header().find(';') == std::string_view::npos, "the first ';' ends the header");
  check(view.text().find('\n') == std::string_view::npos, "the text is one line");
  check(!view.release() || view.release()->find(',') == std::string_view::npos, "a comma ends the release");
  if (const auto slice = view.fragment())
    check(slice->total > 0 && !view.body().empty() && slice->offset <= slice->total &&
              view.body().size() <= slice->total - slice->offset,
          "a slice lies in its message");

  std::size_t field_bytes = 0;
  for (const auto field : view.fields()) {
    check(lies_in(field, packet) && field.find(',') == std::string_view::npos, "a field has no comma");
    field_bytes += field.size() + 1;
  }
  check(field_bytes <= packet.size(), "fields do not overlap");
  std::string lines;
  for (const auto [key, value] : view.dictionary()) {
    check(lies_in(key, packet) && lies_in(value, packet), "an entry lies in the packet");
    check(key.find('\n') == std::string_view::npos && value.find('\n') == std::string_view::npos,
          "an entry is one line");
    check(key.find('=') == std::string_view::npos, "the first '=' ends a key");
    check(view.dictionary().find(key).has_value(), "a listed key is found");
  }

  std::string again(packet.size() + 64, '\0');
  const auto end = netcon::encode_to(again.data(), again.data() + again.size(), view);
  check(end.ec == std::errc{}, "a decoded packet fits its size");
  again.resize(static_cast<std::size_t>(end.ptr - again.data()));
  const auto back = netcon::decode(again);
  check(back.has_value() && same_message(*back, view), "decode(encode(record)) is the record");
  if (again == packet) check(back->damage() == view.damage(), "the same bytes have the same damage");

  const netcon::record owned{view};
  check(same_message(owned.view(), view) && !lies_in(owned.view().wire(), packet), "a record owns its bytes");
}

/// What the reference reads otherwise; null when nothing.
[[maybe_unused]] const char* difference(const std::expected<netcon::record_view, netcon::error>& got,
                                        const reference::packet& expected) {
  if (!got) return name(got.error().code) == expected.error ? nullptr : "the error";
  if (!expected.error.empty()) return "an error that the library passes over";
  if (got->is_extended() != expected.extended) return "extended or legacy";
  if (got->is_replayed() != expected.replayed) return "replayed";
  if (got->text() != expected.text || got->body() != expected.body) return "text or body";
  if (!expected.extended) return nullptr;
  if (got->release() != expected.release) return "release";
  if (got->priority() != expected.priority || got->sequence() != expected.sequence ||
      got->timestamp_us() != expected.timestamp_us ||
      std::string_view{expected.flag} != std::string(1, static_cast<char>(got->flag())))
    return "numbers or flag";
  if (got->caller() != expected.caller) return "caller";
  std::vector<std::string> fields;
  for (const auto field : got->fields()) fields.emplace_back(field);
  if (fields != expected.fields) return "fields";
  const auto slice = got->fragment();
  if (slice.has_value() != expected.fragment.has_value() ||
      (slice && std::pair<std::uint64_t, std::uint64_t>{slice->offset, slice->total} != expected.fragment))
    return "fragment";
  constexpr std::string_view damages[] = {"none", "nul_for_newline", "last_byte_missing"};
  if (damages[static_cast<unsigned>(got->damage())] != expected.damage) return "damage";
  std::vector<std::pair<std::string, std::string>> entries;
  for (const auto [key, value] : got->dictionary()) entries.emplace_back(key, value);
  return entries == expected.dictionary ? nullptr : "dictionary";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view packet{reinterpret_cast<const char*>(data), size};
  const auto view = netcon::decode(packet);
  if constexpr (compares) {
    const auto* const what =
        size == 0 ? nullptr : difference(view, reference::read_packet(std::string{packet}));
    if (what != nullptr) std::fprintf(stderr, "library and reference differ in %s\n", what);
    check(what == nullptr, "library and reference agree");
  }
  if (!view) {
    const auto [code, where] = view.error();
    check(where.end <= size, "an error lies in the packet");
    check(netcon::message(code) != "unknown error", "an error has a text");
    check((code == netcon::text_errc::empty_packet) == (size == 0), "only an empty packet is empty");
    return 0;
  }
  check(view->wire() == packet, "a view is of the whole packet");
  if (view->is_extended()) {
    check_extended(*view, packet);
  } else {
    check_legacy(*view, packet);
  }
  return 0;
}
