#include "input/capture.hpp"

#include "input/ip_packet.hpp"
#include "support/catch.hpp"

#include <pcap/dlt.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path captures = fs::path{TEST_DATA_DIR} / "captures";

struct found {
  std::string payload;
  std::uint16_t port;
  friend auto operator<=>(const found&, const found&) = default;
};

std::vector<found> read_all(const fs::path& path) {
  std::vector<found> all;
  const auto counts = tool::read_capture(path, [&](const tool::captured_datagram& d) {
    all.push_back({std::string{d.payload}, d.to.port.value()});
  });
  INFO(path << ": " << (counts ? "" : counts.error()));
  REQUIRE(counts.has_value());
  CHECK(counts->datagrams == all.size());
  CHECK(counts->cut_short == 0);
  return all;
}

std::string whole_file(const fs::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream{path, std::ios::binary}.rdbuf();
  return bytes.str();
}

/// A file that goes away with the test.
class temporary_file {
 public:
  explicit temporary_file(const std::string& bytes)
      : path_{fs::temp_directory_path() / ("netcon-capture-" + std::to_string(::getpid()))} {
    std::ofstream{path_, std::ios::binary} << bytes;
  }
  ~temporary_file() { fs::remove(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string problem_of(const std::string& bytes) {
  const temporary_file file{bytes};
  const auto read = tool::read_capture(file.path(), [](const tool::captured_datagram&) {});
  return read ? "none" : read.error();
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

// 10.0.0.1:4660 to 10.0.0.2:6666, "hello".
const std::string udp = bytes({0x12, 0x34, 0x1a, 0x0a, 0, 13, 0, 0}) + "hello";
std::string ipv4(const std::string& payload, int fragment = 0, int id = 7) {
  const auto total = static_cast<int>(20 + payload.size());
  return bytes({0x45, 0, total >> 8, total & 255, 0, id, fragment >> 8, fragment & 255, 64, 17, 0, 0, 10, 0,
                0,    1, 10,         0,           0, 2}) +
         payload;
}
std::string ipv6(int next, const std::string& payload) {
  std::string address = bytes({0xfd}) + std::string(15, '\0');
  const auto length = static_cast<int>(payload.size());
  return bytes({0x60, 0, 0, 0, length >> 8, length & 255, next, 64}) + address + address + payload;
}
const std::string macs(12, '\x02');

std::string read_frame(int link_type, const std::string& frame) {
  tool::ip_reader reader;
  const auto packet = tool::find_network_header(link_type, frame);
  const auto datagram = packet ? reader.read(*packet) : std::nullopt;
  return datagram ? datagram->payload : "nothing";
}

}  // namespace

TEST_CASE("the pcap of every capture holds what arrived on the socket") {
  std::size_t compared = 0;
  for (const auto& entry : fs::directory_iterator{captures}) {
    if (entry.path().extension() != ".pcap") continue;
    auto json = entry.path();
    json.replace_extension(".jsonl");
    if (!fs::exists(json)) continue;  // the two boots of the restart
    INFO(entry.path());
    // On the wire, but not on the socket: what came before the listener, and other services of the guest.
    std::multiset<found> on_wire;
    for (auto& datagram : read_all(entry.path())) on_wire.insert(std::move(datagram));
    for (const auto& datagram : read_all(json)) {
      const auto place = on_wire.find(datagram);
      CHECK(place != on_wire.end());
      if (place != on_wire.end()) on_wire.erase(place);
    }
    ++compared;
  }
  CHECK(compared == 40);
}

TEST_CASE("a damaged capture gives what came before, and one line that names the place") {
  const auto good = whole_file(captures / "panic_612.pcap");
  const auto total = read_all(captures / "panic_612.pcap").size();
  for (std::size_t size = 0; size < good.size(); size += 97) {
    const temporary_file file{good.substr(0, size)};
    std::size_t count = 0;
    const auto read = tool::read_capture(file.path(), [&](const tool::captured_datagram&) { ++count; });
    CHECK(count <= total);
    if (!read) CHECK(contains(read.error(), file.path().filename().string()));
  }
  // Every byte turned over once: nothing crashes, whatever comes out.
  for (std::size_t at = 0; at < good.size(); at += 31) {
    auto bad = good;
    bad[at] = static_cast<char>(~bad[at]);
    const temporary_file file{bad};
    static_cast<void>(tool::read_capture(file.path(), [](const tool::captured_datagram&) {}));
  }
  CHECK(contains(problem_of(""), "empty"));
  CHECK(contains(problem_of("no capture at all, just text"), "neither pcap, pcapng nor JSON lines"));
  CHECK(contains(tool::read_capture("/nonexistent/x.pcap", {}).error(), "No such file"));
}

TEST_CASE("a wrong JSON line is named with its number") {
  const std::string good = R"({"t": 1.5, "src": "10.0.0.1:5", "dport": 6666, "payload_b64": "aGk="})";
  CHECK(problem_of(good + "\n\n" + good) == "none");
  CHECK(contains(problem_of(good + "\n{\"t\": 1}\n"), "line 2: \"src\""));
  CHECK(contains(problem_of(good + "\n{nonsense\n"), "line 2: not a JSON object"));
  CHECK(contains(problem_of(R"({"t": "x", "src": "10.0.0.1:5", "dport": 1, "payload_b64": ""})"), "\"t\""));
  CHECK(contains(problem_of(R"({"t": 1e300, "src": "10.0.0.1:5", "dport": 1, "payload_b64": ""})"), "\"t\""));
  CHECK(contains(problem_of(R"({"t": 1, "src": "10.0.0.1", "dport": 1, "payload_b64": ""})"), "\"src\""));
  CHECK(contains(problem_of(R"({"t": 1, "src": "10.0.0.1:5", "dport": 65536, "payload_b64": ""})"),
                 "\"dport\""));
  CHECK(contains(problem_of(R"({"t": 1, "src": "10.0.0.1:5", "dport": 1, "payload_b64": "a"})"), "base64"));
}

TEST_CASE("base64") {
  CHECK(tool::decode_base64("").value() == "");
  CHECK(tool::decode_base64("Zg==").value() == "f");
  CHECK(tool::decode_base64("Zm8=").value() == "fo");
  CHECK(tool::decode_base64("Zm9v").value() == "foo");
  CHECK(tool::decode_base64("//79").value() == "\xff\xfe\xfd");
  for (const std::string_view wrong : {"Zg", "Zg=", "Z===", "Zm9v!mFy", "Z g=", "===="}) {
    INFO(wrong);
    CHECK_FALSE(tool::decode_base64(wrong).has_value());
  }
}

TEST_CASE("the ways to wrap an IP packet") {
  CHECK(read_frame(DLT_RAW, ipv4(udp)) == "hello");
  CHECK(read_frame(DLT_EN10MB, macs + bytes({8, 0}) + ipv4(udp)) == "hello");
  CHECK(read_frame(DLT_EN10MB, macs + bytes({8, 0}) + ipv4(udp) + std::string(20, '\0')) == "hello");
  CHECK(read_frame(DLT_EN10MB, macs + bytes({0x81, 0, 0, 5, 8, 0}) + ipv4(udp)) == "hello");
  CHECK(read_frame(DLT_EN10MB, macs + bytes({0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0}) + ipv4(udp)) == "hello");
  CHECK(read_frame(DLT_LINUX_SLL, std::string(14, '\0') + bytes({8, 0}) + ipv4(udp)) == "hello");
  CHECK(read_frame(DLT_LINUX_SLL2, bytes({8, 0}) + std::string(18, '\0') + ipv4(udp)) == "hello");
  CHECK(read_frame(DLT_NULL, bytes({2, 0, 0, 0}) + ipv4(udp)) == "hello");
  CHECK(read_frame(DLT_EN10MB, macs + bytes({0x86, 0xdd}) + ipv6(17, udp)) == "hello");
  CHECK(read_frame(DLT_RAW, ipv6(60, bytes({17, 0, 1, 4, 0, 0, 0, 0}) + udp)) == "hello");
  CHECK(read_frame(DLT_EN10MB, macs + bytes({0x91, 0, 0, 5, 8, 0}) + ipv4(udp)) == "hello");
  CHECK(read_frame(DLT_LOOP, bytes({0, 0, 0, 2}) + ipv4(udp)) == "hello");
  for (const int extension : {0, 43, 60})
    CHECK(read_frame(DLT_RAW, ipv6(extension, bytes({17, 0, 0, 0, 0, 0, 0, 0}) + udp)) == "hello");
  CHECK(read_frame(DLT_EN10MB, macs + bytes({0x86, 0xdd}) + ipv6(17, udp) + std::string(9, '\0')) == "hello");
  // The UDP header says where the text ends, whatever else IP carries; a total of zero is left to the card.
  CHECK(read_frame(DLT_RAW, ipv4(udp + "more")) == "hello");
  auto large = ipv4(udp);
  large[2] = large[3] = 0;
  CHECK(read_frame(DLT_RAW, large) == "hello");
  CHECK(read_frame(DLT_RAW, ipv4(bytes({0x12, 0x34, 0x1a, 0x0a, 0, 7, 0, 0}) + "hello")) == "nothing");
  CHECK(read_frame(DLT_EN10MB, macs + bytes({8, 6}) + ipv4(udp)) == "nothing");  // ARP
  CHECK(read_frame(DLT_RAW, ipv6(6, udp)) == "nothing");                         // TCP
  const auto whole = macs + bytes({8, 0}) + ipv4(udp);
  for (std::size_t size = 0; size < whole.size() - 5; ++size)
    CHECK(read_frame(DLT_EN10MB, whole.substr(0, size)) == "nothing");
}

TEST_CASE("IP fragments are put together in any order") {
  const std::string text(3000, 'x');
  const std::string datagram = bytes({0x12, 0x34, 0x1a, 0x0a, 3008 >> 8, 3008 & 255, 0, 0}) + text;
  constexpr int more = 0x2000;
  const std::string parts[] = {ipv4(datagram.substr(0, 1480), more),
                               ipv4(datagram.substr(1480, 1480), more | 185),
                               ipv4(datagram.substr(2960), 370)};
  int order[] = {0, 1, 2};
  do {
    tool::ip_reader reader;
    std::optional<tool::udp_datagram> whole;
    for (const int i : order) {
      CHECK_FALSE(whole.has_value());
      whole = reader.read(*tool::find_network_header(DLT_RAW, parts[i]));
    }
    REQUIRE(whole.has_value());
    CHECK(whole->payload == text);
    CHECK_FALSE(whole->cut_short);
  } while (std::next_permutation(std::begin(order), std::end(order)));

  // IPv6: the fragment header says where, and what is inside.
  tool::ip_reader reader;
  const auto slice = [&](std::size_t offset, std::size_t size, bool is_last) {
    const auto field = static_cast<int>(offset) | (is_last ? 0 : 1);
    return ipv6(44, bytes({17, 0, field >> 8, field & 255, 1, 2, 3, 4}) + datagram.substr(offset, size));
  };
  CHECK_FALSE(reader.read(*tool::find_network_header(DLT_RAW, slice(1440, 3000, true))).has_value());
  const auto whole = reader.read(*tool::find_network_header(DLT_RAW, slice(0, 1440, false)));
  REQUIRE(whole.has_value());
  CHECK(whole->payload == text);
}

TEST_CASE("IP fragments of several datagrams do not mix, and a bounded number of them waits") {
  constexpr int more = 0x2000;
  const auto first = [](int id) { return ipv4(udp.substr(0, 8), more, id); };
  const auto second = [](int id) { return ipv4(udp.substr(8), 1, id); };
  tool::ip_reader reader;
  const auto read = [&](const std::string& packet) {
    const auto datagram = reader.read(*tool::find_network_header(DLT_RAW, packet));
    return datagram ? datagram->payload : "nothing";
  };
  CHECK(read(first(1)) == "nothing");
  CHECK(read(second(2)) == "nothing");
  CHECK(read(first(2)) == "hello");
  CHECK(read(second(1)) == "hello");
  CHECK(read(second(1)) == "nothing");  // of another datagram with the number of the old one
  CHECK(read(first(1)) == "hello");

  for (int id = 0; id < 255; ++id) CHECK(read(first(id)) == "nothing");
  CHECK(read(second(0)) == "hello");
  for (int i = 0; i < 300; ++i)
    CHECK(read(ipv4(udp.substr(0, 8), more, i % 256).replace(12, 4, bytes({10, 1, i >> 8, i & 255}))) ==
          "nothing");
  CHECK(read(second(1)) == "nothing");  // given up

  // Beyond what an IP packet can hold: forged.
  CHECK(read(ipv4(std::string(100, 'x'), 0x1fff, 9)) == "nothing");
  std::string all;
  for (int i = 0; i < 2; ++i)
    for (int at = 0; at < 8000; at += 100) all += read(ipv4(std::string(1000, 'x'), more | (at + i), 10));
  CHECK(all.find('x') == all.npos);
}
