// Events that own what they say: to be kept, or handed to another thread.
#pragma once

#include <netcon/receive/event.hpp>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace netcon {

/// As the events of the same names, with copies of what those borrow. record.view() gives the record.
namespace owned_event {

struct record {
  endpoint sender;
  netcon::record record;
  bool conflict = false;
};

struct partial {
  endpoint sender;
  netcon::record record;
  std::vector<text_range> missing;
  bool conflict = false;
};

struct lost {
  endpoint sender;
  loss cause = loss::sequence_gap;
  std::uint64_t first_sequence = 0;
  std::uint64_t count = 0;
};

struct rebooted {
  endpoint sender;
  std::uint64_t last_sequence = 0;
};

struct duplicate {
  endpoint sender;
  netcon::record record;
};

struct late {
  endpoint sender;
  netcon::record record;
  bool conflict = false;
};

struct basic {
  endpoint sender;
  std::string text;
  bool complete = true;
  bool replayed = false;
};

struct folded {
  endpoint sender;
  std::uint64_t count = 0;
};

struct junk {
  endpoint sender;
  std::string packet;
  errc reason{};
};

struct forgotten {
  endpoint sender;
};

struct truncated {
  endpoint sender;
};

struct suppressed {
  endpoint sender;
  std::uint64_t count = 0;
};

}  // namespace owned_event

namespace event {

/// One event of any kind: std::visit with netcon::overloaded tells them apart.
using any =
    std::variant<owned_event::record, owned_event::partial, owned_event::lost, owned_event::rebooted,
                 owned_event::duplicate, owned_event::late, owned_event::basic, owned_event::folded,
                 owned_event::junk, owned_event::forgotten, owned_event::truncated, owned_event::suppressed>;

inline owned_event::record to_owned(const record& e) {
  return {e.sender, netcon::record{e.record}, e.conflict};
}
inline owned_event::partial to_owned(const partial& e) {
  return {e.sender, netcon::record{e.record}, {e.missing.begin(), e.missing.end()}, e.conflict};
}
inline owned_event::lost to_owned(const lost& e) {
  return {e.sender, e.cause, e.first_sequence, e.count};
}
inline owned_event::rebooted to_owned(const rebooted& e) {
  return {e.sender, e.last_sequence};
}
inline owned_event::duplicate to_owned(const duplicate& e) {
  return {e.sender, netcon::record{e.record}};
}
inline owned_event::late to_owned(const late& e) {
  return {e.sender, netcon::record{e.record}, e.conflict};
}
inline owned_event::basic to_owned(const basic& e) {
  return {e.sender, std::string{e.text}, e.complete, e.replayed};
}
inline owned_event::folded to_owned(const folded& e) {
  return {e.sender, e.count};
}
inline owned_event::junk to_owned(const junk& e) {
  return {e.sender, std::string{e.packet}, e.reason};
}
inline owned_event::forgotten to_owned(const forgotten& e) {
  return {e.sender};
}
inline owned_event::truncated to_owned(const truncated& e) {
  return {e.sender};
}
inline owned_event::suppressed to_owned(const suppressed& e) {
  return {e.sender, e.count};
}

}  // namespace event

}  // namespace netcon
