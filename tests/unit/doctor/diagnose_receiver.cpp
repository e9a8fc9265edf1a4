// SPDX-License-Identifier: MIT
#include <netcon/doctor/diagnose_receiver.hpp>

#include "support/catch.hpp"

#include <optional>
#include <string>
#include <vector>

namespace netcon::doctor {
namespace {

using lines = std::vector<std::string>;

receiver_facts working_receiver() {
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
  CHECK(remarks(working_receiver()) == lines{});
  CHECK(find(working_receiver(), check::port)->evidence == "netcon (process 12) has [::]:6666");
}

TEST_CASE("without facts of a receiver everything is unknown") {
  for (const auto& one : diagnose(receiver_facts{})) CHECK(one.severity == severity::unknown);
}

TEST_CASE("who has the port, and for whom") {
  auto known = working_receiver();
  known.holders = std::vector<port_holder>{};
  CHECK(remarks(known) == lines{"port bad"});
  CHECK(find(known, check::port)->remedy == "netcon listen 6666");
  known.holders = std::vector<port_holder>{{.local = {ipv4_address{127, 0, 0, 1}, port{6666}}}};
  CHECK(remarks(known) == lines{"bound-address bad"});
  CHECK(find(known, check::port)->evidence == "a program of another user has 127.0.0.1:6666");
}

// As nc -u -l does once the first datagram has come.
TEST_CASE("a connected socket takes what one machine sends") {
  auto known = working_receiver();
  const port_holder connected{.local = {ipv4_address{10, 0, 0, 2}, port{6666}},
                              .peer = endpoint{ipv4_address{10, 0, 0, 1}, port{6665}},
                              .program = "nc",
                              .pid = 7};
  known.holders = std::vector<port_holder>{connected};
  CHECK(remarks(known) == lines{"port warning"});
  CHECK(find(known, check::port)->evidence ==
        "nc (process 7) has 10.0.0.2:6666, and takes only what comes from 10.0.0.1:6665");
  known.holders = std::vector<port_holder>{connected, working_receiver().holders->front()};
  CHECK(remarks(known) == lines{});
}

TEST_CASE("packets that came and were not read") {
  auto known = working_receiver();
  auto holders = *known.holders;
  holders[0].drops = 3;
  known.holders = holders;
  CHECK(remarks(known) == lines{"buffer warning"});
  CHECK(find(known, check::buffer)->remedy == "echo 67108864 > /proc/sys/net/core/rmem_max");
  known = working_receiver();
  known.checksum_errors = std::uint64_t{2};
  CHECK(remarks(known) == lines{"checksum warning"});
}

TEST_CASE("rp_filter is the larger of two") {
  auto known = working_receiver();
  known.filters = std::vector<reverse_path_filter>{{"all", 1}, {"eth0", 0}, {"eth1", 2}};
  CHECK(remarks(known) == lines{"reverse-path warning"});
  CHECK(find(known, check::reverse_path)->evidence.find("strict on eth0:") != std::string::npos);
  known.filter_drops = std::uint64_t{7};
  CHECK(remarks(known) == lines{"reverse-path warning"});
  CHECK(find(known, check::reverse_path)->evidence.ends_with(" are dropped, 7 since boot"));
  known.filter_drops = std::uint64_t{0};
  CHECK(remarks(known) == lines{});
  known.filter_drops = {};
  known.filters = std::vector<reverse_path_filter>{{"all", 1}, {"eth0", 0}, {"lo", 0}};
  CHECK(remarks(known) == lines{});
}

TEST_CASE("a line of a firewall without a name is no reason to stop") {
  for (const auto* line : {"table {", "chain {", "set {", "map {", "table  {", ":", "-A", "elements = {"}) {
    auto known = working_receiver();
    known.firewall = lines{line};
    CAPTURE(line);
    CHECK(find(known, check::firewall)->severity == severity::ok);
  }
}

// Looking through all chains for each rule takes minutes.
TEST_CASE("a firewall with the chains of many services is judged") {
  lines rules{"*filter", ":INPUT DROP [0:0]"};
  for (int i = 0; i < 30'000; ++i) rules.push_back(":KUBE-SVC-" + std::to_string(i) + " - [0:0]");
  for (int i = 0; i < 30'000; ++i)
    rules.push_back("-A KUBE-SVC-" + std::to_string(i) + " -p tcp -m tcp --dport 53 -j ACCEPT");
  auto known = working_receiver();
  known.firewall = rules;
  CHECK(find(known, check::firewall)->severity != severity::ok);
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
    auto known = working_receiver();
    known.firewall = rules;
    INFO(rules.back());
    const auto found = find(known, check::firewall);
    CHECK(found->remedy == remedy);
    CHECK(found->severity == (remedy.empty() ? severity::ok : severity::warning));
  }
}

namespace {

severity of_nft(const lines& rules, std::string policy = "drop") {
  lines all{"table inet filter {", "\tchain input {",
            "\t\ttype filter hook input priority filter; policy " + policy + ";"};
  all.insert(all.end(), rules.begin(), rules.end());
  all.insert(all.end(), {"\t}", "}"});
  auto known = working_receiver();
  known.firewall = all;
  return find(known, check::firewall)->severity;
}

severity of_iptables(const lines& rules, std::string policy = "DROP") {
  lines all{"*filter", ":INPUT " + policy + " [0:0]", ":OUTPUT ACCEPT [0:0]"};
  all.insert(all.end(), rules.begin(), rules.end());
  all.push_back("COMMIT");
  auto known = working_receiver();
  known.firewall = all;
  return find(known, check::firewall)->severity;
}

}  // namespace

TEST_CASE("only a rule for UDP to the port, in a chain of what comes in, lets it in") {
  for (const auto* rule :
       {"udp dport 6666 accept", "udp dport { 514, 6666 } accept", "udp dport 6000-7000 accept",
        "udp dport { 53, 6660-6669 } counter packets 0 bytes 0 accept", "udp dport ircu accept",
        "meta l4proto udp accept", "meta l4proto { tcp, udp } th dport 6666 accept", "accept",
        "udp dport != 53 accept", "ct state new udp dport 6666 accept",
        "udp dport vmap { 53 : accept, 6666 : accept }", "udp dport 6666 log prefix \"drop it\" accept",
        "counter packets 1 bytes 2 log prefix \"in: \" level info accept",
        "udp dport 6666 accept comment \"x\""}) {
    INFO(rule);
    CHECK(of_nft({rule}) == severity::ok);
  }
  for (const auto* rule :
       {"tcp dport 6666 accept", "udp dport 16666 accept", "udp sport 6666 accept",
        "udp dport 7000-8000 accept", "udp dport syslog accept", "udp dport != 6666 accept",
        "ip protocol tcp accept", "iif \"lo\" accept", "ct state { established, related } accept",
        "udp dport vmap { 6666 : drop }", "icmp type echo-request accept",
        "udp dport 53 accept comment \"not 6666\"", "meta l4proto tcp accept"}) {
    INFO(rule);
    CHECK(of_nft({rule}) == severity::warning);
  }
  for (const auto* rule :
       {"-A INPUT -p udp -m udp --dport 6666 -j ACCEPT",
        "-A INPUT -p udp -m multiport --dports 514,6666 -j ACCEPT",
        "-A INPUT -p udp -m udp --dport 6000:7000 -j ACCEPT", "-A INPUT -p udp -j ACCEPT",
        "-A INPUT -p udp -m state --state NEW -m udp --dport 6666 -j ACCEPT",
        "-A INPUT -p udp -m udp ! --dport 53 -j ACCEPT", "-A INPUT -p udp -m udp --dport 6000: -j ACCEPT"}) {
    INFO(rule);
    CHECK(of_iptables({rule}) == severity::ok);
  }
  for (const auto* rule :
       {"-A INPUT -p tcp -m tcp --dport 6666 -j ACCEPT", "-A OUTPUT -p udp -m udp --dport 6666 -j ACCEPT",
        "-A FORWARD -p udp -m udp --dport 6666 -j ACCEPT", "-A INPUT -p udp -m udp --sport 6666 -j ACCEPT",
        "-A INPUT -i lo -j ACCEPT", "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-A INPUT -p udp -m udp --dport 6666 -j LOG --log-prefix \"ACCEPT \"", "-A INPUT ! -p udp -j ACCEPT",
        "-A INPUT -p udp -m udp --dport 6000:6665 -j ACCEPT"}) {
    INFO(rule);
    CHECK(of_iptables({rule}) == severity::warning);
  }
}

TEST_CASE("a rule that drops what goes to the port counts before those after it") {
  for (const auto* rule : {"udp dport 6666 drop", "udp dport { 514, 6666 } reject",
                           "udp dport 6000-7000 counter packets 0 bytes 0 drop", "meta l4proto udp drop",
                           "ip saddr 10.0.0.0/8 udp dport 6666 drop", "udp dport vmap { 6666 : drop }"}) {
    INFO(rule);
    CHECK(of_nft({rule, "udp dport 6666 accept"}, "accept") == severity::warning);
    CHECK(of_nft({"udp dport 6666 accept", rule}, "accept") == severity::ok);
  }
  for (const auto* rule :
       {"tcp dport 6666 drop", "udp dport 53 drop", "ct state invalid drop", "udp dport 6666 counter"})
    CHECK(of_nft({rule}, "accept") == severity::ok);
  for (const auto* rule : {"-A INPUT -p udp -m udp --dport 6666 -j DROP",
                           "-A INPUT -p udp -j REJECT --reject-with icmp-port-unreachable",
                           "-A INPUT -s 10.0.0.0/8 -p udp -m multiport --dports 514,6666 -j DROP"}) {
    INFO(rule);
    CHECK(of_iptables({rule}, "ACCEPT") == severity::warning);
  }
  CHECK(of_iptables({"-A OUTPUT -p udp -m udp --dport 6666 -j DROP"}, "ACCEPT") == severity::ok);
  CHECK(of_iptables({"-A INPUT -p tcp -m tcp --dport 6666 -j DROP"}, "ACCEPT") == severity::ok);
  auto known = working_receiver();
  known.firewall = lines{"*raw", "-A PREROUTING -p udp -m udp --dport 6666 -j DROP", "COMMIT"};
  CHECK(find(known, check::firewall)->remedy ==
        "iptables -t raw -I PREROUTING -p udp --dport 6666 -j ACCEPT");
}

TEST_CASE("a set with a name is read where the rules are") {
  // As nft 1.0 lists them: sets before the chains, long ones over several lines.
  const auto of_set = [](const lines& set, const std::string& rule) {
    lines all{"table inet filter {"};
    for (const auto& line : set) all.push_back("\t" + line);
    all.insert(all.end(), {"\tchain input {", "\t\ttype filter hook input priority filter; policy drop;",
                           rule, "\t}", "}"});
    auto known = working_receiver();
    known.firewall = all;
    return find(known, check::firewall)->severity;
  };
  const lines ports{"set ports {",           "\ttype inet_service",
                    "\tflags interval",      "\telements = { 53, 6000-6010,",
                    "\t\t     6666, 8000 }", "}"};
  CHECK(of_set(ports, "udp dport @ports accept") == severity::ok);
  CHECK(of_set(ports, "udp dport != @ports accept") == severity::warning);
  CHECK(of_set(ports, "udp dport @others accept") == severity::unknown);
  CHECK(of_set({"set ports {", "elements = { 53, 6660-6665 }", "}"}, "udp dport @ports accept") ==
        severity::warning);
  CHECK(of_set({"set ports {", "type inet_service", "}"}, "udp dport @ports accept") == severity::warning);
  for (const auto* element : {"6666 expires 59m59s992ms", "6666 counter packets 0 bytes 0",
                              "22 comment \"a, b\", 6666 comment \"netconsole\"", "6000-7000 counter"}) {
    INFO(element);
    CHECK(of_set({"set ports {", "elements = { " + std::string{element} + " }", "}"},
                 "udp dport @ports accept") == severity::ok);
  }
  const lines map{"map verdicts {", "type inet_service : verdict",
                  "elements = { 22 : drop, 53 : jump more, 6666 : accept }", "}"};
  CHECK(of_set(map, "udp dport vmap @verdicts") == severity::ok);
  CHECK(of_set({"map verdicts {", "elements = { 22 : accept }", "}"}, "udp dport vmap @verdicts") ==
        severity::warning);
  // Each table has its own.
  lines two{"table ip other {"};
  two.insert(two.end(),
             {"set ports {", "elements = { 6666 }", "}", "}", "table inet filter {", "chain input {",
              "type filter hook input priority filter; policy drop;", "udp dport @ports accept", "}", "}"});
  auto known = working_receiver();
  known.firewall = two;
  CHECK(find(known, check::firewall)->severity == severity::unknown);
}

TEST_CASE("what depends on more than the port is not known") {
  for (const auto* rule : {"ip saddr 10.0.0.0/8 udp dport 6666 accept",
                           "iifname \"eth0\" udp dport 6666 accept", "udp dport @open accept"})
    CHECK(of_nft({rule}) == severity::unknown);
  CHECK(of_iptables({"-A INPUT -s 10.0.0.0/8 -p udp -m udp --dport 6666 -j ACCEPT"}) == severity::unknown);
}

TEST_CASE("what no other element of a set or map has is the packets of *") {
  for (const auto* rule : {"udp dport vmap { 53 : accept, * : drop }",
                           "ct state vmap { established : accept, * counter packets 0 bytes 0 : drop }",
                           "meta l4proto . th dport vmap { udp . 53 : accept, * : drop }"}) {
    INFO(rule);
    CHECK(of_nft({rule}, "accept") == severity::warning);
  }
  CHECK(of_nft({"udp dport vmap { 6666 : accept, * : drop }"}) == severity::ok);
  CHECK(of_nft({"udp dport { 53, * } accept"}) == severity::ok);
  CHECK(of_nft({"udp dport != { 53, * } accept"}) == severity::warning);
  CHECK(of_nft({"iifname vmap { \"eth0\" : accept, * : drop }"}, "accept") == severity::unknown);
}

TEST_CASE("each part of a key is compared") {
  CHECK(of_nft({"meta l4proto . th dport { tcp . 53, udp . 6666 } accept"}) == severity::ok);
  CHECK(of_nft({"meta l4proto . th dport != { tcp . 6666, udp . 53 } accept"}) == severity::ok);
  CHECK(of_nft({"meta l4proto . th dport { tcp . 6666, udp . 53 } accept"}) == severity::warning);
  CHECK(of_nft({"meta l4proto . th dport { udp . 6666 } drop"}, "accept") == severity::warning);
  CHECK(of_nft({"meta l4proto . th dport { tcp . 6666 } drop"}, "accept") == severity::ok);
  CHECK(of_nft({"iifname . udp dport { \"lo\" . 6666, \"eth0\" . 53 } accept"}) == severity::warning);
  CHECK(of_nft({"iifname . ip saddr . udp dport { \"eth0\" . 10.0.0.1 . 6666 } accept"}) ==
        severity::unknown);
}

TEST_CASE("a chain that both programs print is that of iptables") {
  auto known = working_receiver();
  const lines nft{"# Warning: table ip filter is managed by iptables-nft, do not touch!",
                  "table ip filter {",
                  "chain INPUT {",
                  "type filter hook input priority filter; policy drop;",
                  "meta l4proto udp xt match \"multiport\" counter packets 0 bytes 0 accept",
                  "}",
                  "}"};
  const lines iptables{"# Generated by iptables-save v1.8.9 (nf_tables) on Mon", "*filter",
                       ":INPUT DROP [0:0]", "-A INPUT -p udp -m multiport --dports 53,6666 -j ACCEPT",
                       "COMMIT"};
  lines both{nft};
  both.insert(both.end(), iptables.begin(), iptables.end());
  known.firewall = both;
  CHECK(find(known, check::firewall)->severity == severity::ok);
  known.firewall = nft;
  CHECK(find(known, check::firewall)->severity == severity::warning);
  // Those of an older kind are others.
  both[nft.size()] = "# Generated by iptables-save v1.8.9 on Mon";
  known.firewall = both;
  CHECK(find(known, check::firewall)->severity == severity::warning);
}

TEST_CASE("a map of many verdicts is read at once") {
  constexpr int many = 100'000;  // of which each could be a rule with a copy of this line
  std::string rule = "ip saddr vmap { 10.9.9.9 : drop";
  for (int i = 0; i < many; ++i)
    rule += ", 10." + std::to_string(i / 10'000) + '.' + std::to_string(i / 100 % 100) + '.' +
            std::to_string(i % 100) + " : drop";
  CHECK(of_nft({rule + " }"}, "accept") == severity::unknown);
}

TEST_CASE("a rule that lets a network or a device in lets some packets in") {
  for (const auto* rule :
       {"ip saddr 10.0.0.0/8 accept", "iifname \"eth0\" accept", "ip saddr @machines accept",
        "iifname { \"lo\", \"eth0\" } accept", "iifname vmap { \"lo\" : accept, \"eth0\" : accept }",
        "ip saddr . udp dport { 10.0.0.1 . 6666, 10.0.0.1 . 53 } accept",
        "udp dport . ip saddr { 6666 . 10.0.0.1 } accept", "ip saddr . udp dport @machines accept",
        "ip daddr 10.0.0.1 accept", "ip saddr 10.0.0.0/8 ip daddr != 10.0.0.9 accept",
        "ip saddr . ip daddr { 10.0.0.2 . 10.0.0.1 } accept", "meta pkttype host accept"}) {
    INFO(rule);
    CHECK(of_nft({rule}) == severity::unknown);
    CHECK(of_nft({rule, "udp dport 6666 drop"}, "accept") == severity::unknown);
    CHECK(of_nft({"udp dport 6666 drop", rule}) == severity::warning);
  }
  for (const auto* rule :
       {"-A INPUT -s 10.0.0.0/8 -j ACCEPT", "-A INPUT -i eth0 -j ACCEPT",
        "-A INPUT -m set --match-set machines src -j ACCEPT", "-A INPUT ! -s 10.9.0.0/16 -j ACCEPT",
        "-A INPUT -d 10.0.0.1/32 -p udp -j ACCEPT", "-A INPUT -m pkttype --pkt-type unicast -j ACCEPT",
        "-A INPUT -m iprange --src-range 10.0.0.1-10.0.0.9 -j ACCEPT"}) {
    INFO(rule);
    CHECK(of_iptables({rule}) == severity::unknown);
  }
  // What depends on more than the sender may have nothing to do with the port.
  for (const auto* rule :
       {"ip saddr 10.0.0.1 udp sport 53 accept", "iifname \"lo\" accept",
        "iifname \"eth0\" ct state established,related accept", "ip saddr 127.0.0.0/8 accept",
        "ip daddr 224.0.0.0/4 accept", "ip daddr 255.255.255.255 accept", "ip daddr 127.0.0.1 accept",
        "ip saddr . udp dport { 10.0.0.1 . 53 } accept", "ip saddr 10.0.0.1 tcp dport 6666 accept",
        "ip saddr . tcp dport { 10.0.0.1 . 6666 } accept"}) {
    INFO(rule);
    CHECK(of_nft({rule}) == severity::warning);
  }
}

TEST_CASE("a rule that keeps a network or a device out keeps some packets out") {
  for (const auto* rule : {"ip saddr 10.0.0.0/8 drop", "iifname \"eth0\" drop", "ip saddr @bad reject",
                           "ip daddr 10.0.0.1 drop", "ip saddr . ip daddr { 10.0.0.2 . 10.0.0.1 } drop",
                           "iifname vmap { \"lo\" : accept, \"eth0\" : drop }"}) {
    INFO(rule);
    CHECK(of_nft({rule}, "accept") == severity::unknown);
    CHECK(of_nft({rule, "udp dport 6666 accept"}) == severity::unknown);
    CHECK(of_nft({"udp dport 6666 accept", rule}) == severity::ok);
    CHECK(of_nft({rule}) == severity::warning);
  }
  CHECK(of_iptables({"-A INPUT -m set --match-set bad src -j DROP"}, "ACCEPT") == severity::unknown);
  CHECK(of_nft({"ip saddr 10.0.0.0/8 tcp dport 22 drop", "ip saddr 127.0.0.0/8 drop"}, "accept") ==
        severity::ok);
}

TEST_CASE("without a MAC address netconsole sends to all, which a rule may drop") {
  for (const auto* rule : {"meta pkttype broadcast drop", "meta pkttype { broadcast, multicast } drop",
                           "meta pkttype != host reject"}) {
    INFO(rule);
    CHECK(of_nft({rule}, "accept") == severity::unknown);
    CHECK(of_nft({rule, "udp dport 6666 accept"}) == severity::unknown);
  }
  CHECK(of_nft({"meta pkttype multicast drop"}, "accept") == severity::ok);
  auto known = working_receiver();
  known.firewall =
      lines{"*filter", ":INPUT ACCEPT [0:0]", "-A INPUT -m pkttype --pkt-type broadcast -j DROP"};
  const auto found = *find(known, check::firewall);
  CHECK(found.severity == severity::unknown);
  CHECK(found.evidence.ends_with(
      "by whom their frames are for: without a MAC address netconsole sends to all"));
}

TEST_CASE("a chain without a name is followed, and the rules behind it count") {
  const auto of = [](const std::string& inner, const std::string& behind, const std::string& how = "jump") {
    return of_nft({"udp dport 6666 " + how + " {", inner, "} comment \"x\"", behind}, "accept");
  };
  CHECK(of("drop", "") == severity::warning);
  CHECK(of("tcp dport 22 drop", "") == severity::ok);
  CHECK(of("tcp dport 22 drop", "udp dport 6666 drop") == severity::warning);
  CHECK(of("accept", "udp dport 6666 drop") == severity::ok);
  CHECK(of("ct state established drop", "udp dport 6666 drop", "goto") == severity::ok);
  CHECK(of_nft({"ct state new goto {", "udp dport 53 jump {", "accept", "}", "udp dport 6666 accept", "}"}) ==
        severity::ok);
}

TEST_CASE("packets that a program decides on may come or not") {
  CHECK(of_nft({"udp dport 6666 queue to 0"}, "accept") == severity::unknown);
  CHECK(of_nft({"queue flags bypass,fanout to 1-3"}, "accept") == severity::unknown);
  CHECK(of_nft({"iifname \"eth0\" queue to 0"}, "accept") == severity::unknown);
  CHECK(of_nft({"udp dport 53 queue to 0"}, "accept") == severity::ok);
  auto known = working_receiver();
  known.firewall = lines{"*filter", ":INPUT ACCEPT [0:0]", "-A INPUT -j NFQUEUE --queue-num 0"};
  CHECK(find(known, check::firewall)->severity == severity::unknown);
  CHECK(find(known, check::firewall)->evidence ==
        "'-A INPUT -j NFQUEUE --queue-num 0' has a program decide on packets to the port");
  known.firewall = lines{"*nat", ":PREROUTING ACCEPT [0:0]",
                         "-A PREROUTING -i eth0 -p udp -j DNAT --to-destination 10.0.0.9"};
  CHECK(find(known, check::firewall)->severity == severity::unknown);
  CHECK(find(known, check::firewall)->evidence.find("' sends some packets elsewhere, by where") !=
        std::string::npos);
}

TEST_CASE("packets that are not tracked have no state but that") {
  const auto of = [](const std::string& priority, const std::string& raw, const std::string& rule) {
    auto known = working_receiver();
    known.firewall = lines{"table inet t {",
                           "chain raw {",
                           "type filter hook prerouting priority " + priority + "; policy accept;",
                           raw,
                           "}",
                           "chain in {",
                           "type filter hook input priority filter; policy drop;",
                           rule};
    return find(known, check::firewall)->severity;
  };
  for (const auto* priority : {"raw", "raw + 10", "-250"}) {
    INFO(priority);
    CHECK(of(priority, "udp dport 6666 notrack", "ct state new accept") == severity::warning);
    CHECK(of(priority, "udp dport 6666 notrack", "ct state untracked accept") == severity::ok);
    CHECK(of(priority, "udp dport 53 notrack", "ct state new accept") == severity::ok);
    CHECK(of(priority, "udp dport 53 notrack", "ct state untracked accept") == severity::warning);
    CHECK(of(priority, "ip saddr 10.0.0.0/8 notrack", "ct state new accept") != severity::ok);
  }
  CHECK(of("mangle", "udp dport 6666 notrack", "ct state new accept") == severity::ok);
  for (const auto* rule : {"-A PREROUTING -p udp -m udp --dport 6666 -j CT --notrack",
                           "-A PREROUTING -p udp -m udp --dport 6666 -j NOTRACK"}) {
    INFO(rule);
    lines rules{"*raw",    ":PREROUTING ACCEPT [0:0]", rule,
                "*filter", ":INPUT DROP [0:0]",        "-A INPUT -p udp -m state --state NEW -j ACCEPT"};
    auto known = working_receiver();
    known.firewall = rules;
    CHECK(find(known, check::firewall)->severity == severity::warning);
    rules.back() = "-A INPUT -p udp -m conntrack --ctstate NEW,UNTRACKED -j ACCEPT";
    known.firewall = rules;
    CHECK(find(known, check::firewall)->severity == severity::ok);
  }
}

TEST_CASE("a source port or a group of devices is where packets come from") {
  for (const auto* rule : {"udp sport 6665", "udp sport { 53, 6660-6670 }", "udp sport > 1024",
                           "iifgroup \"default\"", "meta iifgroup { 1, 2 }"}) {
    INFO(rule);
    CHECK(of_nft({std::string{rule} + " accept"}) == severity::unknown);
    CHECK(of_nft({std::string{rule} + " drop"}, "accept") == severity::unknown);
  }
  for (const auto* rule : {"udp sport 53", "th sport 1-100", "oif \"lo\"", "oifgroup 1", "oifgroup != 1"}) {
    INFO(rule);
    CHECK(of_nft({std::string{rule} + " accept"}) == severity::warning);
    CHECK(of_nft({std::string{rule} + " drop"}, "accept") == severity::ok);
  }
  CHECK(of_nft({"oifname != \"lo\" drop"}, "accept") == severity::warning);
  CHECK(of_iptables({"-A INPUT -p udp -m udp --sport 6665 -j ACCEPT"}) == severity::unknown);
  CHECK(of_iptables({"-A INPUT -m devgroup --src-group 0x1 -j ACCEPT"}) == severity::unknown);
}

TEST_CASE("what a rule changes is no condition") {
  for (const auto* change : {"meta mark set 0x00000001", "ct mark set 0x1 log prefix \"x\"", "notrack",
                             "add @seen { ip saddr }", "update @seen { ip saddr timeout 1m }"}) {
    INFO(change);
    CHECK(of_nft({"udp dport 6666 " + std::string{change} + " accept"}) == severity::ok);
  }
  CHECK(of_nft({"udp dport 6666 add @seen { ip saddr limit rate 9/second } accept"}) == severity::unknown);
  CHECK(of_nft({"udp dport 6666 meta mark 0x00000001 accept"}) == severity::unknown);
}

TEST_CASE("what a bridge or one device lets in says little of the others") {
  const auto of = [](const std::string& chain, const std::string& rule) {
    auto known = working_receiver();
    lines rules{chain.substr(0, chain.find(':')) + " {", "chain in {", chain.substr(chain.find(':') + 1)};
    if (!rule.empty()) rules.push_back(rule);
    known.firewall = rules;
    return find(known, check::firewall)->severity;
  };
  const std::string bridge_chain = "table bridge b:type filter hook input priority filter; policy drop;";
  const std::string device_chain =
      "table netdev n:type filter hook ingress device \"eth0\" priority filter; policy drop;";
  const std::string other_devices =
      "table inet t:type filter hook ingress devices = { \"eth0\", \"wg0\" } priority filter; policy drop;";
  for (const auto& chain : {bridge_chain, device_chain, other_devices}) {
    INFO(chain);
    CHECK(of(chain, "") == severity::unknown);
    CHECK(of(chain, "meta l4proto udp drop") == severity::unknown);
    CHECK(of(chain, "udp dport 6666 drop") == severity::warning);
    CHECK(of(chain, "accept") == severity::ok);
  }
  for (const auto* devices : {"device \"lo\"", "devices = { \"lo\" }"})
    CHECK(
        of("table inet t:type filter hook ingress " + std::string{devices} + " priority filter; policy drop;",
           "") == severity::ok);
}

TEST_CASE("what another machine sends does not come from this one, and belongs to no connection") {
  for (const auto* rule : {"iifname != \"lo\" drop", "ct state != established,related drop",
                           "ct state new drop", "ct state vmap { established : accept, new : drop }"}) {
    INFO(rule);
    CHECK(of_nft({rule, "udp dport 6666 accept"}, "accept") == severity::warning);
  }
  for (const auto* rule : {"iifname \"lo\" drop", "iifname != \"lo\" ip saddr 127.0.0.0/8 drop",
                           "ct state vmap { invalid : drop, established : accept }"}) {
    INFO(rule);
    CHECK(of_nft({rule}, "accept") == severity::ok);
  }
  CHECK(of_nft({"fib daddr type != local return", "accept"}) == severity::ok);
  CHECK(of_iptables({"-A INPUT -m addrtype ! --dst-type LOCAL -j RETURN", "-A INPUT -j ACCEPT"}) ==
        severity::ok);
  CHECK(of_iptables({"-A INPUT ! -i lo -j DROP"}, "ACCEPT") == severity::warning);
  CHECK(of_iptables({"-A INPUT -s 127.0.0.0/8 ! -i lo -j DROP"}, "ACCEPT") == severity::ok);
}

TEST_CASE("a map of verdicts is followed by what it looks at") {
  const lines more{"}", "chain more {", "udp dport 6666 accept"};
  const auto with_more = [&](const std::string& rule) {
    lines all{rule};
    all.insert(all.end(), more.begin(), more.end());
    return of_nft(all);
  };
  for (const auto* rule :
       {"meta l4proto vmap { tcp : drop, udp : jump more }", "meta l4proto vmap { udp : goto more }",
        "ct state vmap { invalid : drop, established : accept, new : jump more }",
        "udp dport vmap { 6000-7000 : jump more }"}) {
    INFO(rule);
    CHECK(with_more(rule) == severity::ok);
  }
  CHECK(with_more("iifname vmap { \"lo\" : accept, \"eth0\" : jump more }") == severity::unknown);
  CHECK(with_more("meta l4proto vmap { tcp : jump more }") == severity::warning);
  CHECK(with_more("iif . udp dport vmap { \"eth0\" . 53 : jump more }") == severity::warning);
  CHECK(with_more("iif . udp dport vmap { \"eth0\" . 6666 : jump more }") == severity::unknown);
  // The form of nft's own example for a server.
  const auto both = with_more("meta protocol vmap { ip : jump more, ip6 : jump more }");
  CHECK(both == severity::ok);
  auto known = working_receiver();
  known.firewall = lines{"table inet filter {",
                         "chain input {",
                         "type filter hook input priority filter; policy drop;",
                         "meta protocol vmap { ip : accept, ip6 : drop }",
                         "}",
                         "}"};
  CHECK(find(known, check::firewall)->evidence.starts_with("over IPv6 '"));
}

TEST_CASE("a rule for IPv4 says nothing of IPv6, which counts where the receiver has it") {
  auto known = working_receiver();
  for (const auto* rule : {"ip protocol udp udp dport 6666 accept", "meta nfproto ipv4 udp dport 6666 accept",
                           "ip protocol vmap { udp : accept }"}) {
    INFO(rule);
    known.firewall = lines{"table inet filter {",
                           "chain input {",
                           "type filter hook input priority filter; policy drop;",
                           rule,
                           "}",
                           "}"};
    known.holders = std::vector<port_holder>{{.local = {ipv6_address{}, port{6666}}}};
    const auto found = find(known, check::firewall);
    CHECK(found->severity == severity::warning);
    CHECK(found->evidence.starts_with("over IPv6 '"));
    known.holders = std::vector<port_holder>{{.local = {ipv4_address{}, port{6666}}}};
    CHECK(find(known, check::firewall)->severity == severity::ok);
  }
}

TEST_CASE("conditions stand behind what a rule logs, too") {
  for (const auto* log :
       {"log", "log prefix \"accept \"", "log prefix \"a\" level info flags all",
        "log flags tcp sequence,options flags ip options flags skuid", "log group 2 snaplen 64"}) {
    INFO(log);
    CHECK(of_nft({std::string{log} + " udp dport 6666 accept"}) == severity::ok);
    CHECK(of_nft({std::string{log} + " udp dport 53 accept"}) == severity::warning);
    CHECK(of_nft({std::string{log} + " tcp dport 22 drop"}, "accept") == severity::ok);
  }
}

TEST_CASE("the zones of firewalld") {
  const auto judge = [](const std::string& public_rule, const std::string& trusted_rule) {
    return of_nft({"ct state { established, related } accept",
                   "iifname \"lo\" accept",
                   "ct state invalid drop",
                   "jump zones",
                   "reject with icmpx admin-prohibited",
                   "}",
                   "chain zones {",
                   "iifname \"eth1\" goto in_trusted",
                   "iifname \"eth0\" goto in_public",
                   "goto in_public",
                   "}",
                   "chain in_public {",
                   "jump in_public_allow",
                   "meta l4proto { icmp, ipv6-icmp } accept",
                   "}",
                   "chain in_public_allow {",
                   "tcp dport 22 accept",
                   public_rule,
                   "}",
                   "chain in_trusted {",
                   trusted_rule},
                  "accept");
  };
  CHECK(judge("udp dport 6666 accept", "accept") == severity::ok);
  CHECK(judge("udp dport 6666 accept", "tcp dport 22 accept") == severity::unknown);
  CHECK(judge("udp dport 53 accept", "accept") == severity::unknown);
  CHECK(judge("udp dport 53 accept", "tcp dport 22 accept") == severity::warning);
}

TEST_CASE("what some senders' packets leave, those of others may be accepted by") {
  CHECK(of_nft({"iifname \"eth1\" return", "ip saddr 10.0.0.0/8 accept"}) == severity::unknown);
  CHECK(of_nft({"iifname \"eth1\" return", "accept"}) == severity::unknown);
  CHECK(of_nft({"iifname \"eth1\" return", "drop"}, "accept") == severity::unknown);
  CHECK(of_nft({"iifname \"eth1\" goto more", "drop", "}", "chain more {"}, "accept") == severity::unknown);
}

TEST_CASE("ports are compared") {
  CHECK(of_nft({"udp dport >= 1024 accept"}) == severity::ok);
  CHECK(of_nft({"udp dport > 6665 accept"}) == severity::ok);
  CHECK(of_nft({"udp dport < 6666 accept"}) == severity::warning);
  CHECK(of_nft({"udp dport > 1024 drop"}, "accept") == severity::warning);
  CHECK(of_nft({"udp dport <= 6665 drop"}, "accept") == severity::ok);
}

TEST_CASE("the text of a comment or of a table's owner is none of the rules") {
  CHECK(of_iptables({R"(-A INPUT -p tcp -m comment --comment "a \"b\" -j DROP" -j ACCEPT)"}, "ACCEPT") ==
        severity::ok);
  CHECK(of_iptables({R"(-A INPUT -p udp -m comment --comment "a \"b\" -j DROP" -j ACCEPT)"}) == severity::ok);
  // As nft 1.0.6 shows a table that firewalld 2.1 owns, behind one that it does not.
  auto known = working_receiver();
  known.firewall = lines{"table ip6 other {",
                         "}",
                         "table inet firewalld { # progname firewalld",
                         "\tflags owner,persist",
                         "\tchain filter_INPUT {",
                         "\t\ttype filter hook input priority filter + 10; policy accept;",
                         "\t\treject with icmpx admin-prohibited",
                         "\t}",
                         "}"};
  const auto found = find(known, check::firewall);
  CHECK(found->severity == severity::warning);
  CHECK(found->evidence.starts_with('\''));
  CHECK(found->remedy == "firewall-cmd --add-port=6666/udp");
  known.firewall = lines{"table inet filter {",
                         "\tflags dormant",
                         "\tchain input {",
                         "\t\ttype filter hook input priority filter; policy drop;",
                         "\t}",
                         "}"};
  CHECK(find(known, check::firewall)->severity == severity::ok);
  known.firewall = lines{"table arp filter {", "\tchain INPUT {",
                         "\t\ttype filter hook input priority filter; policy drop;", "\t}", "}"};
  CHECK(find(known, check::firewall)->severity == severity::ok);
}

TEST_CASE("the tables of iptables are of one family and of one kind each") {
  const lines open{"*filter", ":INPUT DROP [0:0]", "-A INPUT -p udp -m udp --dport 6666 -j ACCEPT", "COMMIT"},
      closed{"*filter", ":INPUT DROP [0:0]", "COMMIT"};
  const auto judge = [&](const std::string& first, const std::string& second) {
    lines all{first};
    all.insert(all.end(), open.begin(), open.end());
    all.push_back(second);
    all.insert(all.end(), closed.begin(), closed.end());
    auto known = working_receiver();
    known.firewall = all;
    return *find(known, check::firewall);
  };
  const auto over_ipv6 =
      judge("# Generated by iptables-save v1.8.9 on Mon", "# Generated by ip6tables-save v1.8.9 on Mon");
  CHECK(over_ipv6.evidence.starts_with("over IPv6 '"));
  CHECK(over_ipv6.remedy == "ip6tables -I INPUT -p udp --dport 6666 -j ACCEPT");
  const auto older = judge("# Generated by iptables-save v1.8.9 (nf_tables) on Mon",
                           "# Generated by iptables-save v1.8.9 on Mon");
  CHECK(older.severity == severity::warning);
}

TEST_CASE("packets that are sent on to a container are not let in or kept out here") {
  for (const auto* policy : {"ACCEPT", "DROP"})
    for (const auto* rule :
         {"-A PREROUTING -p udp -m udp --dport 6666 -j REDIRECT --to-ports 7777",
          "-A DOCKER ! -i docker0 -p udp -m udp --dport 6666 -j DNAT --to-destination 172.17.0.2:6666"}) {
      INFO(rule);
      auto known = working_receiver();
      known.firewall = lines{"*nat",
                             ":PREROUTING ACCEPT [0:0]",
                             "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
                             rule,
                             "COMMIT",
                             "*filter",
                             std::string{":INPUT "} + policy + " [0:0]",
                             "COMMIT"};
      const auto found = find(known, check::firewall);
      CHECK(found->severity == severity::unknown);
      CHECK(found->evidence.find("elsewhere") != std::string::npos);
    }
  const lines nat{"}", "chain nat {", "type nat hook prerouting priority dstnat; policy accept;"};
  for (const auto& [rule, how] :
       {std::pair{"udp dport 6666 counter packets 0 bytes 0 redirect to :7777", severity::unknown},
        std::pair{"udp dport 53 dnat to 172.17.0.2:6666", severity::ok},
        std::pair{"dnat to udp dport map { 53 : 10.0.0.2 }", severity::ok}}) {
    INFO(rule);
    auto rules = nat;
    rules.emplace_back(rule);
    CHECK(of_nft(rules, "accept") == how);
  }
}

TEST_CASE("chains are followed from where packets come in") {
  CHECK(of_nft({"jump more", "}", "chain more {", "udp dport 6666 accept"}) == severity::ok);
  CHECK(of_nft({"iifname \"eth0\" jump more", "}", "chain more {", "udp dport 6666 accept"}) ==
        severity::unknown);
  CHECK(of_nft({"tcp dport 22 jump more", "}", "chain more {", "udp dport 6666 accept"}) ==
        severity::warning);
  CHECK(of_nft({"}", "chain more {", "udp dport 6666 accept"}) == severity::warning);
  CHECK(of_nft({"goto more", "accept", "}", "chain more {", "udp dport 53 accept"}) == severity::warning);
  CHECK(of_nft({"jump more", "accept", "}", "chain more {", "udp dport 53 drop", "return", "drop"}) ==
        severity::ok);
  CHECK(of_nft({"jump more", "}", "chain more {", "jump more", "jump more"}) ==
        severity::warning);  // and ends
  CHECK(of_iptables({"-A INPUT -j more", "-A more -p udp -m udp --dport 6666 -j ACCEPT"}) == severity::ok);
  CHECK(of_iptables({"-A more -p udp -m udp --dport 6666 -j ACCEPT"}) == severity::warning);
  // As ufw has it: what is for this machine leaves a chain that drops the rest.
  const auto not_local = [](const std::string& leaves, bool is_open, const std::string& policy) {
    lines all{"-A INPUT -j not-local", "-A INPUT -j user", "-A not-local " + leaves, "-A not-local -j DROP"};
    if (is_open) all.emplace_back("-A user -p udp -m udp --dport 6666 -j ACCEPT");
    return of_iptables(all, policy);
  };
  const std::string is_local = "-m addrtype --dst-type LOCAL -j RETURN", is_of_device = "-i eth0 -j RETURN";
  for (const auto* policy : {"DROP", "ACCEPT"}) {
    CHECK(not_local(is_local, true, policy) == severity::ok);
    CHECK(not_local(is_of_device, true, policy) == severity::unknown);
  }
  CHECK(not_local(is_local, false, "DROP") == severity::warning);
  CHECK(not_local(is_of_device, false, "DROP") == severity::warning);
  CHECK(of_nft({"jump more", "udp dport 6666 accept", "}", "chain more {", "fib daddr type local return",
                "drop"}) == severity::ok);
  auto known = working_receiver();
  lines both{"table ip filter {",
             "chain INPUT {",
             "type filter hook input priority filter; policy drop;",
             "udp dport 6666 accept",
             "}",
             "}"};
  both.insert(both.end(), {"table ip6 filter {", "chain INPUT {",
                           "type filter hook input priority filter; policy drop;", "}", "}"});
  known.firewall = both;
  const auto found = find(known, check::firewall);
  CHECK(found->severity == severity::warning);
  CHECK(found->evidence.starts_with("over IPv6 '"));
  CHECK(found->remedy == "nft insert rule ip6 filter INPUT udp dport 6666 accept");
}

}  // namespace netcon::doctor
