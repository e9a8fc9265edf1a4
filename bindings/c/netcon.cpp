// SPDX-License-Identifier: MIT
// The C binding: values in, values out. No exception leaves it.
#include "netcon.h"

#include <netcon/core.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/parameter.hpp>
#include <netcon/version.hpp>
#include <netcon/wire.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <vector>

namespace {

bool is_readable(const netcon_text& text) {
  return (text.data != nullptr || text.size == 0) && text.size <= std::numeric_limits<std::uint32_t>::max();
}

std::string_view view_of(const netcon_text& text) {
  return {text.data, text.size};
}

netcon_text text_of(std::string_view view) {
  return {view.data(), view.size()};
}

// Gives the caller the fields that it knows of.
template <class Struct>
void put(Struct* to, Struct value) {
  value.size = to->size;
  if (to->size >= sizeof(Struct)) {
    *to = value;
  } else {
    std::memcpy(static_cast<void*>(to), &value, to->size);
  }
}

// The first version's structs are the smallest ones.
template <class Struct>
bool is_sized(const Struct* given) {
  return given != nullptr && given->size >= sizeof(Struct);
}

bool read_kernel(const netcon_kernel* given, netcon::kernel_profile& profile) {
  if (given == nullptr) return true;
  if (!is_sized(given)) return false;
  if (given->version != 0) {
    profile = netcon::kernel_version{given->version, given->patchlevel, given->sublevel};
  } else if (given->patchlevel != 0 || given->sublevel != 0) {
    return false;
  }
  if (given->built_in != 0) profile = profile.without(netcon::feature::module);
  return true;
}

netcon_problem problem_of(const netcon::error& wrong) {
  // The texts of the table are literals: a NUL is behind each.
  return {sizeof(netcon_problem),  static_cast<std::uint32_t>(wrong.code),
          wrong.where.begin,       wrong.where.end,
          name(wrong.code).data(), message(wrong.code).data(),
          hint(wrong.code).data()};
}

int refuse(const netcon::error& wrong, netcon_problem* problem) {
  if (problem != nullptr) put(problem, problem_of(wrong));
  return NETCON_REFUSED;
}

template <std::size_t Size>
void copy_text(char (&to)[Size], std::string_view text) {
  std::fill_n(std::copy_n(text.data(), std::min(text.size(), Size - 1), to), 1, '\0');
}

template <class Value, std::size_t Size>
void copy_value(char (&to)[Size], const Value& value) {
  char text[Value::max_text];
  copy_text(to, {text, to_chars(text, text + sizeof text, value).ptr});
}

void copy_mac(std::uint8_t (&to)[6], const netcon::mac_address& mac) {
  std::copy(mac.bytes().begin(), mac.bytes().end(), to);
}

netcon_finding finding_of(const netcon::finding& found) {
  netcon_finding out{};
  out.problem = problem_of({found.code, found.where});
  out.severity = static_cast<std::uint32_t>(found.severity);
  if (found.fix && found.fix->text.size() <= NETCON_MAX_FIX) {
    out.has_fix = 1;
    out.fix_begin = found.fix->where.begin;
    out.fix_end = found.fix->where.end;
    out.fix_size = static_cast<std::uint32_t>(found.fix->text.size());
    std::copy(found.fix->text.begin(), found.fix->text.end(), out.fix);
  }
  return out;
}

netcon_target target_of(const netcon::boot_target& found, const netcon::kernel_profile& kernel) {
  const auto settings = resolve(found.value, kernel);
  netcon_target out{};
  out.begin = found.where.begin;
  out.end = found.where.end;
  out.extended = settings.extended;
  out.release = settings.release;
  out.local_port = settings.local_port.value();
  out.remote_port = settings.remote_port.value();
  if (settings.local_ip) copy_value(out.local_ip, *settings.local_ip);
  copy_value(out.remote_ip, settings.remote_ip);
  copy_text(out.device, settings.dev_name.view());
  if (settings.dev_mac) {
    out.has_device_mac = 1;
    copy_mac(out.device_mac, *settings.dev_mac);
  }
  copy_mac(out.remote_mac, settings.remote_mac);
  return out;
}

// Sets all but the size.
void fill(netcon_record& out, const netcon::record_view& record) {
  out.extended = record.is_extended();
  out.replayed = record.is_replayed();
  out.level = static_cast<std::uint8_t>(record.level());
  out.facility = record.facility();
  out.flag = static_cast<char>(record.flag());
  out.is_fragment = record.is_fragment();
  out.reserved = 0;
  out.sequence = record.sequence();
  out.timestamp_us = record.timestamp_us();
  const auto part = record.fragment().value_or(netcon::fragment{});
  out.fragment_offset = part.offset;
  out.fragment_total = part.total;
  out.release = text_of(record.release().value_or(std::string_view{}));
  out.caller = text_of(record.caller());
  out.text = text_of(record.text());
  out.dictionary = text_of(record.dictionary().raw());
  out.body = text_of(record.body());
}

// Writes as many of count structs as the caller has room for, each of the size that the first one has, and
// returns count.
template <class Struct, class Make>
ptrdiff_t put_all(Struct* first, std::size_t capacity, std::size_t count, Make&& make) {
  for (std::size_t i = 0; i < std::min(capacity, count); ++i) {
    auto* const to = reinterpret_cast<Struct*>(reinterpret_cast<char*>(first) + i * first->size);
    to->size = first->size;
    put(to, make(i));
  }
  return static_cast<ptrdiff_t>(count);
}

template <class Call>
auto without_exceptions(Call&& call) noexcept -> decltype(call()) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return NETCON_NO_MEMORY;
  }
}

}  // namespace

ptrdiff_t netcon_lint(netcon_text parameter, const netcon_kernel* kernel, netcon_finding* findings,
                      size_t capacity) {
  auto profile = netcon::kernel_profile::latest();
  if (!is_readable(parameter) || !read_kernel(kernel, profile) || (capacity != 0 && !is_sized(findings)))
    return NETCON_BAD_CALL;
  return without_exceptions([&]() -> ptrdiff_t {
    const auto found = netcon::lint(view_of(parameter), profile);
    return put_all(findings, capacity, found.size(), [&](std::size_t i) { return finding_of(found[i]); });
  });
}

ptrdiff_t netcon_explain(netcon_text parameter, const netcon_kernel* kernel, netcon_target* targets,
                         size_t capacity, netcon_problem* problem) {
  auto profile = netcon::kernel_profile::latest();
  if (!is_readable(parameter) || !read_kernel(kernel, profile) || (capacity != 0 && !is_sized(targets)) ||
      (problem != nullptr && !is_sized(problem)))
    return NETCON_BAD_CALL;
  const auto parsed = netcon::parse_parameter(view_of(parameter), profile);
  if (!parsed) return refuse(parsed.error(), problem);
  return put_all(targets, capacity, parsed->size(),
                 [&](std::size_t i) { return target_of((*parsed)[i], profile); });
}

int netcon_decode(netcon_text packet, netcon_record* record, netcon_problem* problem) {
  if (!is_readable(packet) || !is_sized(record) || (problem != nullptr && !is_sized(problem)))
    return NETCON_BAD_CALL;
  const auto decoded = netcon::decode(view_of(packet));
  if (!decoded) return refuse(decoded.error(), problem);
  if (record->size >= sizeof(netcon_record)) {
    fill(*record, *decoded);
  } else {
    netcon_record out;
    fill(out, *decoded);
    put(record, out);
  }
  return NETCON_OK;
}

int netcon_next_entry(netcon_text* lines, netcon_text* key, netcon_text* value) {
  if (lines == nullptr || key == nullptr || value == nullptr || lines->size == 0 || !is_readable(*lines))
    return 0;
  const auto all = view_of(*lines);
  const auto entry = *netcon::dictionary_view{all}.begin();
  *key = text_of(entry.key);
  *value = text_of(entry.value);
  const auto newline = all.find('\n');
  *lines = text_of(all.substr(newline == all.npos ? all.size() : newline + 1));
  return 1;
}

ptrdiff_t netcon_encode(const netcon_log_record* record, const netcon_kernel* kernel, netcon_sink sink,
                        void* context, netcon_problem* problem) {
  auto profile = netcon::kernel_profile::latest();
  if (!is_sized(record) || !read_kernel(kernel, profile) || sink == nullptr ||
      (problem != nullptr && !is_sized(problem)) ||
      (record->userdata == nullptr && record->userdata_entries != 0))
    return NETCON_BAD_CALL;
  for (const auto* text :
       {&record->caller, &record->text, &record->subsystem, &record->device, &record->release})
    if (!is_readable(*text)) return NETCON_BAD_CALL;
  const auto flag = record->flag == 0 ? '-' : record->flag;
  if (record->userdata_entries > netcon::max_userdata_entries(profile))
    return refuse({netcon::text_errc::too_many_userdata, {}}, problem);
  return without_exceptions([&]() -> ptrdiff_t {
    std::vector<netcon::dictionary_entry> userdata;
    for (std::size_t i = 0; i < record->userdata_entries; ++i) {
      const auto &key = record->userdata[2 * i], &value = record->userdata[2 * i + 1];
      if (!is_readable(key) || !is_readable(value)) return NETCON_BAD_CALL;
      userdata.push_back({view_of(key), view_of(value)});
    }
    netcon::extended_record added{.userdata = userdata};
    if (record->release.size != 0) added.release = view_of(record->release);
    const auto sent = netcon::encode(
        {.priority = record->priority,
         .sequence = record->sequence,
         .timestamp_us = record->timestamp_us,
         .flag = static_cast<netcon::continuation>(flag),
         .caller = view_of(record->caller),
         .text = view_of(record->text),
         .subsystem = view_of(record->subsystem),
         .device = view_of(record->device)},
        added, profile, [&](std::string_view packet) { sink(context, packet.data(), packet.size()); });
    // The place is one in a header that the caller never sees, or in one of many texts.
    if (!sent) return refuse({sent.error().code, {}}, problem);
    return static_cast<ptrdiff_t>(*sent);
  });
}

const char* netcon_version(void) {
#define NETCON_TEXT_OF(x) #x
#define NETCON_JOIN(a, b, c) NETCON_TEXT_OF(a) "." NETCON_TEXT_OF(b) "." NETCON_TEXT_OF(c)
  return NETCON_JOIN(NETCON_VERSION_MAJOR, NETCON_VERSION_MINOR, NETCON_VERSION_PATCH);
}
