// SPDX-License-Identifier: MIT
// Mutates sequences of packets for libFuzzer, in the ways of kernels and networks: packets come twice, late,
// in fragments, from another sender, after another boot. The bytes of one packet are left to libFuzzer.
#include "packets.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

class random_numbers {
 public:
  explicit random_numbers(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next() {  // splitmix64
    auto z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27U) * 0x94d049bb133111ebU;
    return z ^ z >> 31U;
  }
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }
  bool one_in(std::size_t many) { return below(many) == 0; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(next()); }
  template <class Range>
  const auto& of(const Range& choices) {
    return std::data(choices)[below(std::size(choices))];
  }

 private:
  std::uint64_t state_;
};

struct kept_packet {
  std::uint8_t about = 0;
  std::optional<std::uint8_t> step;
  std::string bytes;
};

struct sequence {
  std::string head;
  std::vector<kept_packet> packets;
};

std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

sequence read(std::string_view bytes) {
  fuzz::input in{bytes};
  sequence out;
  out.head = in.text(fuzz::packets.head);
  out.head.resize(fuzz::packets.head);
  while (const auto one = fuzz::packets.read(in))
    out.packets.push_back({one->about, one->step, std::string{one->bytes}});
  return out;
}

/// As many of the packets as have room.
std::size_t write(const sequence& from, std::uint8_t* to, std::size_t max_size) {
  std::string out = from.head;
  for (const auto& one : from.packets) {
    const auto before = out.size();
    const auto bytes = std::string_view{one.bytes}.substr(0, fuzz::packets.packet_size);
    fuzz::packets.write(out, {one.about, one.step, bytes});
    if (out.size() > max_size) {
      out.resize(before);
      break;
    }
  }
  out.resize(std::min(out.size(), max_size));
  std::ranges::copy(out, to);
  return out.size();
}

/// The parts of a packet with a header, all as text: LEVEL,SEQUENCE,TIME,FLAGS and what follows to the
/// semicolon.
struct extended {
  std::string release;  // with its comma
  std::string level, number, time, flags;
  std::string more;      // with the comma in front, without the fragment
  std::string fragment;  // OFFSET/TOTAL
  std::string body;
};

std::optional<extended> split(std::string_view bytes) {
  const auto end = bytes.find(';');
  if (end == bytes.npos) return std::nullopt;
  auto rest = bytes.substr(0, end);
  const auto field = [&rest] {
    const auto size = std::min(rest.find(','), rest.size());
    const std::string out{rest.substr(0, size)};
    rest.remove_prefix(std::min(size + 1, rest.size()));
    return out;
  };
  extended out;
  out.level = field();
  if (out.level.find('.') != out.level.npos) {
    out.release = out.level + ",";
    out.level = field();
  }
  out.number = field();
  out.time = field();
  out.flags = field();
  if (out.flags.empty()) return std::nullopt;
  while (!rest.empty()) {
    constexpr std::string_view name = "ncfrag=";
    const auto one = field();
    if (one.starts_with(name)) {
      out.fragment = one.substr(name.size());
    } else {
      out.more += "," + one;
    }
  }
  out.body = bytes.substr(end + 1);
  return out;
}

std::string join(const extended& one) {
  auto out = one.release + one.level + "," + one.number + "," + one.time + "," + one.flags + one.more;
  if (!one.fragment.empty()) out += ",ncfrag=" + one.fragment;
  return out + ";" + one.body;
}

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

/// Distances of numbers that matter: neighbours, what a tracker remembers, a jump, and the ends of integers.
constexpr std::uint64_t distances[] = {
    0,  1,   2,    3,    7,        8,           15,           16,          31,   32,
    33, 100, 1000, 4096, 1U << 31, 0xffffffffU, 0x100000000U, ~0ULL >> 1U, ~0ULL};

class mutation {
 public:
  mutation(sequence& to, std::uint64_t seed) : all_{to.packets}, head_{to.head}, random_{seed} {}

  void run() {
    if (all_.empty()) all_.push_back({0, {}, "6,1,1,-;a\n"});
    for (auto changes = 1 + (random_.one_in(2) ? random_.below(4) : 0); changes != 0; --changes) {
      if (all_.empty() || random_.one_in(3)) {
        change_bytes();
        continue;
      }
      using change = bool (mutation::*)();
      static constexpr change changes_of_packets[] = {
          &mutation::repeat,       &mutation::drop,          &mutation::swap,        &mutation::move,
          &mutation::reverse,      &mutation::fragment,      &mutation::fragment,    &mutation::reassemble,
          &mutation::change_about, &mutation::copy_as_other, &mutation::change_step, &mutation::number,
          &mutation::renumber,     &mutation::shift,         &mutation::reboot,      &mutation::change_flags,
          &mutation::add_userdata, &mutation::add_msgids,    &mutation::notice,      &mutation::make_basic,
          &mutation::cut,          &mutation::paste};
      // What does not fit these packets is tried elsewhere.
      for (int tries = 0; tries < 4 && !(this->*random_.of(changes_of_packets))(); ++tries) {
      }
    }
  }

 private:
  using difference = std::ptrdiff_t;

  std::size_t any() { return random_.below(all_.size()); }
  auto at(std::size_t index) { return all_.begin() + static_cast<difference>(index); }
  /// The end of a short run of packets that begins there.
  std::size_t end_of_run(std::size_t begin) { return std::min(all_.size(), begin + 1 + random_.below(8)); }

  /// libFuzzer's own mutation, of a packet or of the head.
  bool change_bytes() {
    const bool of_head = !head_.empty() && (all_.empty() || random_.one_in(8));
    auto& bytes = of_head ? head_ : all_[any()].bytes;
    constexpr std::size_t most_more = 512;
    const auto size = bytes.size();
    if (!of_head) bytes.resize(std::max(size, std::min(size + most_more, fuzz::packets.packet_size)));
    const auto now = LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), size, bytes.size());
    if (!of_head) bytes.resize(now);
    return true;
  }

  bool repeat() {
    auto copy = all_[any()];
    all_.insert(at(random_.below(all_.size() + 1)), std::move(copy));
    return true;
  }
  bool drop() {
    if (all_.size() < 2) return false;
    const auto begin = any();
    all_.erase(at(begin), at(random_.one_in(4) ? end_of_run(begin) : begin + 1));
    return true;
  }
  bool swap() {
    std::swap(all_[any()], all_[any()]);
    return true;
  }
  /// One packet is delayed, or comes early.
  bool move() {
    const auto from = any(), to = any();
    if (from < to) std::rotate(at(from), at(from + 1), at(to + 1));
    if (to < from) std::rotate(at(to), at(from), at(from + 1));
    return from != to;
  }
  bool reverse() {
    const auto begin = any();
    std::reverse(at(begin), at(end_of_run(begin)));
    return true;
  }

  /// Cuts a record as the kernel does, at other places; fragments may be swapped, missing, repeated or
  /// overlap.
  bool fragment() {
    const auto index = any();
    const auto from = all_[index];
    auto parts = split(from.bytes);
    if (!parts || !parts->fragment.empty() || parts->body.empty()) return false;
    const auto body = parts->body;
    const auto total = std::to_string(body.size() + (random_.one_in(16) ? random_.below(4) : 0));
    std::vector<std::size_t> cuts{0, body.size()};
    for (auto more = 1 + random_.below(4); more != 0; --more) cuts.push_back(random_.below(body.size()));
    std::ranges::sort(cuts);
    std::vector<kept_packet> fragments;
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
      const auto overlap = random_.one_in(8) ? random_.below(4) : 0;
      const auto end = std::min(body.size(), cuts[i + 1] + overlap);
      parts->fragment = std::to_string(cuts[i]) + "/" + total;
      parts->body = body.substr(cuts[i], end - cuts[i]);
      fragments.push_back({from.about, i == 0 ? from.step : std::nullopt, join(*parts)});
    }
    if (random_.one_in(3)) std::swap(fragments[random_.below(fragments.size())], fragments.back());
    if (random_.one_in(4)) fragments.pop_back();
    if (random_.one_in(4)) fragments.push_back(fragments[random_.below(fragments.size())]);
    all_.erase(at(index));
    all_.insert(at(index), fragments.begin(), fragments.end());
    return true;
  }
  /// One whole record instead of a fragment and those with the same header.
  bool reassemble() {
    const auto index = any();
    auto whole = split(all_[index].bytes);
    if (!whole || whole->fragment.empty()) return false;
    const auto total_of = [](std::string_view fragment) {
      return fragment.substr(std::min(fragment.size(), fragment.find('/')));
    };
    std::string body;
    for (auto i = all_.size(); i-- != 0;) {
      const auto one = split(all_[i].bytes);
      if (!one || all_[i].about != all_[index].about || one->number != whole->number ||
          total_of(one->fragment) != total_of(whole->fragment))
        continue;
      const auto offset = number_of(one->fragment);
      if (offset > fuzz::packets.packet_size) continue;
      body.resize(std::max(body.size(), static_cast<std::size_t>(offset) + one->body.size()), '?');
      std::ranges::copy(one->body, body.begin() + static_cast<difference>(offset));
      if (i > index) all_.erase(at(i));
    }
    whole->fragment.clear();
    whole->body = body;
    all_[index].bytes = join(*whole);
    return true;
  }

  bool change_about() {
    const auto begin = any(), end = random_.one_in(2) ? begin + 1 : end_of_run(begin);
    const auto now = random_.one_in(2) ? static_cast<std::uint8_t>(all_[begin].about ^ 1U << random_.below(8))
                                       : all_[any()].about;
    for (auto i = begin; i < end; ++i) all_[i].about = now;
    return true;
  }
  /// What one machine sent comes from another one too.
  bool copy_as_other() {
    const auto begin = any();
    std::vector<kept_packet> copies(at(begin), at(end_of_run(begin)));
    const auto other = static_cast<std::uint8_t>(copies.front().about ^ (1U + random_.below(3)));
    for (auto& one : copies) one.about = other;
    all_.insert(at(random_.below(all_.size() + 1)), copies.begin(), copies.end());
    return true;
  }
  bool change_step() {
    auto& step = all_[any()].step;
    step = step && random_.one_in(2) ? std::nullopt : std::optional{random_.byte()};
    return true;
  }

  /// Changes the header and body of the packets of one sender from an index on, for as long as it answers
  /// true.
  template <class Change>
  bool from_here(std::size_t begin, const Change& change) {
    bool any_changed = false;
    const auto about = all_[begin].about;
    for (auto i = begin; i < all_.size(); ++i) {
      if (all_[i].about != about) continue;
      auto parts = split(all_[i].bytes);
      if (!parts) continue;
      const bool goes_on = change(*parts);
      all_[i].bytes = join(*parts);
      any_changed = true;
      if (!goes_on) break;
    }
    return any_changed;
  }
  bool one_header(const auto& change) {
    return from_here(any(), [&](extended& one) {
      change(one);
      return false;
    });
  }

  /// A number near that of another packet.
  bool number() {
    const auto other = split(all_[any()].bytes);
    return one_header([&](extended& one) {
      const auto distance = random_.of(distances);
      const auto near = number_of(other ? other->number : one.number);
      one.number = std::to_string(random_.one_in(2) ? near + distance : near - distance);
      if (other && random_.one_in(4)) one.time = other->time;
    });
  }
  bool renumber() {
    const auto begin = any();
    const auto first = split(all_[begin].bytes);
    if (!first) return false;
    auto next = number_of(first->number);
    return from_here(begin, [&](extended& one) {
      one.number = std::to_string(next++);
      return true;
    });
  }
  /// A gap, or numbers that went back, in front of the rest.
  bool shift() {
    const auto distance = random_.of(distances);
    return from_here(any(), [&](extended& one) {
      one.number = std::to_string(number_of(one.number) + distance);
      return true;
    });
  }
  /// From here on the machine is another one: numbers and times begin again, the release may be another.
  bool reboot() {
    const auto begin = any();
    const auto first = split(all_[begin].bytes);
    if (!first) return false;
    const auto base = number_of(first->number), since = number_of(first->time);
    constexpr std::string_view releases[] = {"", "6.1.0,", "6.12.0-rc1,", "7.3.4,"};
    const bool other_release = random_.one_in(2);
    const std::string release{random_.of(releases)};
    return from_here(begin, [&](extended& one) {
      one.number = std::to_string(number_of(one.number) - base);
      one.time = std::to_string(number_of(one.time) - since);
      if (other_release) one.release = release;
      return true;
    });
  }
  bool change_flags() {
    constexpr std::string_view choices[] = {"-", "c", "+", "n"};
    return one_header([&](extended& one) { one.flags = random_.of(choices); });
  }

  static void append_line(extended& one, std::string_view line) {
    if (!one.body.ends_with('\n')) one.body += '\n';
    one.body += line;
    one.body += '\n';
  }
  bool add_userdata() {
    constexpr std::string_view lines[] = {
        " host=web17",    " SUBSYSTEM=usb", " DEVICE=+usb:1-1", " cpu=3",    " taskname=sh",
        " release=6.1.0", " key=",          " =value",          " no value", " a=b=c"};
    return one_header([&](extended& one) { append_line(one, random_.of(lines)); });
  }
  bool add_msgids() {
    std::uint64_t next = random_.one_in(4) ? 0xffffffffU - random_.below(4) : random_.below(100);
    auto left = 1 + random_.below(8);
    return from_here(any(), [&](extended& one) {
      append_line(one, " msgid=" + std::to_string(static_cast<std::uint32_t>(next)));
      next += random_.one_in(8) ? random_.of(distances) : 1;
      return --left != 0;
    });
  }
  /// What the kernel says in front of a packet, or of a text without header.
  bool notice() {
    constexpr std::string_view notices[] = {"** replaying previous printk message **\n",
                                            "** 3 printk messages dropped **\n",
                                            "** 18446744073709551615 printk messages dropped **\n"};
    all_[any()].bytes.insert(0, random_.of(notices));
    return true;
  }
  /// The text without its header, as a target that is not extended sends it.
  bool make_basic() {
    auto& bytes = all_[any()].bytes;
    auto parts = split(bytes);
    if (!parts) return false;
    bytes = parts->body.substr(0, parts->body.find('\n') + 1);
    return !bytes.empty();
  }
  /// One text in two packets.
  bool cut() {
    const auto index = any();
    auto first = all_[index];
    if (first.bytes.size() < 2) return false;
    auto second = first;
    const auto size = 1 + random_.below(first.bytes.size() - 1);
    second.bytes.erase(0, size);
    second.step.reset();
    first.bytes.resize(size);
    all_[index] = std::move(first);
    all_.insert(at(index + 1), std::move(second));
    return true;
  }
  bool paste() {
    const auto index = any();
    if (index + 1 >= all_.size()) return false;
    all_[index].bytes += all_[index + 1].bytes;
    all_.erase(at(index + 1));
    return true;
  }

  std::vector<kept_packet>& all_;
  std::string& head_;
  random_numbers random_;
};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  auto all = read(as_text(data, size));
  mutation{all, seed}.run();
  const auto written = write(all, data, max_size);
  // Else the target would not see what was meant.
  const auto back = read(as_text(data, written)).packets;
  for (std::size_t i = 0; i < back.size(); ++i)
    fuzz::check(
        i < all.packets.size() && back[i].bytes == all.packets[i].bytes.substr(0, fuzz::packets.packet_size),
        "a packet is read as it was written");
  return written;
}

/// Packets of two inputs: one after the other, one within the other, or in turn.
extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* data, std::size_t size,
                                                 const std::uint8_t* other_data, std::size_t other_size,
                                                 std::uint8_t* out, std::size_t max_size, unsigned seed) {
  random_numbers random{seed};
  auto all = read(as_text(data, size));
  auto other = read(as_text(other_data, other_size));
  if (random.one_in(4)) all.head = other.head;
  auto& left = all.packets;
  const auto& right = other.packets;
  const auto at = [](auto& packets, std::size_t index) {
    return packets.begin() + static_cast<std::ptrdiff_t>(index);
  };
  switch (random.below(3)) {
    case 0:
      left.resize(random.below(left.size() + 1));
      left.insert(left.end(), at(right, random.below(right.size() + 1)), right.end());
      break;
    case 1: {
      const auto begin = random.below(right.size() + 1);
      const auto end = begin + random.below(right.size() - begin + 1);
      left.insert(at(left, random.below(left.size() + 1)), at(right, begin), at(right, end));
      break;
    }
    default:
      std::size_t place = 0;
      for (const auto& one : right) {
        place = std::min(left.size(), place + random.below(3));
        left.insert(at(left, place++), one);
      }
  }
  return write(all, out, max_size);
}
