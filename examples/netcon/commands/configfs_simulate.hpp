// A script of mkdir, echo, rmdir and so on against the model of a kernel: what each command would answer.
#pragma once

#include <netcon/configfs/model/memory_tree.hpp>
#include <netcon/core/kernel.hpp>

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// The model with interfaces "NAME[,mac=M][,ipv4=A][,ipv6=A][,master=N][,down][,no-netpoll][,bridge]" (by
/// default one eth0 with an address of each kind) and the targets of a module parameter. The error is one line.
std::expected<netcon::configfs::memory_tree, std::string> model_of(const netcon::kernel_profile& kernel,
                                                                   const std::vector<std::string>& interfaces,
                                                                   std::string_view boot_parameter);

struct simulation {
  std::string report;         // a line a command, then the targets as they end
  std::size_t refused = 0;    // commands that failed
  std::string misunderstood;  // not empty: the line where it stopped, and why
};

simulation simulate_script(std::string_view script, netcon::configfs::memory_tree tree);

}  // namespace tool
