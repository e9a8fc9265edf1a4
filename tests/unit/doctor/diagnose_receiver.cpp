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

TEST_CASE("a line of a firewall without a name is no reason to stop") {
  for (const auto* line : {"table {", "chain {", "set {", "map {", "table  {", ":", "-A", "elements = {"}) {
    auto known = working();
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
  auto known = working();
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
    auto known = working();
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
  auto known = working();
  known.firewall = all;
  return find(known, check::firewall)->severity;
}

severity of_iptables(const lines& rules, std::string policy = "DROP") {
  lines all{"*filter", ":INPUT " + policy + " [0:0]", ":OUTPUT ACCEPT [0:0]"};
  all.insert(all.end(), rules.begin(), rules.end());
  all.push_back("COMMIT");
  auto known = working();
  known.firewall = all;
  return find(known, check::firewall)->severity;
}

}  // namespace

TEST_CASE("only a rule for UDP to the port, in a chain of what comes in, lets it in") {
  for (const auto* rule :
       {"udp dport 6666 accept", "udp dport { 514, 6666 } accept", "udp dport 6000-7000 accept",
        "udp dport { 53, 6660-6669 } counter packets 0 bytes 0 accept", "udp dport ircu accept",
        "meta l4proto udp accept", "meta l4proto { tcp, udp } th dport 6666 accept", "accept",
        "ip protocol udp udp dport 6666 accept", "udp dport != 53 accept",
        "ct state new udp dport 6666 accept", "udp dport vmap { 53 : accept, 6666 : accept }",
        "udp dport 6666 log prefix \"drop it\" accept",
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
  auto known = working();
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
    auto known = working();
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
  auto known = working();
  known.firewall = two;
  CHECK(find(known, check::firewall)->severity == severity::unknown);
}

TEST_CASE("what depends on more than the port is not known") {
  for (const auto* rule : {"ip saddr 10.0.0.0/8 udp dport 6666 accept",
                           "iifname \"eth0\" udp dport 6666 accept", "udp dport @open accept"})
    CHECK(of_nft({rule}) == severity::unknown);
  CHECK(of_iptables({"-A INPUT -s 10.0.0.0/8 -p udp -m udp --dport 6666 -j ACCEPT"}) == severity::unknown);
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
  for (const auto* leaves :
       {"-A not-local -m addrtype --dst-type LOCAL -j RETURN", "-A not-local -i eth0 -j RETURN"}) {
    const lines before{"-A INPUT -j not-local", "-A INPUT -j user", leaves, "-A not-local -j DROP"};
    auto open = before;
    open.emplace_back("-A user -p udp -m udp --dport 6666 -j ACCEPT");
    CHECK(of_iptables(open) == severity::ok);
    CHECK(of_iptables(open, "ACCEPT") == severity::ok);
    CHECK(of_iptables(before) == severity::warning);
  }
  CHECK(of_nft({"jump more", "udp dport 6666 accept", "}", "chain more {", "fib daddr type local return",
                "drop"}) == severity::ok);
  auto known = working();
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
