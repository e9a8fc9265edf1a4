// Any text as a script of `netcon configfs simulate`.
#include "fuzz.hpp"

#include "commands/configfs_simulate.hpp"

using fuzz::check;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{{reinterpret_cast<const char*>(data), size}};
  constexpr netcon::kernel_version versions[] = {{6, 1, 192}, {6, 12, 117}, {7, 3, 4}};
  const auto kernel = netcon::kernel_profile(versions[in.below(3)]);
  auto tree = tool::model_of(kernel, {}, in.text(in.below(40)));
  if (!tree) {
    check(!tree.error().empty() && tree.error().find('\n') == std::string::npos, "an error is one line");
    return 0;
  }
  const auto done = tool::simulate_script(in.rest(), std::move(*tree));
  for (const char c : done.report)
    check(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f),
          "nothing in the report acts on a terminal");
  return 0;
}
