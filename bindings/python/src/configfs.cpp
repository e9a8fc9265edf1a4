// SPDX-License-Identifier: MIT
// configfs: the model of a kernel's directory, the real mount, states and plans.
#include "rows.hpp"

#include <netcon/configfs/apply.hpp>
#include <netcon/configfs/boot.hpp>
#include <netcon/configfs/model/memory_tree.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/shell.hpp>
#include <netcon/configfs/tree.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/os/mounted_tree.hpp>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <type_traits>

namespace binding {
namespace {

namespace cfs = netcon::configfs;

/// OSError with the kernel's errno, its reason in words, and the file.
[[noreturn]] void throw_answer(const std::error_code& code, const std::string& words, std::string_view path) {
  const auto arguments = py::make_tuple(code.value(), name_text(words), name_text(path));
  PyErr_SetObject(PyExc_OSError, arguments.ptr());
  throw py::error_already_set();
}

template <class T>
T value_or_throw(cfs::result<T> answer, std::string_view path) {
  if (!answer) throw_answer(answer.error(), cfs::describe(answer.error()), path);
  if constexpr (!std::is_void_v<T>) return std::move(*answer);
}

/// What both trees do, so that all that works on a tree is compiled once.
class any_tree {
 public:
  any_tree() = default;
  any_tree(const any_tree&) = delete;
  any_tree& operator=(const any_tree&) = delete;
  virtual ~any_tree() = default;
  virtual cfs::result<void> mkdir(std::string_view path) = 0;
  virtual cfs::result<void> rmdir(std::string_view path) = 0;
  virtual cfs::result<std::size_t> write(std::string_view path, std::string_view data) = 0;
  virtual cfs::result<std::string> read(std::string_view path) const = 0;
  virtual cfs::result<std::vector<std::string>> entries(std::string_view path) const = 0;
};
static_assert(cfs::tree<any_tree>);

/// What the call returns. On a real tree other threads of Python run meanwhile: a kernel that enables a
/// target waits seconds for its device. The model has only the GIL to protect it.
template <class Tree, class Call>
auto operate(Call&& call) {
  if constexpr (std::is_same_v<Tree, cfs::mounted_tree>) {
    const py::gil_scoped_release unlocked;
    return call();
  } else {
    return call();
  }
}

template <cfs::tree Tree>
class tree_of final : public any_tree {
 public:
  explicit tree_of(Tree made) : tree{std::move(made)} {}
  cfs::result<void> mkdir(std::string_view path) override {
    return operate<Tree>([&] { return tree.mkdir(path); });
  }
  cfs::result<void> rmdir(std::string_view path) override {
    return operate<Tree>([&] { return tree.rmdir(path); });
  }
  cfs::result<std::size_t> write(std::string_view path, std::string_view data) override {
    return operate<Tree>([&] { return tree.write(path, data); });
  }
  cfs::result<std::string> read(std::string_view path) const override {
    return operate<Tree>([&] { return tree.read(path); });
  }
  cfs::result<std::vector<std::string>> entries(std::string_view path) const override {
    return operate<Tree>([&] { return tree.entries(path); });
  }

  Tree tree;
};
using modelled_tree = tree_of<cfs::memory_tree>;
using real_tree = tree_of<cfs::mounted_tree>;

/// Trees carry out steps; what fails is explained in the kernel's terms.
void carry_out(any_tree& tree, cfs::operation what, const std::string& path, const std::error_code& code,
               std::string_view data = {}) {
  if (!code) return;
  const cfs::step step{what, path, std::string{data}};
  throw_answer(code, cfs::explain(std::as_const(tree), step, code), path);
}

std::string path_of(py::handle value) {
  return std::string{view_of(as_bytes(value, "path"))};
}

void make_directory(any_tree& tree, py::handle path) {
  const auto text = path_of(path);
  const auto made = tree.mkdir(text);
  carry_out(tree, cfs::operation::mkdir, text, made ? std::error_code{} : made.error());
}

void remove_directory(any_tree& tree, py::handle path) {
  const auto text = path_of(path);
  const auto gone = tree.rmdir(text);
  carry_out(tree, cfs::operation::rmdir, text, gone ? std::error_code{} : gone.error());
}

std::size_t write_file(any_tree& tree, py::handle path, py::handle data) {
  const auto text = path_of(path);
  const auto bytes = as_bytes(data, "data");
  const auto count = tree.write(text, view_of(bytes));
  carry_out(tree, cfs::operation::write, text, count ? std::error_code{} : count.error(), view_of(bytes));
  return *count;
}

py::bytes read_file(const any_tree& tree, py::handle path) {
  const auto text = path_of(path);
  return py::bytes(value_or_throw(tree.read(text), text));
}

py::list names_from(const std::vector<std::string>& names) {
  py::list out;
  for (const auto& name : names) out.append(name_text(name));
  return out;
}

py::list list_entries(const any_tree& tree, py::handle path) {
  const auto text = path_of(path);
  return names_from(value_or_throw(tree.entries(text), text));
}

py::list list_sorted(const any_tree& tree, py::handle path) {
  const auto text = path_of(path);
  auto names = value_or_throw(tree.entries(text), text);
  std::ranges::sort(names);
  return names_from(names);
}

// Interfaces

py::object item_of(const py::dict& row, const char* key) {
  return row.contains(key) ? py::object(row[key]) : py::none();
}

netcon::ip_address ip_of(py::handle value, const char* argument) {
  const auto text = as_bytes(py::str(value), argument);
  const auto address = netcon::ip_address::parse(view_of(text));
  if (!address) throw_parse_error(address.error(), py::str(value));
  return *address;
}

void read_addresses(py::handle given, const char* argument, bool v6, cfs::interface& out) {
  if (given.is_none()) return;
  for (auto items = items_of(given, argument, "addresses"); items != py::iterator::sentinel(); ++items) {
    const auto address = ip_of(*items, argument);
    if (address.is_v6() != v6)
      throw py::value_error(std::string{argument} + " holds an address of the other family");
    if (v6) {
      out.ipv6.push_back(address.v6());
    } else {
      out.ipv4.push_back(address.v4());
    }
  }
}

bool flag_of(py::handle value, bool otherwise, const char* argument) {
  return value.is_none() ? otherwise : binding::flag_of(value, argument);
}

cfs::interface interface_of(py::handle value) {
  if (!PyDict_Check(value.ptr()))
    throw py::type_error(std::string{"an interface must be a dict with name, mac, ipv4, ipv6, up, master, "
                                     "netpoll and bridge, not "} +
                         Py_TYPE(value.ptr())->tp_name);
  const auto row = py::reinterpret_borrow<py::dict>(value);
  for (const auto& [key, unused] : row) {
    if (!PyUnicode_Check(key.ptr()))
      throw py::type_error(std::string{"the keys of an interface must be str, not "} +
                           Py_TYPE(key.ptr())->tp_name);
    const auto name = key.cast<std::string>();
    bool known = false;
    for (const char* one : {"name", "mac", "ipv4", "ipv6", "up", "master", "netpoll", "bridge"})
      known = known || name == one;
    if (!known) throw py::type_error("an interface has no '" + name + "'");
  }
  cfs::interface out;
  const auto name = item_of(row, "name");
  if (name.is_none()) throw py::type_error("an interface needs a name");
  out.name = view_of(as_bytes(name, "name"));
  if (const auto mac = item_of(row, "mac"); !mac.is_none()) out.mac = mac_of(mac);
  read_addresses(item_of(row, "ipv4"), "ipv4", false, out);
  read_addresses(item_of(row, "ipv6"), "ipv6", true, out);
  out.up = flag_of(item_of(row, "up"), true, "up");
  out.netpoll = flag_of(item_of(row, "netpoll"), true, "netpoll");
  out.bridge = flag_of(item_of(row, "bridge"), false, "bridge");
  if (const auto master = item_of(row, "master"); !master.is_none())
    out.master = std::string{view_of(as_bytes(master, "master"))};
  return out;
}

template <class T>
py::list texts_of(const std::vector<T>& addresses) {
  py::list out;
  for (const auto& address : addresses) out.append(to_string(address));
  return out;
}

py::dict row_of_interface(const cfs::interface& from) {
  py::dict row;
  row["name"] = name_text(from.name);
  row["mac"] = to_string(from.mac);
  row["ipv4"] = texts_of(from.ipv4);
  row["ipv6"] = texts_of(from.ipv6);
  row["up"] = from.up;
  row["master"] = from.master ? name_text(*from.master) : py::none();
  row["netpoll"] = from.netpoll;
  row["bridge"] = from.bridge;
  return row;
}

std::unique_ptr<modelled_tree> make_tree(py::handle kernel, py::handle interfaces) {
  std::vector<cfs::interface> all;
  if (!interfaces.is_none()) {
    if (PyDict_Check(interfaces.ptr())) throw py::type_error("interfaces must be a list of dicts, not dict");
    for (auto rows = items_of(interfaces, "interfaces", "dicts"); rows != py::iterator::sentinel(); ++rows)
      all.push_back(interface_of(*rows));
  }
  return std::make_unique<modelled_tree>(cfs::memory_tree{profile_of(kernel), std::move(all)});
}

std::string word(py::handle value, const char* argument) {
  return std::string{view_of(as_bytes(value, argument))};
}

// States: (settings row, enabled, userdata, sysdata, local_mac, transmit_errors, unknown)

py::tuple row_of_state(const cfs::state& s) {
  py::list userdata, unknown;
  for (const auto& entry : s.userdata)
    userdata.append(py::make_tuple(name_text(entry.key), name_text(entry.value)));
  for (const auto& file : s.unknown)
    unknown.append(py::make_tuple(name_text(file.path), py::bytes(file.content)));
  return py::make_tuple(
      row_of(s.settings), s.enabled, py::tuple(userdata),
      py::make_tuple(s.sysdata.cpu_nr, s.sysdata.taskname, s.sysdata.release, s.sysdata.msgid),
      to_string(s.local_mac), s.transmit_errors ? py::object(py::int_(*s.transmit_errors)) : py::none(),
      py::tuple(unknown));
}

cfs::state state_of(const py::tuple& row) {
  if (row.size() != 7) throw py::value_error("a state has seven fields");
  cfs::state s;
  s.settings = settings_of(row[0].cast<py::tuple>());
  s.enabled = row[1].cast<bool>();
  for (const auto pair : row[2].cast<py::tuple>()) {
    const auto entry = pair.cast<py::tuple>();
    s.userdata.push_back({word(entry[0], "a key of userdata"), word(entry[1], "a value of userdata")});
  }
  const auto on = row[3].cast<py::tuple>();
  s.sysdata = {on[0].cast<bool>(), on[1].cast<bool>(), on[2].cast<bool>(), on[3].cast<bool>()};
  s.local_mac = mac_of(row[4]);
  if (!row[5].is_none()) s.transmit_errors = row[5].cast<std::uint64_t>();
  for (const auto pair : row[6].cast<py::tuple>()) {
    const auto file = pair.cast<py::tuple>();
    s.unknown.push_back({word(file[0], "path"), word(file[1], "content")});
  }
  return s;
}

py::tuple read_state(const any_tree& tree, py::handle name, py::handle kernel) {
  const auto text = word(name, "name");
  const auto found = cfs::read(tree, text, profile_of(kernel));
  if (!found) throw_answer(found.error().code, cfs::describe(found.error().code), found.error().file);
  return row_of_state(*found);
}

// Plans

cfs::plan plan_of(py::handle name, py::handle before, py::handle after, py::handle kernel) {
  const auto title = word(name, "name");
  const auto p = profile_of(kernel);
  std::optional<cfs::state> now, want;
  if (!before.is_none()) now = state_of(before.cast<py::tuple>());
  if (!after.is_none()) want = state_of(after.cast<py::tuple>());
  if (!want) return now ? cfs::remove(title, *now, p) : cfs::plan{title, p, std::nullopt, std::nullopt, {}};
  auto made = now ? cfs::update(title, *now, *want, p) : cfs::create(title, *want, p);
  if (!made) {
    const auto raised = from_package("netcon._errors", "PlanError")(name_text(cfs::name(made.error().code)),
                                                                    name_text(cfs::message(made.error())),
                                                                    name_text(made.error().subject));
    PyErr_SetObject(py::type::of(raised).ptr(), raised.ptr());
    throw py::error_already_set();
  }
  return std::move(*made);
}

py::list steps_of(py::handle name, py::handle before, py::handle after, py::handle kernel) {
  py::list out;
  for (const auto& step : plan_of(name, before, after, kernel).steps) {
    out.append(py::make_tuple(name_text(cfs::name(step.what)), name_text(step.path), py::bytes(step.data)));
  }
  return out;
}

void apply_plan(any_tree& tree, py::handle name, py::handle before, py::handle after, py::handle kernel) {
  const auto done = cfs::apply(tree, plan_of(name, before, after, kernel));
  if (done) return;
  const auto& e = done.error();
  throw_answer(
      e.code,
      e.reason + (e.rolled_back ? "; the target is as it was before" : "; earlier steps could not be undone"),
      e.failed.path);
}

py::object shell_script(py::handle name, py::handle before, py::handle after, py::handle kernel) {
  return name_text(cfs::to_shell(plan_of(name, before, after, kernel)));
}

/// A boot form, or ValueError with why the target cannot be said so.
template <cfs::boot_text (*Form)(const cfs::plan&)>
py::object boot_form(py::handle name, py::handle before, py::handle after, py::handle kernel) {
  const auto text = Form(plan_of(name, before, after, kernel));
  if (!text) throw py::value_error(text.error());
  return name_text(*text);
}

void bind_tree(py::module_& m) {
  py::class_<any_tree> tree{m, "_Tree"};
  tree.def("mkdir", &make_directory, py::arg("path"),
           doc("mkdir(self, path)\n--\n\n"
               "Makes a target, or a userdata key."))
      .def("rmdir", &remove_directory, py::arg("path"),
           doc("rmdir(self, path)\n--\n\n"
               "Removes one."))
      .def("write", &write_file, py::arg("path"), py::arg("data"),
           doc("write(self, path, data)\n--\n\n"
               "One write(2) on a freshly opened file; how many bytes the kernel took."))
      .def("read", &read_file, py::arg("path"),
           doc("read(self, path)\n--\n\n"
               "The whole content of a file."))
      .def("entries", &list_entries, py::arg("path") = "",
           doc("entries(self, path='')\n--\n\n"
               "The names in a directory, in the kernel's order."))
      .def("listdir", &list_sorted, py::arg("path") = "",
           doc("listdir(self, path='')\n--\n\n"
               "The names in a directory, sorted."))
      .def("read_state", &read_state, py::arg("name"), py::arg("kernel"),
           doc("read_state(self, name, kernel)\n--\n\n"
               "The row that configfs.read() makes a State of."))
      .def("apply_plan", &apply_plan, py::arg("name"), py::arg("before"), py::arg("after"), py::arg("kernel"),
           doc("apply_plan(self, name, before, after, kernel)\n--\n\n"
               "Plan.apply() calls it."));
  refuse_other_arguments(tree);
}

}  // namespace

void bind_configfs(py::module_& m) {
  py::options options;
  options.disable_function_signatures();  // the docstrings begin with them, where inspect looks
  bind_tree(m);
  using tree = modelled_tree;
  py::class_<tree, any_tree> model(m, "MemoryTree", doc(R"(A model of the netconsole directory of any kernel.

Every operation gives the bytes or the errno of that kernel, as root, on a machine with these interfaces:
dicts with name, mac, ipv4, ipv6, up, master, netpoll and bridge; only name is required. Paths are relative to the
netconsole directory.

>>> from netcon.configfs import MemoryTree
>>> tree = MemoryTree(kernel="6.12.117", interfaces=[{"name": "eth0", "ipv4": ["10.0.2.15"]}])
>>> tree.mkdir("box1")
>>> tree.write("box1/remote_ip", b"10.0.2.2\n"), tree.write("box1/enabled", b"1")
(9, 1)
>>> tree.read("box1/local_ip")
b'10.0.2.15\n'
>>> tree.write("box1/remote_ip", b"10.0.2.3")
Traceback (most recent call last):
...
OSError: [Errno 22] target is enabled: disable it to change remote_ip: 'box1/remote_ip'
)"));
  model.def(py::init(&make_tree), py::arg("kernel") = py::none(), py::arg("interfaces") = py::tuple(),
            doc("__init__(self, kernel=None, interfaces=())\n--\n\n"));
  model
      .def_property_readonly(
          "kernel", +[](const tree& t) { return t.tree.kernel(); }, doc("The KernelProfile it behaves as."))
      .def_property_readonly(
          "interfaces",
          +[](const tree& t) {
            py::list rows;
            for (const auto& one : t.tree.interfaces()) rows.append(row_of_interface(one));
            return rows;
          },
          doc("The interfaces as they are now."))
      .def(
          "stat",
          +[](const tree& t, py::handle path) {
            const auto text = path_of(path);
            const auto status = value_or_throw(t.tree.stat(text), text);
            return py::make_tuple(status.mode, status.size);
          },
          py::arg("path"),
          doc("stat(self, path)\n--\n\n"
              "(mode, size) as stat(2) reports them."))
      .def(
          "unlink",
          +[](tree& t, py::handle path) {
            const auto text = path_of(path);
            value_or_throw(t.tree.unlink(text), text);
          },
          py::arg("path"),
          doc("unlink(self, path)\n--\n\n"
              "Always fails, with the errno of the kernel."))
      .def(
          "rename",
          +[](tree& t, py::handle from, py::handle to) {
            const auto text = path_of(from);
            value_or_throw(t.tree.rename(text, path_of(to)), text);
          },
          py::arg("path"), py::arg("to"),
          doc("rename(self, path, to)\n--\n\n"
              "Fails unless both names are the same."))
      .def(
          "symlink",
          +[](tree& t, py::handle path) {
            const auto text = path_of(path);
            value_or_throw(t.tree.symlink(text), text);
          },
          py::arg("path"),
          doc("symlink(self, path)\n--\n\n"
              "Always fails, with the errno of the kernel."))
      .def(
          "unload", +[](tree& t) { value_or_throw(t.tree.unload(), ""); },
          doc("unload(self)\n--\n\n"
              "rmmod netconsole."))
      .def(
          "add_boot_target",
          +[](tree& t, py::handle settings) {
            if (!py::isinstance(settings, from_package("netcon._parameter", "Settings")))
              throw py::type_error("settings must be Settings");
            const auto row = settings.attr("_row")().cast<py::tuple>();
            value_or_throw(t.tree.add_boot_target(settings_of(row)), "");
          },
          py::arg("settings"),
          doc("add_boot_target(self, settings)\n--\n\n"
              "The next target of the module parameter: cmdline0, cmdline1 and so on."))
      .def(
          "state",
          +[](const tree& t, py::handle name) -> py::object {
            const auto state = t.tree.state(word(name, "name"));
            if (!state) return py::none();
            constexpr const char* names[] = {"disabled", "enabled", "deactivated"};
            return py::str(names[static_cast<unsigned>(*state)]);
          },
          py::arg("name"),
          doc("state(self, name)\n--\n\n"
              "'disabled', 'enabled' or 'deactivated'; None when there is no such target."))
      .def(
          "published_userdata",
          +[](const tree& t, py::handle name) {
            return py::bytes(t.tree.published_userdata(word(name, "name")));
          },
          py::arg("name"),
          doc("published_userdata(self, name)\n--\n\n"
              "The lines that an extended record of that target carries after its body."))
      .def(
          "register_interface",
          +[](tree& t, py::handle row) {
            auto added = interface_of(row);
            const auto name = added.name;
            value_or_throw(t.tree.register_interface(std::move(added)), name);
          },
          py::arg("interface"),
          doc("register_interface(self, interface)\n--\n\n"
              "An interface comes; targets that waited for it resume (7.0+)."))
      .def(
          "see_interface_elsewhere",
          +[](tree& t, py::handle row) { t.tree.see_interface_elsewhere(interface_of(row)); },
          py::arg("interface"),
          doc("see_interface_elsewhere(self, interface)\n--\n\n"
              "An interface comes in another network namespace; targets that wait for its like wait no "
              "longer "
              "(7.0+)."))
      .def(
          "take_log",
          +[](tree& t) {
            py::list lines;
            for (const auto& [severity, text] : t.tree.take_log())
              lines.append(py::make_tuple(py::str(std::string{name(severity)}), name_text(text)));
            return lines;
          },
          doc("take_log(self)\n--\n\n"
              "What the kernel logged since the last call, as (level, text), 1000 lines at most."))
      .def(
          "unregister_interface",
          +[](tree& t, py::handle name) {
            const auto text = word(name, "name");
            value_or_throw(t.tree.unregister_interface(text), text);
          },
          py::arg("name"),
          doc("unregister_interface(self, name)\n--\n\n"
              "An interface goes, and its targets with it."))
      .def(
          "rename_interface",
          +[](tree& t, py::handle name, py::handle to) {
            const auto text = word(name, "name");
            value_or_throw(t.tree.rename_interface(text, word(to, "to")), text);
          },
          py::arg("name"), py::arg("to"),
          doc("rename_interface(self, name, to)\n--\n\n"
              "An interface gets another name; targets follow it."))
      .def(
          "enslave",
          +[](tree& t, py::handle name, py::handle master) {
            const auto text = word(name, "name");
            value_or_throw(t.tree.enslave(text, word(master, "master")), text);
          },
          py::arg("name"), py::arg("master"),
          doc("enslave(self, name, master)\n--\n\n"
              "An interface becomes a port of a bridge, bond or team."))
      .def(
          "release",
          +[](tree& t, py::handle name) {
            const auto text = word(name, "name");
            value_or_throw(t.tree.release(text), text);
          },
          py::arg("name"),
          doc("release(self, name)\n--\n\n"
              "It leaves its master. Targets on the master stop with its last port, unless it is a bridge."))
      .def(
          "set_up",
          +[](tree& t, py::handle name, py::handle up) {
            const auto text = word(name, "name");
            value_or_throw(t.tree.set_up(text, flag_of(up, "up")), text);
          },
          py::arg("name"), py::arg("up"),
          doc("set_up(self, name, up)\n--\n\n"
              "The interface goes up or down."))
      .def(
          "set_addresses",
          +[](tree& t, py::handle name, py::handle ipv4, py::handle ipv6) {
            const auto text = word(name, "name");
            cfs::interface given;
            read_addresses(ipv4, "ipv4", false, given);
            read_addresses(ipv6, "ipv6", true, given);
            value_or_throw(t.tree.set_addresses(text, std::move(given.ipv4), std::move(given.ipv6)), text);
          },
          py::arg("name"), py::arg("ipv4") = py::tuple(), py::arg("ipv6") = py::tuple(),
          doc("set_addresses(self, name, ipv4=(), ipv6=())\n--\n\n"
              "Replaces the addresses of an interface."));

  using mount = real_tree;
  py::class_<mount, any_tree> mounted(m, "MountedTree", doc(R"(The real netconsole directory of this machine.

Paths are relative to root and never leave it. OSError has the kernel's errno and its reason in words.)"));
  mounted.def(py::init(+[](py::handle root) {
                py::object path;
                if (py::hasattr(root, "__fspath__")) {
                  path = py::reinterpret_steal<py::object>(PyOS_FSPath(root.ptr()));
                  if (!path) throw py::error_already_set();
                  root = path;
                }
                auto name = word(root, "root");
                if (name.find('\0') != name.npos) throw py::value_error("root has a null byte");
                return std::make_unique<mount>(cfs::mounted_tree{std::move(name)});
              }),
              py::arg("root") = "/sys/kernel/config/netconsole",
              doc("__init__(self, root='/sys/kernel/config/netconsole')\n--\n\n"));
  mounted
      .def_property_readonly(
          "root", +[](const mount& t) { return name_text(t.tree.root()); }, doc("The directory."))
      .def(
          "find_obstacle",
          +[](const mount& t, py::handle to_change) -> py::object {
            const bool changes = flag_of(to_change, "to_change");
            const auto found = operate<cfs::mounted_tree>([&] { return t.tree.find_obstacle(changes); });
            return found ? name_text(*found) : py::none();
          },
          py::arg("to_change") = true,
          doc("find_obstacle(self, to_change=True)\n--\n\n"
              "What keeps this directory from being read or changed, and the command that fixes it; None "
              "when "
              "nothing does."));
  model.def(
      "__repr__", +[](const py::object& self) {
        const auto targets = py::str(", ").attr("join")(self.attr("listdir")());
        return py::str("<netcon.configfs.MemoryTree, Linux {}, targets: {}>")
            .format(self.attr("kernel"), py::len(targets) != 0 ? targets : py::str("none"));
      });
  mounted.def(
      "__repr__", +[](const mount& here) {
        return py::str("<netcon.configfs.MountedTree at {}>").format(name_text(here.tree.root()));
      });
  refuse_other_arguments(model);
  refuse_other_arguments(mounted);

  const auto plan = [&m](const char* name, auto* form) {
    m.def(name, form, py::arg("name"), py::arg("before"), py::arg("after"), py::arg("kernel"));
  };
  plan("plan_to_shell", &shell_script);
  plan("plan_to_modprobe", &boot_form<cfs::to_modprobe>);
  plan("plan_to_cmdline", &boot_form<cfs::to_cmdline>);
  plan("plan_to_systemd_unit", &boot_form<cfs::to_systemd_unit>);
  m.def("plan_steps", &steps_of, py::arg("name"), py::arg("before"), py::arg("after"), py::arg("kernel"));
}

}  // namespace binding
