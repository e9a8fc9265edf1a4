// SPDX-License-Identifier: MIT
// The names are those that rustc 1.95 gave to a file of ours.
#include <netcon/crash/rust_name.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <string>
#include <string_view>

using netcon::crash::rust_path;

namespace {

struct row {
  std::string name, path;
};
const row rows[] = {
    {"_RNvCs5KYxIxedFEa_4pond4reed", "pond::reed"},
    {"_RNCNvCs5KYxIxedFEa_4pond4reed0B3_", "pond::reed::{closure#0}"},
    {"_RNCNvCs5KYxIxedFEa_4pond4reeds_0B3_", "pond::reed::{closure#1}"},
    {"_RNvMNtCs5KYxIxedFEa_4pond4nodeINtB2_4NodehE6updateB4_", "<pond::node::Node<u8>>::update"},
    {"_RNvMs_NtCs5KYxIxedFEa_4pond4nodeINtB4_4NodecE4showB6_", "<pond::node::Node<char>>::show"},
    {"_RNvXs0_NtCs5KYxIxedFEa_4pond4nodeINtB5_4NodeThcEENtB5_4Work4work",
     "<pond::node::Node<(u8, char)> as pond::node::Work>::work"},
    {"_RNvXs1_NtCs5KYxIxedFEa_4pond4nodeAmj5_NtB5_4Work4workB7_", "<[u32; 5] as pond::node::Work>::work"},
    {"_RNvXs1i_NtCsgEmfK2I1SDS_4core3fmtReNtB6_7Display3fmtCs5KYxIxedFEa_4pond",
     "<&str as core::fmt::Display>::fmt"},
    {"_RINvCs5KYxIxedFEa_4pond4openeKl7_EB2_", "pond::open::<str, 7>"},
    {"_RINvCs5KYxIxedFEa_4pond4openlKln3_EB2_", "pond::open::<i32, -3>"},
    {"_RINvCs5KYxIxedFEa_4pond4takeFUKCPhOxEbEB2_",
     "pond::take::<unsafe extern \"C\" fn(*const u8, *mut i64) -> bool>"},
    {"_RINvCs5KYxIxedFEa_4pond4takeINtNtCslNYArtu3iFV_5alloc5boxed3BoxDINtNtNtCsgEmfK2I1SDS_"
     "4core3ops8function2FnThEEp6OutputbNtNtB17_6marker4SendEL_EEB2_",
     "pond::take::<alloc::boxed::Box<dyn core::ops::function::Fn<(u8,), Output = bool> + "
     "core::marker::Send>>"},
    {"_RNSNvYNCNvCs5KYxIxedFEa_4pond4reed0INtNtNtCsgEmfK2I1SDS_"
     "4core3ops8function6FnOnceTlEE9call_once6vtableB8_",
     "<pond::reed::{closure#0} as core::ops::function::FnOnce<(i32,)>>::call_once::{shim:vtable#0}"},
};

}  // namespace

TEST_CASE("names of Rust become paths without the hashes of crates") {
  for (const auto& [name, path] : rows) CHECK(rust_path(name) == path);
  for (const std::string other : {"pond_open", "_RNA", "_R", "", "_Zpond", "_read_open"})
    CHECK_FALSE(rust_path(other));
}

TEST_CASE("a broken name of Rust is none, or short") {
  const auto size = [](const std::string& name) { return rust_path(name).value_or("").size(); };
  constexpr std::size_t most = 512;
  for (const auto& [name, path] : rows)
    for (std::size_t at = 0; at < name.size(); ++at) {
      CHECK(size(name.substr(0, at)) <= most);
      for (const char other : {'0', '9', 'B', 'I', 'N', '_', 'E'}) {
        auto changed = name;
        changed[at] = other;
        CHECK(size(changed) <= most);
      }
    }
  std::string nested = "_R", itself = "_RNvB_4pond";
  for (int i = 0; i < 10000; ++i) nested += "Nv";
  CHECK_FALSE(rust_path(nested));
  CHECK_FALSE(rust_path(itself));
  // Constants each of which stands for the one before it, where nothing is shown.
  std::string chain = "NvXIC1aKp";
  for (std::size_t place = 8; chain.size() < 10000;) {
    const auto here = chain.size() + 1;
    std::string digits;
    for (std::size_t left = place - 1; left != 0; left /= 62)
      digits.insert(digits.begin(),
                    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[left % 62]);
    chain += "KB" + digits + "_";
    if (place == 8) CHECK(rust_path("_R" + chain + "EuC1b1f") == "<() as b>::f");
    place = here;
  }
  CHECK_FALSE(rust_path("_R" + chain + "EuC1b1f"));
  // Each part stands for two of the one before it.
  std::string bomb = "_RINvC1a1bTT";
  for (int i = 0; i < 60; ++i) bomb += "TB7_B7_E";
  CHECK(size(bomb + "EE") <= most);
}
