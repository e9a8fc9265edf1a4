// SPDX-License-Identifier: MIT
#include <netcon/doctor/diagnose_receiver.hpp>

#include "support/catch.hpp"

#include <optional>
#include <string>
#include <vector>

namespace netcon::doctor {
namespace {

using lines = std::vector<std::string>;

receiver_facts working() {
  receiver_facts known;
  known.holders =
      std::vector<port_holder>{{.local = {ipv6_address{}, port{6666}}, .program = "netcon", .pid = 12}};
  known.largest_buffer = std::uint64_t{212992};
  known.buffer_errors = known.checksum_errors = known.no_port = std::uint64_t{0};
  known.filters =
      std::vector<reverse_path_filter>{{"all", 0}, {"default", 1}, {"eth0", 0}, {"eth1", 2}, {"lo", 1}};
  known.firewall = lines{};
  return known;
}

std::vector<std::string> remarks(const receiver_facts& known) {
  std::vector<std::string> out;
  for (const auto& one : diagnose(known))
    if (one.severity != severity::ok)
      out.push_back(std::string{name(one.code)} + ' ' + std::string{name(one.severity)});
  return out;
}

std::optional<finding> find(const receiver_facts& known, check code) {
  for (auto& one : diagnose(known))
    if (one.code == code) return one;
  return std::nullopt;
}

}  // namespace

TEST_CASE("there is nothing to say against a receiver that works") {
  CHECK(remarks(working()) == lines{});
  CHECK(find(working(), check::port)->evidence == "netcon (process 12) has [::]:6666");
}

TEST_CASE("without facts of a receiver everything is unknown") {
  for (const auto& one : diagnose(receiver_facts{})) CHECK(one.severity == severity::unknown);
}

TEST_CASE("who has the port, and for whom") {
  auto known = working();
  known.holders = std::vector<port_holder>{};
  CHECK(remarks(known) == lines{"port bad"});
  CHECK(find(known, check::port)->remedy == "netcon listen 6666");
  known.holders = std::vector<port_holder>{{.local = {ipv4_address{127, 0, 0, 1}, port{6666}}}};
  CHECK(remarks(known) == lines{"bound-address bad"});
  CHECK(find(known, check::port)->evidence == "a program of another user has 127.0.0.1:6666");
}

TEST_CASE("packets that came and were not read") {
  auto known = working();
  auto holders = *known.holders;
  holders[0].drops = 3;
  known.holders = holders;
  CHECK(remarks(known) == lines{"buffer warning"});
  CHECK(find(known, check::buffer)->remedy == "echo 67108864 > /proc/sys/net/core/rmem_max");
  known = working();
  known.checksum_errors = std::uint64_t{2};
  CHECK(remarks(known) == lines{"checksum warning"});
}

TEST_CASE("rp_filter is the larger of two") {
  auto known = working();
  known.filters = std::vector<reverse_path_filter>{{"all", 1}, {"eth0", 0}, {"eth1", 2}};
  CHECK(remarks(known) == lines{"reverse-path warning"});
  CHECK(find(known, check::reverse_path)->evidence.find("strict on eth0:") != std::string::npos);
  known.filters = std::vector<reverse_path_filter>{{"all", 1}, {"eth0", 0}, {"lo", 0}};
  CHECK(remarks(known) == lines{});
}

TEST_CASE("a firewall that drops by default needs a rule for the port") {
  struct row {
    lines rules;
    std::string remedy;  // empty: the port is let in
  };
  const std::string nft = "nft insert rule inet filter input udp dport 6666 accept",
                    iptables = "iptables -I INPUT -p udp --dport 6666 -j ACCEPT";
  const std::string table = "table inet filter {", chain = "\tchain input {";
  const std::string drop = "\t\ttype filter hook input priority filter; policy drop;",
                    accept = "\t\ttype filter hook input priority filter; policy accept;";
  for (const auto& [rules, remedy] : {
           row{{table, chain, drop, "\t\ttcp dport 22 accept", "\t}", "}"}, nft},
           row{{table, chain, accept, "\t\tcounter packets 1 bytes 2 reject", "\t}", "}"}, nft},
           row{{table, chain, drop, "\t\tudp dport { 53, 6666 } accept", "\t}", "}"}, ""},
           row{{table, chain, drop, "\t\tudp dport 16666 accept", "\t}", "}"}, nft},
           row{{table, chain, accept, "\t}", "\tchain forward {",
                "\t\ttype filter hook forward priority 0; policy drop;", "\t}", "}"},
               ""},
           row{{"*filter", ":INPUT DROP [0:0]", "-A INPUT -p tcp --dport 6666 -j DROP"}, iptables},
           row{{":INPUT ACCEPT [0:0]", "-A INPUT -j REJECT --reject-with icmp-host-prohibited"}, iptables},
           row{{":INPUT DROP [0:0]", "-A INPUT -p udp -m udp --dport 6666 -j ACCEPT"}, ""},
           row{{"table inet firewalld {", "chain filter_INPUT {",
                "type filter hook input priority 10; policy accept;", "reject with icmpx admin-prohibited",
                "}"},
               "firewall-cmd --add-port=6666/udp"},
           row{{":INPUT DROP [0:0]", ":ufw-user-input - [0:0]"}, "ufw allow 6666/udp"},
       }) {
    auto known = working();
    known.firewall = rules;
    INFO(rules.back());
    const auto found = find(known, check::firewall);
    CHECK(found->remedy == remedy);
    CHECK(found->severity == (remedy.empty() ? severity::ok : severity::warning));
  }
}

}  // namespace netcon::doctor
