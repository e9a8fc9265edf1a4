// SPDX-License-Identifier: MIT
// The netconsole directory of any kernel: each file operation gives the bytes or the errno that this kernel
// gives. Interfaces are an input; events on them change targets as in the kernel.
#pragma once

#include <netcon/configfs/attribute.hpp>
#include <netcon/configfs/kernel_error.hpp>
#include <netcon/configfs/model/interface.hpp>
#include <netcon/configfs/model/machine_model.hpp>
#include <netcon/configfs/model/target_model.hpp>
#include <netcon/core/kernel.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netcon::inline v0_1::configfs {

/// The part of stat(2) that differs: mode with the file type, and size.
struct file_status {
  unsigned mode = 0;     ///< with the file type, such as 0100644
  std::size_t size = 0;  ///< in bytes; 4096 for a file, 0 for a directory

  friend bool operator==(const file_status&, const file_status&) = default;
};

/// Paths are relative to the netconsole directory ("alpha/enabled"; "" is the directory itself) and walked as
/// the kernel walks them, so ".", ".." and doubled slashes mean what they do there. The caller is root.
class memory_tree : public machine_model {
 public:
  /// A netconsole directory without targets, on a machine with these interfaces.
  explicit memory_tree(const kernel_profile& kernel = kernel_profile::latest(),
                       std::vector<interface> interfaces = {})
      : machine_model{kernel, std::move(interfaces)} {}

  /// Makes a target or a userdata entry. EPERM elsewhere, EEXIST, ENAMETOOLONG, ENOSPC, ENOENT.
  result<void> mkdir(std::string_view path) {
    auto at = find_vacant(path);
    if (!at) return std::unexpected{at.error()};
    switch (at->parent.what) {
      case node::root:
        make_target(at->last);
        return {};
      case node::userdata:
        return model(at->parent).add_entry(at->last);
      default:
        return refuse(linux_errno::eperm);
    }
  }

  /// Removes a target or a userdata entry. ENOTEMPTY while a target has entries, EPERM, ENOTDIR, ENOENT.
  result<void> rmdir(std::string_view path) {
    auto at = find_parent(path);
    if (!at) return std::unexpected{at.error()};
    if (at->last_is_dots) return refuse(at->last == "." ? linux_errno::einval : linux_errno::enotempty);
    if (at->last.empty()) return refuse(linux_errno::eperm);
    const auto there = child(at->parent, at->last);
    if (!there) return std::unexpected{there.error()};
    switch (there->what) {
      case node::file:
        return refuse(linux_errno::enotdir);
      case node::target:
        if (!model(*there).entries().empty()) return refuse(linux_errno::enotempty);
        targets_.erase(targets_.begin() + static_cast<std::ptrdiff_t>(there->owner));
        return {};
      case node::entry:
        model(*there).remove_entry(there->index);
        return {};
      default:
        return refuse(linux_errno::eperm);
    }
  }

  /// One write(2) on a freshly opened file. How many bytes the kernel says it took: 4095 at most, on 6.x
  /// those before the first NUL.
  result<std::size_t> write(std::string_view path, std::string_view bytes) {
    const auto at = find(path);
    if (!at) return std::unexpected{at.error()};
    if (at->what != node::file) return refuse(linux_errno::eisdir);
    if (!describe(at->content).writable) return refuse(linux_errno::eacces);
    if (bytes.empty()) {
      if (kernel_.supports(feature::empty_write_refused)) return refuse(linux_errno::efault);
      return std::size_t{0};
    }
    bytes = bytes.substr(0, max_write);
    if (at->content == attribute::value) return model(*at).store_value(at->index, bytes);
    const bool was_enabled = model(*at).state() == target_state::enabled;
    auto stored = model(*at).store(at->content, bytes, {targets_[at->owner].name, interfaces_, log_});
    if (was_enabled && model(*at).state() != target_state::enabled) release_consoles(at->owner);
    return stored;
  }

  /// A whole file, with its newline. ENOENT, EISDIR.
  [[nodiscard]] result<std::string> read(std::string_view path) const {
    const auto at = find(path);
    if (!at) return std::unexpected{at.error()};
    if (at->what != node::file) return refuse(linux_errno::eisdir);
    return at->content == attribute::value ? model(*at).entries()[at->index].value + '\n'
                                           : model(*at).show(at->content, interfaces_);
  }

  /// Names in a directory: files first, then directories in the order they were made.
  [[nodiscard]] result<std::vector<std::string>> entries(std::string_view path) const {
    const auto at = find(path);
    if (!at) return std::unexpected{at.error()};
    std::vector<std::string> names;
    const auto add_files = [&](folder where) {
      for (const auto& file : attribute_table)
        if (file.where == where && exists(file, kernel_)) names.emplace_back(file.name);
    };
    switch (at->what) {
      case node::file:
        return refuse(linux_errno::enotdir);
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
  [[nodiscard]] result<std::vector<std::string>> listdir(std::string_view path) const {
    auto names = entries(path);
    if (names) std::ranges::sort(*names);
    return names;
  }

  /// ENOENT, ENOTDIR as the path is walked.
  [[nodiscard]] result<file_status> stat(std::string_view path) const {
    const auto at = find(path);
    if (!at) return std::unexpected{at.error()};
    if (at->what == node::file) return file_status{0100000u | describe(at->content).mode(), 4096};
    return file_status{0040755u, 0};
  }

  /// Never succeeds: the directory knows no unlink, only which errno comes first.
  result<void> unlink(std::string_view path) {
    auto at = find_parent(path);
    if (!at) return std::unexpected{at.error()};
    if (at->last_is_dots || at->last.empty()) return refuse(linux_errno::eisdir);
    const auto there = child(at->parent, at->last);
    if (!there) return std::unexpected{there.error()};
    if (there->what != node::file) return refuse(linux_errno::eisdir);
    return refuse(path.ends_with('/') ? linux_errno::enotdir : linux_errno::eperm);
  }

  /// Succeeds only where nothing is to be done (a name onto itself).
  result<void> rename(std::string_view from, std::string_view to) {
    auto old_at = find_parent(from);
    if (!old_at) return std::unexpected{old_at.error()};
    auto new_at = find_parent(to);
    if (!new_at) return std::unexpected{new_at.error()};
    if (old_at->last_is_dots || new_at->last_is_dots) return refuse(linux_errno::ebusy);
    for (auto* const at : {&*old_at, &*new_at})
      if (at->last.empty()) *at = {{node::mount}, directory_name};
    const auto source = child(old_at->parent, old_at->last);
    if (!source) return std::unexpected{source.error()};
    const auto goal = child(new_at->parent, new_at->last);
    if (!goal && number_of(goal.error()) != linux_errno::enoent) return std::unexpected{goal.error()};
    const bool moves_file = source->what == node::file;
    if (moves_file && (from.ends_with('/') || to.ends_with('/'))) return refuse(linux_errno::enotdir);
    if (!moves_file && is_inside(new_at->parent, *source)) return refuse(linux_errno::einval);
    if (goal) {
      if (is_inside(old_at->parent, *goal)) return refuse(linux_errno::enotempty);
      if (*source == *goal) return {};
      if (moves_file != (goal->what == node::file))
        return refuse(moves_file ? linux_errno::eisdir : linux_errno::enotdir);
    }
    return refuse(linux_errno::eperm);
  }

  /// Never succeeds; what it would point to does not matter.
  result<void> symlink(std::string_view path) {
    auto at = find_vacant(path);
    if (!at) return std::unexpected{at.error()};
    return refuse(path.ends_with('/') ? linux_errno::enoent : linux_errno::eperm);
  }

 private:
  static constexpr std::string_view directory_name = "netconsole";

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

  result<node> child(const node& in, std::string_view name) const {
    if (in.what == node::file) return refuse(linux_errno::enotdir);
    if (name == ".") return in;
    if (name == "..") return parent_of(in);
    if (name.size() > max_name) return refuse(linux_errno::enametoolong);
    const auto file_in = [&](folder where) -> result<node> {
      const auto found = find_attribute(name, where, kernel_);
      if (!found) return refuse(linux_errno::enoent);
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
    return refuse(linux_errno::enoent);
  }

  /// The place of a new entry: its parent exists and the name is free.
  result<place> find_vacant(std::string_view path) const {
    auto at = find_parent(path);
    if (!at) return at;
    if (at->last_is_dots || at->last.empty()) return refuse(linux_errno::eexist);
    const auto there = child(at->parent, at->last);
    if (there) return refuse(linux_errno::eexist);
    if (number_of(there.error()) != linux_errno::enoent) return std::unexpected{there.error()};
    return at;
  }

  result<place> find_parent(std::string_view path) const {
    // The kernel limits the whole path, mount point included; a NUL cannot be passed to it.
    constexpr std::size_t path_max = 4096, prefix = std::string_view{"/sys/kernel/config/netconsole/"}.size();
    if (path.size() + prefix >= path_max) return refuse(linux_errno::enametoolong);
    if (path.find('\0') != path.npos) return refuse(linux_errno::einval);
    if (!loaded_) return refuse(linux_errno::enoent);
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
    if (found.parent.what == node::file) return refuse(linux_errno::enotdir);
    return found;
  }

  result<node> find(std::string_view path) const {
    const auto at = find_parent(path);
    if (!at) return std::unexpected{at.error()};
    if (at->last.empty()) return at->parent;
    const auto found = child(at->parent, at->last);
    if (found && found->what == node::file && path.ends_with('/')) return refuse(linux_errno::enotdir);
    return found;
  }
};

}  // namespace netcon::inline v0_1::configfs
