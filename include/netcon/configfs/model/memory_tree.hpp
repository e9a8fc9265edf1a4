// The netconsole directory of a kernel that one does not have: every file operation answers with the bytes or
// the errno that this kernel gives. Interfaces are an input; events on them move targets as in the kernel.
#pragma once

#include <netcon/configfs/attribute.hpp>
#include <netcon/configfs/kernel_error.hpp>
#include <netcon/configfs/model/interface.hpp>
#include <netcon/configfs/model/target_model.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/parameter/target.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::configfs {

/// What stat(2) tells: mode with the file type, and size.
struct file_status {
  unsigned mode = 0;
  std::size_t size = 0;

  friend bool operator==(const file_status&, const file_status&) = default;
};

/// Paths are relative to the netconsole directory ("alpha/enabled"; "" is the directory itself) and walked as
/// the kernel walks them, so ".", ".." and doubled slashes mean what they do there. The caller is root.
class memory_tree {
 public:
  explicit memory_tree(const kernel_profile& kernel = kernel_profile::latest(), std::vector<interface> interfaces = {})
      : kernel_{kernel}, interfaces_{std::move(interfaces)}, loaded_{kernel.supports(feature::dynamic)} {}

  const kernel_profile& kernel() const noexcept { return kernel_; }
  const std::vector<interface>& interfaces() const noexcept { return interfaces_; }

  // -- files and directories ------------------------------------------------------------------------------

  answer<void> mkdir(std::string_view path) {
    auto at = find_vacant(path);
    if (!at) return std::unexpected{at.error()};
    switch (at->parent.what) {
      case node::root:
        make_target(at->last);
        return {};
      case node::userdata:
        return model(at->parent).add_entry(at->last);
      default:
        return refuse(EPERM);
    }
  }

  answer<void> rmdir(std::string_view path) {
    auto at = find_parent(path);
    if (!at) return std::unexpected{at.error()};
    if (at->last_is_dots) return refuse(at->last == "." ? EINVAL : ENOTEMPTY);
    if (at->last.empty()) return refuse(EPERM);
    const auto there = child(at->parent, at->last);
    if (!there) return std::unexpected{there.error()};
    switch (there->what) {
      case node::file:
        return refuse(ENOTDIR);
      case node::target:
        if (!model(*there).entries().empty()) return refuse(ENOTEMPTY);
        targets_.erase(targets_.begin() + static_cast<std::ptrdiff_t>(there->owner));
        return {};
      case node::entry:
        model(*there).remove_entry(there->index);
        return {};
      default:
        return refuse(EPERM);
    }
  }

  /// One write(2) on a freshly opened file. How many bytes the kernel says it took: 4095 at most, on 6.x
  /// those before the first NUL.
  answer<std::size_t> write(std::string_view path, std::string_view bytes) {
    const auto at = find(path);
    if (!at) return std::unexpected{at.error()};
    if (at->what != node::file) return refuse(EISDIR);
    if (!row(at->content).writable) return refuse(EACCES);
    if (bytes.empty()) return refuse(EFAULT);
    bytes = bytes.substr(0, max_write);
    return at->content == attribute::value ? model(*at).store_value(at->index, bytes)
                                           : model(*at).store(at->content, bytes, interfaces_);
  }

  answer<std::string> read(std::string_view path) const {
    const auto at = find(path);
    if (!at) return std::unexpected{at.error()};
    if (at->what != node::file) return refuse(EISDIR);
    return at->content == attribute::value ? model(*at).entries()[at->index].value + '\n'
                                           : model(*at).show(at->content, interfaces_);
  }

  /// Names in a directory: files first, then directories in the order they were made.
  answer<std::vector<std::string>> entries(std::string_view path) const {
    const auto at = find(path);
    if (!at) return std::unexpected{at.error()};
    std::vector<std::string> names;
    const auto add_files = [&](folder where) {
      for (const auto& file : attribute_table)
        if (file.where == where && exists(file, kernel_)) names.emplace_back(file.name);
    };
    switch (at->what) {
      case node::file:
        return refuse(ENOTDIR);
      case node::mount:
        names.emplace_back(directory_name);
        break;
      case node::root:
        for (const auto& t : targets_)
          if (t.has_directory) names.push_back(t.name);
        break;
      case node::target:
        add_files(folder::target);
        if (kernel_.supports(feature::userdata)) names.emplace_back("userdata");
        break;
      case node::userdata:
        add_files(folder::userdata);
        for (const auto& e : model(*at).entries()) names.push_back(e.key);
        break;
      case node::entry:
        add_files(folder::entry);
        break;
    }
    return names;
  }

  /// The same names sorted, as ls prints them.
  answer<std::vector<std::string>> listdir(std::string_view path) const {
    auto names = entries(path);
    if (names) std::ranges::sort(*names);
    return names;
  }

  answer<file_status> stat(std::string_view path) const {
    const auto at = find(path);
    if (!at) return std::unexpected{at.error()};
    if (at->what == node::file) return file_status{0100000u | row(at->content).mode(), 4096};
    return file_status{0040755u, 0};
  }

  /// Never succeeds: the directory knows no unlink, only which errno comes first.
  answer<void> unlink(std::string_view path) {
    auto at = find_parent(path);
    if (!at) return std::unexpected{at.error()};
    if (at->last_is_dots || at->last.empty()) return refuse(EISDIR);
    const auto there = child(at->parent, at->last);
    if (!there) return std::unexpected{there.error()};
    if (there->what != node::file) return refuse(EISDIR);
    return refuse(path.ends_with('/') ? ENOTDIR : EPERM);
  }

  /// Succeeds only where nothing is to be done (a name onto itself).
  answer<void> rename(std::string_view from, std::string_view to) {
    const auto old_at = find_parent(from);
    if (!old_at) return std::unexpected{old_at.error()};
    const auto new_at = find_parent(to);
    if (!new_at) return std::unexpected{new_at.error()};
    if (old_at->last_is_dots || new_at->last_is_dots || old_at->last.empty() || new_at->last.empty())
      return refuse(EBUSY);
    const auto source = child(old_at->parent, old_at->last);
    if (!source) return std::unexpected{source.error()};
    const auto goal = child(new_at->parent, new_at->last);
    if (!goal && goal.error().value() != ENOENT) return std::unexpected{goal.error()};
    const bool moves_file = source->what == node::file;
    if (moves_file && (from.ends_with('/') || to.ends_with('/'))) return refuse(ENOTDIR);
    if (!moves_file && is_inside(new_at->parent, *source)) return refuse(EINVAL);
    if (goal) {
      if (is_inside(old_at->parent, *goal)) return refuse(ENOTEMPTY);
      if (*source == *goal) return {};
      if (moves_file != (goal->what == node::file)) return refuse(moves_file ? EISDIR : ENOTDIR);
    }
    return refuse(EPERM);
  }

  /// Never succeeds; what it would point to does not matter.
  answer<void> symlink(std::string_view path) {
    auto at = find_vacant(path);
    if (!at) return std::unexpected{at.error()};
    return refuse(path.ends_with('/') ? ENOENT : EPERM);
  }

  /// rmmod netconsole: EAGAIN while directories exist; afterwards the directory is gone.
  answer<void> unload() {
    if (!loaded_) return refuse(ENOENT);
    if (std::ranges::any_of(targets_, &record::has_directory)) return refuse(EAGAIN);
    targets_.clear();
    loaded_ = false;
    return {};
  }

  /// The next target of the module parameter, set up at once; from 6.7 mkdir of its name cmdlineN attaches to
  /// it. When the setup fails the target stays, disabled, and nothing is returned as wrong; before 6.12 the
  /// whole load fails, which is the error.
  answer<void> add_boot_target(const settings& from) {
    target_model made{kernel_, from};
    const int code = made.enable(interfaces_);
    if (code != 0 && !kernel_.supports(feature::bad_target_skipped)) {
      targets_.clear();
      loaded_ = false;
      return refuse(code);
    }
    targets_.push_back({"cmdline" + std::to_string(boot_targets_++), false, std::move(made)});
    return {};
  }

  /// The state behind enabled: deactivated is shown as 0 too. Nothing when no such target exists.
  std::optional<target_state> state(std::string_view name) const {
    const auto* found = target(name);
    return found ? std::optional{found->model.state()} : std::nullopt;
  }

  /// What an extended record of that target carries after its body; empty when there is no such target.
  std::string published_userdata(std::string_view name) const {
    const auto* found = target(name);
    return found ? found->model.published() : std::string{};
  }

  // -- interfaces: ENODEV when there is none of that name, EEXIST when there is one already
  // ------------------

  /// Targets that were deactivated with that name (or MAC) try to resume.
  answer<void> register_interface(interface added) {
    if (find_interface(added.name)) return refuse(EEXIST);
    interfaces_.push_back(std::move(added));
    resume(interfaces_.back().name);
    return {};
  }

  /// Its targets are disabled, from 7.0 on deactivated. A port leaves its master as with release.
  answer<void> unregister_interface(std::string_view name) {
    const auto* found = find_interface(name);
    if (!found) return refuse(ENODEV);
    for (auto& other : interfaces_)
      if (other.master == name) other.master.reset();
    for (auto& t : targets_)
      if (t.model.is_bound_to(name)) t.model.lose_interface();
    const auto master = found->master;
    std::erase_if(interfaces_, [gone = std::string{name}](const auto& i) { return i.name == gone; });
    if (master) lose_port(*master);
    return {};
  }

  answer<void> rename_interface(std::string_view from, std::string_view to) {
    auto* found = find_interface(from);
    if (!found) return refuse(ENODEV);
    if (find_interface(to)) return refuse(EEXIST);
    const std::string old_name{from}, new_name{to};
    found->name = new_name;
    for (auto& other : interfaces_)
      if (other.master == old_name) other.master = new_name;
    for (auto& t : targets_) t.model.rename_interface(old_name, new_name);
    resume(new_name);
    return {};
  }

  /// The interface becomes a port of master: its targets stop, and do not resume.
  answer<void> enslave(std::string_view name, std::string_view master) {
    auto* found = find_interface(name);
    if (!found) return refuse(ENODEV);
    if (found->master) return refuse(EBUSY);
    found->master = std::string{master};
    disable_bound_to(name);
    return {};
  }

  /// The interface leaves its master. When it was the last port, targets on the master stop, for good, unless
  /// the master is a bridge (bond_main.c, br_if.c).
  answer<void> release(std::string_view name) {
    auto* found = find_interface(name);
    if (!found) return refuse(ENODEV);
    if (!found->master) return refuse(EINVAL);
    lose_port(*std::exchange(found->master, std::nullopt));
    return {};
  }

  /// Down stops no target: records are only skipped until it is up again.
  answer<void> set_up(std::string_view name, bool up) {
    auto* found = find_interface(name);
    if (!found) return refuse(ENODEV);
    found->up = up;
    return {};
  }

  /// Replaces the addresses of an interface; targets keep the source they chose.
  answer<void> set_addresses(std::string_view name, std::vector<ipv4_address> ipv4,
                             std::vector<ipv6_address> ipv6) {
    auto* found = find_interface(name);
    if (!found) return refuse(ENODEV);
    found->ipv4 = std::move(ipv4);
    found->ipv6 = std::move(ipv6);
    return {};
  }

 private:
  static constexpr std::string_view directory_name = "netconsole";

  struct record {
    std::string name;
    bool has_directory;  // boot targets run before mkdir gives them one
    target_model model;
  };

  struct node {
    // mount is the directory above: it holds netconsole/ and refuses everything else.
    enum kind : std::uint8_t { mount, root, target, userdata, entry, file } what = root;
    std::size_t owner = 0;                   // which target
    std::size_t index = 0;                   // which entry of it
    attribute content = attribute::enabled;  // which file

    friend bool operator==(const node&, const node&) = default;
  };

  struct place {
    node parent;
    std::string_view last;  // empty: the path names the netconsole directory itself
    bool last_is_dots = false;
  };

  target_model& model(const node& n) { return targets_[n.owner].model; }
  const target_model& model(const node& n) const { return targets_[n.owner].model; }

  static node parent_of(const node& n) noexcept {
    switch (n.what) {
      case node::target:
        return {};
      case node::userdata:
        return {node::target, n.owner};
      case node::entry:
        return {node::userdata, n.owner};
      default:
        return {node::mount};
    }
  }

  static bool is_inside(node inner, const node& outer) noexcept {
    for (; inner.what != node::mount; inner = parent_of(inner))
      if (inner == outer) return true;
    return inner == outer;
  }

  answer<node> child(const node& in, std::string_view name) const {
    if (in.what == node::file) return refuse(ENOTDIR);
    if (name == ".") return in;
    if (name == "..") return parent_of(in);
    if (name.size() > max_name) return refuse(ENAMETOOLONG);
    const auto file_in = [&](folder where) -> answer<node> {
      const auto found = find_attribute(name, where, kernel_);
      if (!found) return refuse(ENOENT);
      return node{node::file, in.owner, in.index, *found};
    };
    switch (in.what) {
      case node::mount:
        if (name == directory_name) return node{};
        break;
      case node::root:
        for (std::size_t i = 0; i < targets_.size(); ++i)
          if (targets_[i].has_directory && targets_[i].name == name) return node{node::target, i};
        break;
      case node::target:
        if (name == "userdata" && kernel_.supports(feature::userdata)) return node{node::userdata, in.owner};
        return file_in(folder::target);
      case node::userdata: {
        const auto& all = model(in).entries();
        const auto at = std::ranges::find(all, name, &target_model::entry::key);
        if (at != all.end()) return node{node::entry, in.owner, static_cast<std::size_t>(at - all.begin())};
        return file_in(folder::userdata);
      }
      case node::entry:
        return file_in(folder::entry);
      case node::file:
        break;
    }
    return refuse(ENOENT);
  }

  /// Where a new entry would stand: its parent is there and the name is not taken.
  answer<place> find_vacant(std::string_view path) const {
    auto at = find_parent(path);
    if (!at) return at;
    if (at->last_is_dots || at->last.empty()) return refuse(EEXIST);
    const auto there = child(at->parent, at->last);
    if (there) return refuse(EEXIST);
    if (there.error().value() != ENOENT) return std::unexpected{there.error()};
    return at;
  }

  answer<place> find_parent(std::string_view path) const {
    // The kernel limits the whole path, mount point included; a NUL cannot be passed to it.
    constexpr std::size_t path_max = 4096, prefix = std::string_view{"/sys/kernel/config/netconsole/"}.size();
    if (path.size() + prefix >= path_max) return refuse(ENAMETOOLONG);
    if (path.find('\0') != path.npos) return refuse(EINVAL);
    if (!loaded_) return refuse(ENOENT);
    place found{{}, {}};
    while (!path.empty()) {
      const auto slash = path.find('/');
      const auto name = path.substr(0, slash);
      path = slash == path.npos ? std::string_view{} : path.substr(slash + 1);
      if (name.empty()) continue;
      if (!found.last.empty()) {
        const auto next = child(found.parent, found.last);
        if (!next) return std::unexpected{next.error()};
        found.parent = *next;
      }
      found.last = name;
    }
    found.last_is_dots = found.last == "." || found.last == "..";
    if (found.parent.what == node::file) return refuse(ENOTDIR);
    return found;
  }

  answer<node> find(std::string_view path) const {
    const auto at = find_parent(path);
    if (!at) return std::unexpected{at.error()};
    if (at->last.empty()) return at->parent;
    const auto found = child(at->parent, at->last);
    if (found && found->what == node::file && path.ends_with('/')) return refuse(ENOTDIR);
    return found;
  }

  void make_target(std::string_view name) {
    if (kernel_.supports(feature::boot_targets_in_configfs))
      for (auto at = targets_.begin(); at != targets_.end(); ++at)
        if (!at->has_directory && at->name == name) {
          at->has_directory = true;
          std::rotate(at, at + 1, targets_.end());  // directories are listed in the order they were made
          return;
        }
    targets_.push_back({std::string{name}, true, target_model{kernel_}});
  }

  const record* target(std::string_view name) const {
    const auto at = std::ranges::find(targets_, name, &record::name);
    return at == targets_.end() ? nullptr : &*at;
  }

  interface* find_interface(std::string_view name) {
    const auto at = std::ranges::find(interfaces_, name, &interface::name);
    return at == interfaces_.end() ? nullptr : &*at;
  }

  void resume(std::string_view name) {
    const auto* device = find_interface(name);
    for (auto& t : targets_) t.model.resume_on(*device, interfaces_);
  }

  void disable_bound_to(std::string_view name) {
    for (auto& t : targets_)
      if (t.model.is_bound_to(name)) t.model.disable();
  }

  void lose_port(std::string_view master) {
    const auto* const left = find_interface(master);
    if (left == nullptr || left->bridge) return;
    if (std::ranges::none_of(interfaces_, [&](const auto& i) { return i.master == master; }))
      disable_bound_to(master);
  }

  kernel_profile kernel_;
  std::vector<interface> interfaces_;
  std::vector<record> targets_;
  std::size_t boot_targets_ = 0;
  bool loaded_;
};

}  // namespace netcon::configfs
