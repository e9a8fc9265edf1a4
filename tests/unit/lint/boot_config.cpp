// SPDX-License-Identifier: MIT
#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/lint_config.hpp>
#include <netcon/lint/render.hpp>
#include <netcon/lint/text_lines.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace netcon;

namespace {

std::vector<std::string> values(std::string_view text, config_format format) {
  std::vector<std::string> all;
  for (const auto& one : find_parameters(text, format))
    all.push_back((one.for_module ? "module " : "") + one.value.text());
  return all;
}

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("the kernel's own splitting: double quotes only") {
  const auto of = [](std::string_view text) { return values(text, config_format::cmdline); };
  CHECK(of("BOOT_IMAGE=/vmlinuz root=/dev/sda1 netconsole=@/,@10.0.0.2/ quiet\n") ==
        strings{"@/,@10.0.0.2/"});
  CHECK(of("netconsole=\"a;b c\" x") == strings{"a;b c"});
  CHECK(of("\"netconsole=a b\" x") == strings{"a b"});
  CHECK(of("netconsole='a b'") == strings{"'a"});
  CHECK(of("netconsole=@/\"eth0\",@10.0.0.2/") == strings{"@/\"eth0\",@10.0.0.2/"});
  CHECK(of("netconsole=@/\"e 0\",x") == strings{"@/\"e 0\",x"});
  CHECK(of("netconsole=\"a\"b") == strings{"a\"b"});
  CHECK(of("netconsole.netconsole=x netconsole=y netconsole_x=z xnetconsole=q netconsole") ==
        strings{"module x", "y"});
  CHECK(of("netconsole= quiet") == strings{""});
  CHECK(of("netconsole=x -- netconsole=y") == strings{"x"});
  CHECK(of("netconsole=x \"--\" netconsole=y") == strings{"x"});
  CHECK(of("\"netconsole=\"x\"\"") == strings{"x\""});
  CHECK(of("netconsole=\"") == strings{""});
  CHECK(of("").empty());
  CHECK(of("a=\"netconsole=x\"").empty());
}

TEST_CASE("every byte has its place") {
  const std::string_view text = "quiet netconsole=\"@/,@10.0.0.2/\" x";
  const auto one = find_parameters(text, config_format::cmdline).at(0);
  for (std::uint32_t i = 0; i < one.value.text().size(); ++i) {
    const auto place = one.value.place_of({i, i + 1});
    CHECK(text.substr(place.begin, place.size()) == std::string_view{one.value.text()}.substr(i, 1));
  }
  CHECK(one.value.place_of({13, 13}) == text_range{31, 31});
  CHECK(find_parameters("netconsole=", config_format::cmdline).at(0).value.place_of({0, 0}) ==
        text_range{11, 11});
}

TEST_CASE("modprobe options") {
  const auto of = [](std::string_view text) { return values(text, config_format::modprobe); };
  CHECK(of("# options netconsole netconsole=no\noptions netconsole netconsole=a oops_only=1\n") ==
        strings{"module a"});
  CHECK(of("options netconsole oops_only=1 netconsole=\"a b\"\n") == strings{"module a b"});
  CHECK(of("options \\\n  netconsole netcon\\\nsole=a\\\nb\n") == strings{"module ab"});
  CHECK(of("options netconsole netconsole=a -- netconsole=b\n") == strings{"module a"});
  // As modprobe -c prints them (kmod 30).
  CHECK(of("options netconsole netconsole=@\\/,@10.0.0.2\\/ \\\\x\n") == strings{"module @/,@10.0.0.2/"});
  CHECK(of("options netconsole netconsole=a\\\\\noptions netconsole netconsole=b\\") ==
        strings{"module a\\", "module b"});
  CHECK(of("options other netconsole=a\nalias x netconsole\ninstall netconsole netconsole=x").empty());
}

TEST_CASE("GRUB reads twice: the shell, then its own script") {
  const auto of = [](std::string_view text) { return values(text, config_format::grub); };
  CHECK(of("GRUB_CMDLINE_LINUX=\"quiet netconsole=@/,@10.0.0.2/\"\n") == strings{"@/,@10.0.0.2/"});
  CHECK(of("GRUB_CMDLINE_LINUX_DEFAULT='netconsole=a splash'\n") == strings{"a"});
  CHECK(of("  export GRUB_CMDLINE_LINUX=netconsole=a # no\n") == strings{"a"});
  CHECK(of("GRUB_CMDLINE_LINUX=netconsole=a#b\n") == strings{"a#b"});  // no comment inside a word
  CHECK(of("GRUB_CMDLINE_LINUX+=\" netconsole='a;b'\"\n") == strings{"a;b"});
  CHECK(of("GRUB_CMDLINE_LINUX=\"netconsole=a\\;b\"\n") == strings{"a;b"});
  CHECK(of("GRUB_CMDLINE_LINUX='netconsole=\"a;b\"'\n") == strings{"a;b"});
  CHECK(of("GRUB_CMDLINE_LINUX=\"quiet \\\n netconsole=a\"\nGRUB_CMDLINE_LINUX_DEFAULT=\"netconsole=b\"") ==
        strings{"a", "b"});
  CHECK(of("GRUB_CMDLINE_LINUX=\"netconsole=a;b\"\n") == strings{"a"});
  CHECK(of("GRUB_CMDLINE_LINUX=netconsole=a;b\n") == strings{"a"});
  CHECK(of("GRUB_CMDLINE_LINUX=\"netconsole=a\nnetconsole=b\"\n") == strings{"a"});
  CHECK(of("GRUB_CMDLINE_LINUX=\"netconsole='a\nb' netconsole=c\"\n") == strings{"a", "c"});
  CHECK(
      of("#GRUB_CMDLINE_LINUX=\"netconsole=a\"\nGRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX=\"unclosed netconsole=a\n")
          .empty());
  CHECK(values("menuentry x {\n\tlinux /vmlinuz ro netconsole='a;b' \\\n netconsole.netconsole=c\n}\n",
               config_format::grub_cfg) == strings{"a;b", "module c"});
  CHECK(values("\tlinux16 /v netconsole=a; boot\n\tinitrd netconsole=b\n", config_format::grub_cfg) ==
        strings{"a"});
}

TEST_CASE("GRUB quotes what it passes on") {
  const auto of = [](std::string_view text) { return values(text, config_format::grub); };
  CHECK(of("GRUB_CMDLINE_LINUX='netconsole=\"a b\" c'\n") == strings{"a b"});
  CHECK(of("GRUB_CMDLINE_LINUX='\"netconsole=a b\"'\n") == strings{"a b"});
  CHECK(of("GRUB_CMDLINE_LINUX='netconsole=\\\"a\\\"'\n") == strings{"\\\"a\\\""});
  CHECK(of("GRUB_CMDLINE_LINUX='netconsole=\"it\\x41s\" \"c\\\\d\"'\n") == strings{"it\\x41s"});
  CHECK(of("GRUB_CMDLINE_LINUX='netconsole=\"it\\y\"'\n") == strings{"it\\\\y"});
  CHECK(of("GRUB_CMDLINE_LINUX=\"'' netconsole=a\"\n") == strings{"a"});

  const std::string_view text = "GRUB_CMDLINE_LINUX='netconsole=\\\"@/,@10.0.0.2/\\\"'\n";
  const auto found = lint_config(text, config_format::grub);
  REQUIRE(!found.empty());
  CHECK(found[0].code == text_errc::bad_port);
  CHECK(found[0].where == text_range{32, 33});
  CHECK(apply_fixes(text, found) == text);
  CHECK(std::ranges::count(found, text_errc::backslash, &finding::code) == 0);
  CHECK(std::ranges::count(found, text_errc::quote_character, &finding::code) == 2);
  const auto doubled =
      lint_config("GRUB_CMDLINE_LINUX='netconsole=@/e\\\\0,@10.0.0.2/'\n", config_format::grub);
  CHECK(std::ranges::count(doubled, text_errc::backslash, &finding::code) == 1);
}

TEST_CASE("GRUB joins lines after a backslash, but not in single quotes") {
  const auto of = [](std::string_view text) { return values(text, config_format::grub_cfg); };
  CHECK(of("linux /vmlinuz netco\\\nnsole=a\n") == strings{"a"});
  CHECK(of("linux /vmlinuz \"netco\\\nnsole=a\"\n") == strings{"a"});
  CHECK(of("linux /vmlinuz 'netco\\\nnsole=a'\n").empty());
  CHECK(of("linux /vmlinuz \\'netco\\\nnsole=a\n").empty());
  CHECK(of("linux /vmlinuz \\' netco\\\nnsole=a\n") == strings{"a"});
  CHECK(of("linux /vmlinuz 'it' netco\\\nnsole=a\n") == strings{"a"});
}

TEST_CASE("a semicolon that the shell takes is told too") {
  const std::string_view text = "GRUB_CMDLINE_LINUX=netconsole=@/,@10.0.0.2/;@/eth1,@10.0.0.3/\n";
  const auto found = lint_config(text, config_format::grub);
  REQUIRE(!found.empty());
  CHECK(found[0].code == text_errc::semicolon_ends_command);
  CHECK(found[0].where == text_range{43, 44});
  CHECK(!found[0].fix);
  CHECK(lint_config("GRUB_CMDLINE_LINUX='quiet'; echo\n", config_format::grub).empty());
  CHECK(lint_config("GRUB_CMDLINE_LINUX=';a'\n", config_format::grub).empty());
}

TEST_CASE("a semicolon that only ends a command stays") {
  for (const std::string_view script :
       {"linux /vmlinuz netconsole=@/,@10.0.0.2/; initrd /initrd.img\n",
        "linux /vmlinuz netconsole=@/,@10.0.0.2/;initrd /initrd.img\n",
        "linux /vmlinuz netconsole=@/,@10.0.0.2/;\n", "linux /vmlinuz netconsole=@/,@10.0.0.2/; }\n",
        "linux /vmlinuz netconsole=@/,@10.0.0.2/; mail=root@web17\n"}) {
    const auto found = lint_config(script, config_format::grub_cfg);
    CHECK(std::ranges::count(found, text_errc::semicolon_ends_command, &finding::code) == 0);
    CHECK(fixed_config(script, config_format::grub_cfg) == script);
  }
  CHECK(fixed_config("linux /vmlinuz netconsole=@/,@10.0.0.2/;@/,@10.0.0.3/; initrd /initrd.img\n",
                     config_format::grub_cfg) ==
        "linux /vmlinuz netconsole=@/,@10.0.0.2/\\;@/,@10.0.0.3/; initrd /initrd.img\n");
  for (const std::string_view shell :
       {"GRUB_CMDLINE_LINUX=netconsole=@/,@10.0.0.2/; GRUB_CMDLINE_LINUX_DEFAULT=quiet\n",
        "GRUB_CMDLINE_LINUX=netconsole=@/,@10.0.0.2/; GRUB_DISTRIBUTOR=web@home\n"}) {
    const auto found = lint_config(shell, config_format::grub);
    CHECK(std::ranges::count(found, text_errc::semicolon_ends_command, &finding::code) == 0);
  }
  CHECK(fixed_config("GRUB_CMDLINE_LINUX=\"netconsole=@/,@10.0.0.2/; rootflags=subvol=@\"\n",
                     config_format::grub) ==
        "GRUB_CMDLINE_LINUX=\"netconsole=@/,@10.0.0.2/ rootflags=subvol=@\"\n");
}

TEST_CASE("a semicolon with no target behind it never reaches the kernel by a fix") {
  const auto fixed = [](const std::string& value) {
    const auto text = fixed_config("GRUB_CMDLINE_LINUX=\"netconsole=" + value + "\"\n", config_format::grub);
    const auto first = text.find("netconsole=") + 11;
    return text.substr(first, text.size() - first - 2);
  };
  CHECK(fixed("@/,@10.0.0.2/;") == "@/,@10.0.0.2/");
  CHECK(fixed("@/,@10.0.0.2/; ro") == "@/,@10.0.0.2/ ro");
  CHECK(fixed("@/,@10.0.0.2/;;@/,@10.0.0.3/; ro") == "@/,@10.0.0.2/\\;@/,@10.0.0.3/ ro");
  CHECK(fixed(";@/,@10.0.0.2/ ro") == "@/,@10.0.0.2/ ro");
  CHECK(fixed("@/,@10.0.0.2/; ;@/,@10.0.0.3 ro") == "@/,@10.0.0.2/\\;@/,@10.0.0.3/ ro");
  CHECK(fixed("@/,@10.0.0.2/;quiet ro") == "@/,@10.0.0.2/;quiet ro");  // left to people
  CHECK(fixed("@/,@10.0.0.2/;$NC ro") == "@/,@10.0.0.2/\\;$NC ro");
}

TEST_CASE("one fix protects every semicolon of a word from GRUB") {
  const std::string target = "@/,@10.0.0.2/";
  std::string bare = "netconsole=", protected_one = bare;
  for (int i = 0; i < 40; ++i) {
    bare += target + ';';
    protected_one += target + "\\;";
  }
  const auto fixes = [](const std::string& before, config_format format) {
    const auto found = lint_config(before, format);
    CHECK(std::ranges::count(found, text_errc::semicolon_ends_command, &finding::code) == 1);
    const auto done = fix_all(before, found, [&](auto text) { return lint_config(text, format); });
    CHECK(done.rounds == 1);
    CHECK(fixed_config(done.text, format) == done.text);
    return done.text;
  };
  CHECK(fixes("linux /vmlinuz " + bare + target + " quiet\n", config_format::grub_cfg) ==
        "linux /vmlinuz " + protected_one + target + " quiet\n");
  CHECK(fixes("GRUB_CMDLINE_LINUX=\"" + bare + target + "\"\n", config_format::grub) ==
        "GRUB_CMDLINE_LINUX=\"" + protected_one + target + "\"\n");
  CHECK(fixes("linux /vmlinuz "
              "netconsole=@/,@10.0.0.2/;'@/,@10.0.0.3/;'@/,@10.0.0.4/\\;@/,@10.0.0.5/;@/,@10.0.0.6/",
              config_format::grub_cfg) ==
        "linux /vmlinuz "
        "netconsole=@/,@10.0.0.2/\\;'@/,@10.0.0.3/;'@/,@10.0.0.4/\\;@/,@10.0.0.5/\\;@/,@10.0.0.6/");
}

TEST_CASE("semicolons of a word that lie apart in the file are fixed in one round too") {
  const auto once = [](std::string_view text, config_format format) {
    return apply_fixes(text, lint_config(text, format));
  };
  CHECK(
      once("linux /v netconsole=@/,@10.0.0.2/;\\\n@/,@10.0.0.3/;@/,@10.0.0.4/\n", config_format::grub_cfg) ==
      "linux /v netconsole=@/,@10.0.0.2/\\;\\\n@/,@10.0.0.3/\\;@/,@10.0.0.4/\n");
  // Of the ';' behind the shell's backslash people must decide, and so of what follows it.
  CHECK(once("GRUB_CMDLINE_LINUX=\"netconsole=@a;@b\"\\;\"@c;@d\"\n", config_format::grub) ==
        "GRUB_CMDLINE_LINUX=\"netconsole=@a\\;@b\"\\;\"@c;@d\"\n");
}

TEST_CASE("a blank that the shell takes for the end of a value is told where a parameter stands behind it") {
  const auto told = [](std::string_view text) {
    const auto found = lint_config(text, config_format::grub);
    const auto at = std::ranges::find(found, text_errc::blank_ends_value, &finding::code);
    if (at == found.end()) return -1;
    CHECK(at->where.size() == 1);
    CHECK(!at->fix);
    return static_cast<int>(at->where.begin);
  };
  CHECK(told("GRUB_CMDLINE_LINUX=quiet netconsole=@/,@10.0.0.2/\n") == 24);
  CHECK(told("GRUB_CMDLINE_LINUX= splash\tnetconsole.netconsole=a") == 19);
  CHECK(told("GRUB_CMDLINE_LINUX='a'\tnetconsole=a;b\n") == 22);
  CHECK(told("GRUB_CMDLINE_LINUX='quiet netconsole=@/,@10.0.0.2/'\n") == -1);
  CHECK(told("GRUB_CMDLINE_LINUX=quiet\nnetconsole=a\n") == -1);
  CHECK(told("GRUB_CMDLINE_LINUX=quiet # netconsole=a\n") == -1);
  CHECK(told("GRUB_CMDLINE_LINUX=quiet xnetconsole=a\n") == -1);
  CHECK(told("GRUB_CMDLINE_LINUX=quiet ; netconsole=a\n") == -1);
  CHECK(told("GRUB_CMDLINE_LINUX=quiet") == -1);
}

TEST_CASE("loader entries and extlinux") {
  CHECK(values("title x\noptions root=x netconsole=a\n# options netconsole=b\n", config_format::bls) ==
        strings{"a"});
  CHECK(values("LABEL l\n  APPEND root=x netconsole=a;b\n  append netconsole=c\n", config_format::extlinux) ==
        strings{"a;b", "c"});
}

TEST_CASE("the format follows from the path") {
  CHECK(format_of_path("/proc/cmdline") == config_format::cmdline);
  CHECK(format_of_path("/boot/firmware/cmdline.txt") == config_format::cmdline_txt);
  CHECK(format_of_path("etc/modprobe.d/netconsole.conf") == config_format::modprobe);
  CHECK(format_of_path("/etc/default/grub") == config_format::grub);
  CHECK(format_of_path("/etc/default/grub.d/50-console.cfg") == config_format::grub);
  CHECK(format_of_path("/boot/grub2/grub.cfg") == config_format::grub_cfg);
  CHECK(format_of_path("/boot/loader/entries/x.conf") == config_format::bls);
  CHECK(format_of_path("/boot/extlinux/extlinux.conf") == config_format::extlinux);
  CHECK(!format_of_path("netconsole.conf"));
}

TEST_CASE("findings point into the file, and their suggestions mend it") {
  const std::string grub =
      "# serial is broken\n"
      "GRUB_CMDLINE_LINUX=\"quiet netconsole=@/eth0,6666@10.0.0.2;@/eth0,@010.0.0.3/\"\n";
  const auto found = lint_config(grub, config_format::grub);
  REQUIRE(found.size() >= 2);
  CHECK(found[0].code == text_errc::semicolon_ends_command);
  CHECK(line_column_of(grub, found[0].where.begin) == line_column{2, 58});
  CHECK(found[1].code == text_errc::missing_second_slash);
  CHECK(grub.substr(found[1].where.begin, found[1].where.size()) == "10.0.0.2");
  auto text = apply_fixes(grub, found);
  text = apply_fixes(text, lint_config(text, config_format::grub));
  CHECK(text ==
        "# serial is broken\n"
        "GRUB_CMDLINE_LINUX=\"quiet netconsole=@/eth0,6666@10.0.0.2/\\;@/eth0,@10.0.0.3/\"\n");
  CHECK(values(text, config_format::grub) == strings{"@/eth0,6666@10.0.0.2/;@/eth0,@10.0.0.3/"});

  const std::string twice = "netconsole=@/,@10.0.0.2/ netconsole=@/,@10.0.0.3/";
  CHECK(lint_config(twice, config_format::cmdline)[0].code == text_errc::value_overridden);
  CHECK(lint_config(twice, config_format::cmdline)[0].where == text_range{11, 24});

  const std::string module = "options netconsole netconsole=@/,@10.0.0.2/" + std::string(300, ';') + "\n";
  CHECK(lint_config(module, config_format::modprobe)[0].code == text_errc::parameter_too_long);
  const std::string word =
      "modprobe netconsole \\\n \"netconsole=@/,@10.0.0.2/" + std::string(300, ';') + "\"\n";
  for (const auto format : {config_format::shell, config_format::systemd})
    CHECK(lint_config(word, format)[0].code == text_errc::parameter_too_long);
  const std::string built_in = "netconsole=@/,@10.0.0.2/" + std::string(300, ';');
  CHECK(lint_config(built_in, config_format::cmdline)[0].code == text_errc::cut_at_limit);
}

TEST_CASE("suggestions for GRUB's files leave the other parameters as they are") {
  const auto mended = [](std::string_view text) {
    const auto found = lint_config(text, config_format::grub);
    CHECK(!found.empty());
    return apply_fixes(text, found);
  };
  CHECK(mended("GRUB_CMDLINE_LINUX='netconsole=@/,@10.0.0.2/;@/,@10.0.0.3/ quiet'\n") ==
        "GRUB_CMDLINE_LINUX='netconsole=@/,@10.0.0.2/\\;@/,@10.0.0.3/ quiet'\n");
  for (const std::string_view text : {
           "GRUB_CMDLINE_LINUX=\"netconsole=@/,@10.0.0.2/;@/,@10.0.0.3/ netconsole=@/,@10.0.0.4/\"\n",
           "GRUB_CMDLINE_LINUX=\"netconsole=6665;netconsole='a;\nnetconsole=b\"\n",
           "GRUB_CMDLINE_LINUX=netconsole=@/,@10.0.0.2/\\;@/,@10.0.0.3/\n",
           "GRUB_CMDLINE_LINUX=\"netconsole=@/,@10.0.0.2/\\;\"\n",
       })
    CHECK(mended(text) == text);
}

TEST_CASE("huge files take no longer than their length asks for") {
  std::string words = "netconsole=@/,@10.0.0.2/", lines;
  for (int i = 0; i < 400000; ++i) words += " a";
  CHECK(values(words, config_format::cmdline).size() == 1);
  for (int i = 0; i < 20000; ++i) lines += "append netconsole=\n";
  CHECK(lint_config(lines, config_format::extlinux).size() == 20000);
}

TEST_CASE("lines and columns") {
  CHECK(line_column_of("ab\ncd", 0) == line_column{1, 1});
  CHECK(line_column_of("ab\ncd", 2) == line_column{1, 3});
  CHECK(line_column_of("ab\ncd", 3) == line_column{2, 1});
  CHECK(line_column_of("ab\ncd", 5) == line_column{2, 3});
  CHECK(line_around("ab\ncd\n", 0) == text_range{0, 2});
  CHECK(line_around("ab\ncd\n", 2) == text_range{0, 2});
  CHECK(line_around("ab\ncd\n", 4) == text_range{3, 5});
  CHECK(line_around("ab\ncd\n", 6) == text_range{6, 6});
  for (const std::string_view text : {"", "\n", "ab\ncd", "ab\n\ncd\n"}) {
    const text_lines lines{text};
    for (std::size_t at = 0; at <= text.size(); ++at) {
      CHECK(lines.place(at) == line_column_of(text, at));
      CHECK(lines.around(at) == line_around(text, at));
    }
  }
}

TEST_CASE("thousands of findings take no longer than their number asks for") {
  std::string log, one_line = "{";
  for (int i = 0; i < 4000; ++i) {
    const std::string line = "ro netconsole=6665@10.0.0.1/eth0,6666@010.0.0.2/52:54:00:12:34:56";
    log += "Jan  1 00:00:01 host kernel: Kernel command line: " + line + " quiet\n";
    one_line += "\"a\":\"" + line + "\",";
  }
  for (const auto* text : {&log, &one_line}) {
    const auto found = lint_config(*text, config_format::text);
    REQUIRE(found.size() == 4000);
    const text_lines lines{*text};
    std::size_t shown = 0;
    for (const auto& one : found) shown += render_in_file("f", *text, lines, one).size();
    CHECK(shown > 4000 * 80);
    CHECK(apply_fixes(*text, found).size() == text->size() - 4000);
  }
  std::string grub;
  for (int i = 0; i < 4000; ++i) grub += "GRUB_CMDLINE_LINUX+=\" netconsole=@/,@010.0.0.2/\"\n";
  CHECK(!lint_config(grub, config_format::grub).empty());
}

TEST_CASE("formats have the command line's words") {
  std::vector<std::string> names;
  for (const auto format : config_formats) {
    names.emplace_back(name(format));
    CHECK(parse_config_format(name(format)) == format);
  }
  for (const auto* word :
       {"cmdline", "modprobe", "grub", "grub.cfg", "bls", "extlinux", "text", "parameters"})
    CHECK(std::ranges::count(names, word) == 1);
  CHECK(names.size() == config_kinds.size());
  CHECK(names.back() == "parameters");
  CHECK(!parse_config_format("grub_cfg"));
  CHECK(!parse_config_format(""));
}

TEST_CASE("a text of lines has a parameter or a command line on each") {
  const std::string text =
      "# @/,@10.0.0.2\n"
      "  \t\n"
      "@/,@10.0.0.2\n"
      "quiet netconsole=@/,@010.0.0.3/ netconsole=@/,@10.0.0.4/";
  const auto found = lint_lines(text);
  std::vector<std::pair<text_errc, std::string>> shown;
  for (const auto& one : found)
    if (one.severity != severity::note) shown.emplace_back(one.code, one.where.in(text));
  CHECK(shown ==
        std::vector<std::pair<text_errc, std::string>>{{text_errc::missing_second_slash, "10.0.0.2"},
                                                       {text_errc::value_overridden, "@/,@010.0.0.3/"},
                                                       {text_errc::leading_zeros, "010.0.0.3"}});
  CHECK(fixed_lines(text) ==
        "# @/,@10.0.0.2\n"
        "  \t\n"
        "@/,@10.0.0.2/\n"
        "quiet netconsole=@/,@10.0.0.3/ netconsole=@/,@10.0.0.4/");
  CHECK(lint_lines("").empty());
}

TEST_CASE("a whole file is fixed until nothing is left") {
  CHECK(fixed_config("a netconsole=@/,@010.0.0.2 b", config_format::cmdline) ==
        "a netconsole=@/,@10.0.0.2/ b");
  const std::string grub = "GRUB_CMDLINE_LINUX=\"netconsole=@/eth0,6666@10.0.0.2;@/eth0,@010.0.0.3/\"\n";
  CHECK(fixed_config(grub, config_format::grub) ==
        "GRUB_CMDLINE_LINUX=\"netconsole=@/eth0,6666@10.0.0.2/\\;@/eth0,@10.0.0.3/\"\n");
  const std::string fine = "netconsole=@/,@10.0.0.2/";
  CHECK(fixed_config(fine, config_format::cmdline) == fine);
}

TEST_CASE("an empty value is an empty parameter") {
  const auto found = lint_config("quiet netconsole= panic=1", config_format::cmdline);
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == text_errc::no_target);
  CHECK(found[0].severity == severity::warning);
}

TEST_CASE("a line may end with a carriage return, a module may have no parameter") {
  CHECK(lint_lines("@10.0.0.1/eth0,@10.0.0.2/52:54:00:12:34:56\r\n").empty());
  CHECK(fixed_lines("@/eth0,@10.0.0.2\r\n") == "@/eth0,@10.0.0.2/\r\n");
  for (const auto* text :
       {"modprobe netconsole", "sudo modprobe netconsole oops_only=1", "options netconsole"}) {
    const auto found = lint_argument(text);
    REQUIRE(found.size() == 1);
    CHECK(found[0].code == text_errc::no_target);
  }
}

namespace {

std::vector<std::string> panic_warnings(std::string_view text, config_format format = config_format::cmdline,
                                        const kernel_profile& kernel = kernel_profile{7, 0, 0}) {
  std::vector<std::string> shown;
  for (const auto& one : lint_config(text, format, kernel))
    if (one.code == text_errc::panic_reboots || one.code == text_errc::crash_kernel_silent ||
        one.code == text_errc::oops_only_silent) {
      CHECK(one.severity == severity::warning);
      shown.push_back(std::string{name(one.code)} + ": " + std::string{one.where.in(text)});
    }
  return shown;
}

}  // namespace

TEST_CASE("settings under which a threaded console sends nothing of a crash") {
  const std::string target = "netconsole=@/,@10.0.0.2/";
  for (const std::string_view on : {"panic=1", "panic=-1", "panic=0x1e", "panic=\"5\"", "panic=010"}) {
    INFO(on);
    CHECK(panic_warnings(target + ' ' + std::string{on}).size() == 1);
    CHECK(panic_warnings(std::string{on} + ' ' + target).size() == 1);
    CHECK(panic_warnings(on).empty());
    CHECK(panic_warnings(target + ' ' + std::string{on}, config_format::cmdline, {6, 19, 0}).empty());
    CHECK(panic_warnings(target + ' ' + std::string{on} + " panic=0").empty());
    CHECK(panic_warnings(target + " -- " + std::string{on}).empty());
  }
  for (const std::string_view off : {"panic=0", "panic=0x0", "panic", "panic=", "panic=x", "panic_on_oops=1",
                                     "panic=5s", "crashkernel", "crashkernel=0", "crashkernel=0M",
                                     "oops_only=1", "netconsole.oops_only=0", "netconsole.oops_only=n"}) {
    INFO(off);
    CHECK(panic_warnings(target + ' ' + std::string{off}).empty());
  }
  for (const std::string_view on : {"crashkernel=256M", "crashkernel=auto", "crashkernel=1G-4G:192M,4G-:256M",
                                    "crashkernel=128M,high", "netconsole.oops_only", "netconsole.oops_only=1",
                                    "netconsole.oops-only=Y", "netconsole.oops_only=on"}) {
    INFO(on);
    CHECK(panic_warnings(target + ' ' + std::string{on}).size() == 1);
  }
  CHECK(panic_warnings("panic=1 panic=2 crashkernel=64M crashkernel=72M,low " + target) ==
        strings{"crash-kernel-silent: crashkernel=72M,low", "crash-kernel-silent: crashkernel=64M",
                "panic-reboots: panic=2"});
  CHECK(panic_warnings("options netconsole " + target + " oops_only=1", config_format::modprobe) ==
        strings{"oops-only-silent: oops_only=1"});
  CHECK(panic_warnings("options netconsole " + target + " panic=1", config_format::modprobe).empty());
  // One command line is made of both assignments; two entries are two command lines.
  CHECK(panic_warnings("GRUB_CMDLINE_LINUX='" + target + "'\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet panic=9\"\n",
                       config_format::grub) == strings{"panic-reboots: panic=9"});
  CHECK(panic_warnings("append " + target + "\nappend panic=9\n", config_format::extlinux).empty());
  CHECK(panic_warnings("append panic=9\nappend panic=8 " + target + "\n", config_format::extlinux) ==
        strings{"panic-reboots: panic=8"});
  CHECK(panic_warnings("netconsole= panic=9").empty());
  // In each format that has the words of a command line beside the value.
  const std::string line = "ro panic=9 " + target + " crashkernel=128M,high";
  const strings both{"crash-kernel-silent: crashkernel=128M,high", "panic-reboots: panic=9"};
  CHECK(panic_warnings("kernel vmlinuz " + line + "\n", config_format::ipxe) == both);
  CHECK(panic_warnings("setenv bootargs " + line + "; boot\n", config_format::u_boot) == both);
  CHECK(panic_warnings("kexec -l x --command-line=\"" + line + "\"\n", config_format::shell) == both);
  CHECK(panic_warnings("kexec -l x \\\n  --append='" + line + "'\n", config_format::shell) == both);
  CHECK(panic_warnings("default_kernel_opts=\"" + line + "\"\n", config_format::text) == both);
  CHECK(panic_warnings("module2 /vmlinuz " + line + "\n", config_format::grub_cfg) == both);
  CHECK(panic_warnings("boot.kernelParams = [\n  \"panic=9\" \"" + target +
                           "\"\n  # \"panic=0\"\n  \"crashkernel=128M,high\" ];\n",
                       config_format::nix) == both);
  CHECK(panic_warnings("x = [\"" + target + "\", \"panic=9\", \"crashkernel=128M,high\"]\n",
                       config_format::text) == both);
  CHECK(panic_warnings(
            "kernel {\n  panic = 9\n  netconsole = \"@/,@10.0.0.2/\"\n  netconsole.oops_only = 1\n}\n",
            config_format::bootconfig) ==
        strings{"oops-only-silent: netconsole.oops_only = 1", "panic-reboots: panic = 9"});
  const strings oops{"oops-only-silent: oops_only=1"};
  const std::string module = "netconsole " + target + " oops_only=1 panic=9";
  CHECK(panic_warnings("modprobe " + module + "; panic=1\n", config_format::shell) == oops);
  CHECK(panic_warnings("install netconsole /sbin/modprobe --ignore-install " + module + "\n",
                       config_format::modprobe) == oops);
  CHECK(panic_warnings(module + "\n", config_format::text) == oops);
  CHECK(panic_warnings("modprobe netconsole \"" + target + "\" \"oops_only=1\"\n", config_format::shell) ==
        oops);
  CHECK(panic_warnings("modprobe netconsole; echo \"" + target + "\" oops_only=1\n", config_format::shell)
            .empty());
  CHECK(panic_warnings("Add `" + line + "`\n", config_format::document).empty());
  CHECK(panic_warnings("echo panic=9; echo " + target + "\n", config_format::shell).empty());
  std::string many = target;
  for (int i = 0; i < 200000; ++i) many += " panic=1";
  CHECK(panic_warnings(many).size() == 1);
}
