#include "commands/configfs_simulate.hpp"

#include "output/configfs_summary.hpp"
#include "input/shell_script.hpp"

#include <netcon/configfs/shell.hpp>
#include <netcon/configfs/tree.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace tool {
namespace {

namespace cfs = netcon::configfs;

constexpr std::string_view mounted_at = "/sys/kernel/config/netconsole";

std::expected<cfs::interface, std::string> interface_of(std::string_view text) {
  cfs::interface made;
  bool first = true;
  while (!text.empty() || first) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    text = comma == text.npos ? std::string_view{} : text.substr(comma + 1);
    const auto equals = part.find('=');
    const auto key = part.substr(0, equals);
    const auto value = equals == part.npos ? std::string_view{} : part.substr(equals + 1);
    const auto wrong = [&] {
      return std::unexpected{fmt::format("--interface: '{}' is not understood", part)};
    };
    if (first) {
      if (!netcon::interface_name::parse(part)) return wrong();
      made.name = part;
      first = false;
    } else if (key == "mac") {
      const auto mac = netcon::mac_address::parse(value);
      if (!mac) return wrong();
      made.mac = *mac;
    } else if (key == "ipv4") {
      const auto address = netcon::ipv4_address::parse(value);
      if (!address) return wrong();
      made.ipv4.push_back(*address);
    } else if (key == "ipv6") {
      const auto address = netcon::ipv6_address::parse(value);
      if (!address) return wrong();
      made.ipv6.push_back(*address);
    } else if (key == "master" && !value.empty()) {
      made.master = std::string{value};
    } else if (part == "down") {
      made.up = false;
    } else if (part == "no-netpoll") {
      made.netpoll = false;
    } else if (part == "bridge") {
      made.bridge = true;
    } else {
      return wrong();
    }
  }
  return made;
}

// What printf(1) makes of its format; nothing where the format asks for more than %s, %d and %%.
std::optional<std::string> formatted(const std::vector<std::string>& words) {
  if (words.size() < 2) return std::nullopt;
  const auto& format = words[1];
  std::string out;
  std::size_t next = 2, before = 0;
  // The format is used again as long as it takes words.
  do {
    before = next;
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (format[i] == '\\' && i + 1 < format.size()) {
        const char c = format[++i];
        if (c >= '0' && c <= '7') {
          unsigned byte = 0;
          std::size_t digits = 0;
          for (; digits < 3 && i < format.size() && format[i] >= '0' && format[i] <= '7'; ++digits, ++i)
            byte = byte * 8 + static_cast<unsigned>(format[i] - '0');
          --i;
          out += static_cast<char>(byte & 0xff);
        } else {
          constexpr std::string_view from = "ntr\\", to = "\n\t\r\\";
          const auto at = from.find(c);
          if (at == from.npos) return std::nullopt;
          out += to[at];
        }
      } else if (format[i] == '%' && i + 1 < format.size()) {
        const char c = format[++i];
        if (c == '%') {
          out += '%';
        } else if (c == 's' || c == 'd') {
          if (next < words.size()) out += words[next++];
        } else {
          return std::nullopt;
        }
      } else {
        out += format[i];
      }
    }
  } while (next < words.size() && next != before);
  return out;
}

class simulator {
 public:
  explicit simulator(cfs::memory_tree tree) : tree_{std::move(tree)} {}

  simulation run(std::string_view script) {
    const auto commands = read_script(script);
    if (!commands) return {{}, 0, commands.error()};
    for (auto at = commands->begin(); at != commands->end() && !ended_; ++at) {
      const bool skipped =
          at->when == (failed_ ? shell_command::after_success : shell_command::after_failure);
      if (skipped) {
        report(*at, "skipped");
        continue;
      }
      answer_.clear();
      failed_ = false;
      if (!carry_out(*at)) {
        result_.misunderstood = fmt::format(
            "line {}: '{}' is not understood; simulate knows mkdir, rmdir, rm, echo, printf, cat, ls, cd, "
            "test, ip "
            "link, ip addr, modprobe, rmmod, set, exit and true",
            at->line, cfs::internal::printable(at->source));
        break;
      }
      report(*at, answer_.empty() ? "ok" : answer_);
      result_.report += output_;
      output_.clear();
      const bool asks = at->words[0] == "test" || at->words[0] == "[";
      if (failed_ && !asks) ++result_.refused;
      // set -e lets pass what && or || looks at.
      const auto next = at + 1;
      if (failed_ && stops_ && (next == commands->end() || next->when == shell_command::always)) {
        result_.report += "     (set -e: the script ends here)\n";
        break;
      }
    }
    if (const auto names = tree_.entries(""); names && result_.misunderstood.empty())
      for (const auto& name : *names)
        if (const auto state = cfs::read(tree_, name, tree_.kernel()))
          result_.report += summary(name, *state, tree_.kernel());
    return std::move(result_);
  }

 private:
  void report(const shell_command& command, std::string_view outcome) {
    result_.report +=
        fmt::format("{:3}  {}: {}\n", command.line, cfs::internal::printable(command.source), outcome);
  }

  // Relative to the netconsole directory, as the model wants it; nothing when it lies elsewhere.
  std::optional<std::string> inside(std::string_view path) const {
    if (!path.starts_with('/')) return here_.empty() ? std::string{path} : here_ + '/' + std::string{path};
    if (!path.starts_with(mounted_at)) return std::nullopt;
    path.remove_prefix(mounted_at.size());
    if (!path.empty() && !path.starts_with('/')) return std::nullopt;
    while (path.starts_with('/')) path.remove_prefix(1);
    return std::string{path};
  }

  void fail(const std::string& why) {
    failed_ = true;
    if (!answer_.empty()) answer_ += "; ";
    answer_ += cfs::internal::printable(why);
  }

  void fail(const cfs::op& step, const std::error_code& code) {
    const auto reason = cfs::explain(tree_, step, code);
    const auto said = cfs::describe(code);
    fail(reason == said ? said : said + ": " + reason);
  }

  template <class T>
  void note(const cfs::answer<T>& answer, std::string_view what) {
    if (!answer) fail(std::string{what} + ": " + cfs::describe(answer.error()));
  }

  void write(const std::string& path, const std::string& data) {
    const auto at = inside(path);
    if (!at) return fail(path + " lies outside of " + std::string{mounted_at});
    // A shell opens with O_CREAT, and configfs creates no files.
    if (const auto there = tree_.stat(*at); !there && there.error() == std::errc::no_such_file_or_directory) {
      const auto slash = at->rfind('/');
      if (tree_.stat(slash == at->npos ? std::string{} : at->substr(0, slash)))
        return fail(cfs::describe(cfs::kernel_error(EACCES)) +
                    ": this kernel has no such file, and none can be created");
    }
    const cfs::op step{cfs::op::write, *at, data};
    const auto count = tree_.write(*at, data);
    if (!count) return fail(step, count.error());
    if (*count < data.size())
      answer_ = fmt::format("ok, but only {} of {} bytes were taken", *count, data.size());
  }

  // Directories that mkdir -p finds are fine.
  void make(std::string_view path, bool parents) {
    const auto at = inside(path);
    if (!at) return fail(std::string{path} + " lies outside of " + std::string{mounted_at});
    if (parents) {
      for (std::size_t slash = at->find('/'); slash != at->npos; slash = at->find('/', slash + 1))
        if (const auto upper = at->substr(0, slash); !upper.empty() && !tree_.stat(upper))
          if (const auto made = tree_.mkdir(upper); !made)
            return fail({cfs::op::mkdir, upper, {}}, made.error());
      if (const auto there = tree_.stat(*at); there && (there->mode & 0040000) != 0) return;
    }
    if (const auto made = tree_.mkdir(*at); !made) fail({cfs::op::mkdir, *at, {}}, made.error());
  }

  void remove(std::string_view path, bool parents) {
    auto at = inside(path);
    if (!at) return fail(std::string{path} + " lies outside of " + std::string{mounted_at});
    while (true) {
      if (const auto gone = tree_.rmdir(*at); !gone) return fail({cfs::op::rmdir, *at, {}}, gone.error());
      const auto slash = at->rfind('/');
      if (!parents || slash == at->npos) return;
      at->resize(slash);
    }
  }

  void print(const std::string& text) {
    for (std::size_t start = 0; start < text.size();) {
      const auto end = std::min(text.find('\n', start), text.size());
      output_ +=
          "       " + cfs::internal::printable(std::string_view{text}.substr(start, end - start)) + '\n';
      start = end + 1;
    }
  }

  bool carry_out(const shell_command& command) {
    const auto& words = command.words;
    const auto& verb = words[0];
    std::vector<std::string> paths;
    std::string flags;
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i].size() > 1 && words[i][0] == '-' && words[i] != "--" && paths.empty()) {
        flags += words[i].substr(1);
      } else if (words[i] != "--" || !paths.empty()) {
        paths.push_back(words[i]);
      }
    }
    const auto has = [&](char flag) { return flags.find(flag) != flags.npos; };

    if (verb == "echo" || verb == "printf" || (verb == "env" && words.size() > 2 && words[1] == "printf")) {
      auto data = verb == "echo"
                      ? std::optional{echoed(words)}
                      : formatted(verb == "env" ? std::vector(words.begin() + 1, words.end()) : words);
      if (!data) return false;
      if (command.output && *command.output != "/dev/null") {
        if (!data->empty()) write(*command.output, *data);
      } else {
        print(*data);
      }
      return true;
    }
    if (command.output && *command.output != "/dev/null") return false;
    if (verb == "mkdir") {
      for (const auto& path : paths) make(path, has('p'));
    } else if (verb == "rmdir") {
      for (const auto& path : paths) remove(path, has('p'));
    } else if (verb == "rm") {
      for (const auto& path : paths) {
        const auto at = inside(path);
        if (!at) return false;
        if (const auto gone = tree_.unlink(*at); !gone)
          fail(cfs::describe(gone.error()) + ": rmdir removes targets and keys");
      }
    } else if (verb == "cat") {
      for (const auto& path : paths) {
        const auto at = inside(path);
        if (!at) return false;
        const auto text = tree_.read(*at);
        if (text) {
          print(*text);
        } else {
          note(text, path);
        }
      }
    } else if (verb == "ls") {
      if (paths.empty()) paths.emplace_back("");
      for (const auto& path : paths) {
        const auto at = inside(path);
        if (!at) return false;
        const auto names = tree_.listdir(*at);
        if (!names) note(names, path);
        if (names)
          for (const auto& name : *names) print(name);
      }
    } else if (verb == "cd") {
      const auto at = paths.size() == 1 ? inside(paths[0]) : std::nullopt;
      if (!at) return false;
      const auto there = tree_.stat(*at);
      note(there, paths[0]);
      if (there) here_ = *at;
    } else if (verb == "test" || verb == "[") {
      return test(words);
    } else if (verb == "ip") {
      return ip(words);
    } else if (verb == "rmmod" || (verb == "modprobe" && has('r'))) {
      if (paths != std::vector<std::string>{"netconsole"}) return false;
      if (const auto gone = tree_.unload(); !gone)
        fail(cfs::describe(gone.error()) + ": targets pin the module, rmdir them first");
    } else if (verb == "modprobe") {
      // The model has it loaded already; --boot is where its parameter goes.
      return paths == std::vector<std::string>{"netconsole"} || paths == std::vector<std::string>{"configfs"};
    } else if (verb == "exit") {
      ended_ = true;
    } else if (verb == "set") {
      if (has('e')) stops_ = true;
    } else {
      return verb == "true" || verb == ":" || verb == "sleep" || verb == "sync" || verb == "mount";
    }
    return true;
  }

  static std::string echoed(const std::vector<std::string>& words) {
    const bool bare = words.size() > 1 && words[1] == "-n";
    std::string text;
    for (std::size_t i = bare ? 2 : 1; i < words.size(); ++i) {
      if (!text.empty() || i > (bare ? 2u : 1u)) text += ' ';
      text += words[i];
    }
    return bare ? text : text + '\n';
  }

  bool test(std::vector<std::string> words) {
    if (words.front() == "[") {
      if (words.back() != "]") return false;
      words.pop_back();
    }
    if (words.size() != 3 || (words[1] != "-d" && words[1] != "-e" && words[1] != "-f")) return false;
    const auto at = inside(words[2]);
    if (!at) return false;
    const auto there = tree_.stat(*at);
    const bool directory = there && (there->mode & 0040000) != 0;
    if (!there || (words[1] == "-d" && !directory) || (words[1] == "-f" && directory)) fail("false");
    return true;
  }

  bool ip(std::vector<std::string> words) {
    std::erase_if(words, [](const auto& word) { return word == "dev"; });
    const auto word = [&](std::size_t i) { return i < words.size() ? words[i] : std::string{}; };
    const bool link = word(1) == "link" || word(1) == "l";
    const auto& name = word(3);
    if (link && word(2) == "add") {
      const auto type = std::ranges::find(words, "type");
      const bool bridge = type != words.end() && type + 1 != words.end() && type[1] == "bridge";
      note(tree_.register_interface({.name = name, .up = false, .bridge = bridge}), name);
    } else if (link && (word(2) == "del" || word(2) == "delete")) {
      note(tree_.unregister_interface(name), name);
    } else if (link && word(2) == "set" && words.size() >= 5) {
      for (std::size_t i = 4; i < words.size(); ++i) {
        if (word(i) == "up" || word(i) == "down") {
          note(tree_.set_up(name, word(i) == "up"), name);
        } else if (word(i) == "nomaster") {
          change_master(name, {});
        } else if (word(i) == "master" && i + 1 < words.size()) {
          change_master(name, word(++i));
        } else if (word(i) == "name" && i + 1 < words.size()) {
          note(tree_.rename_interface(name, word(++i)), name);
        } else {
          return false;
        }
      }
    } else if ((word(1) == "addr" || word(1) == "address" || word(1) == "a") && word(2) == "add") {
      const auto address = netcon::ip_address::parse(name.substr(0, name.find('/')));
      const auto device = std::ranges::find(tree_.interfaces(), word(4), &cfs::interface::name);
      if (!address || words.size() < 5) return false;
      if (device == tree_.interfaces().end()) {
        fail(word(4) + ": " + cfs::describe(cfs::kernel_error(ENODEV)));
        return true;
      }
      auto v4 = device->ipv4;
      auto v6 = device->ipv6;
      if (address->is_v4()) {
        v4.push_back(address->v4());
      } else {
        v6.push_back(address->v6());
      }
      note(tree_.set_addresses(word(4), std::move(v4), std::move(v6)), word(4));
    } else {
      return false;
    }
    return true;
  }

  /// As ip(8) has it: a port moves to another master, and no master is what it had before.
  void change_master(const std::string& name, const std::string& master) {
    const auto& all = tree_.interfaces();
    const auto port = std::ranges::find(all, name, &cfs::interface::name);
    if (port == all.end()) return note(cfs::answer<void>{cfs::refuse(ENODEV)}, name);
    if (!master.empty() && std::ranges::find(all, master, &cfs::interface::name) == all.end())
      return note(cfs::answer<void>{cfs::refuse(ENODEV)}, master);
    if (port->master.value_or("") == master) return;
    if (port->master) note(tree_.release(name), name);
    if (!master.empty()) note(tree_.enslave(name, master), name);
  }

  cfs::memory_tree tree_;
  std::string here_;
  std::string answer_, output_;
  bool failed_ = false, stops_ = false, ended_ = false;
  simulation result_;
};

}  // namespace

std::expected<cfs::memory_tree, std::string> model_of(const netcon::kernel_profile& kernel,
                                                      const std::vector<std::string>& interfaces,
                                                      std::string_view boot_parameter) {
  std::vector<cfs::interface> all;
  for (const auto& text : interfaces) {
    auto made = interface_of(text);
    if (!made) return std::unexpected{made.error()};
    all.push_back(std::move(*made));
  }
  if (all.empty())
    all.push_back(
        interface_of("eth0,mac=52:54:00:12:34:56,ipv4=192.0.2.1,ipv6=fd00::1,ipv6=fe80::1").value());
  cfs::memory_tree tree{kernel, std::move(all)};
  const auto targets = netcon::parse_parameter(boot_parameter, kernel);
  if (!targets)
    return std::unexpected{fmt::format("--boot: the module does not load: byte {}: {}",
                                       targets.error().where.begin + 1, message(targets.error().code))};
  for (const auto& target : *targets)
    if (const auto added = tree.add_boot_target(resolve(target.value, kernel)); !added)
      return std::unexpected{"--boot: the module does not load: " + cfs::describe(added.error())};
  return tree;
}

simulation simulate_script(std::string_view script, cfs::memory_tree tree) {
  return simulator{std::move(tree)}.run(script);
}

}  // namespace tool
