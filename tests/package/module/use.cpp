// SPDX-License-Identifier: MIT
// A program that imports netcon.
import netcon;

int main() {
  using namespace netcon::literals;
  const auto record = netcon::decode("6,339,5140900,-;hello\n");
  constexpr auto target = "@/,@10.0.0.2/"_netconsole;
  const bool right = record && record->sequence() == 339 && !netcon::check(target) &&
                     netcon::parse_parameter("@/,@10.0.0.2/") && netcon::running_kernel();
  return right ? 0 : 1;
}
