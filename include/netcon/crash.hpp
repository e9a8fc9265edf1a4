// SPDX-License-Identifier: MIT
// From the lines of kernels to one report for each crash: what it is, its name, its trace, whether it is
// complete.
#pragma once

#include <netcon/crash/detector.hpp>
#include <netcon/crash/end_of_panic.hpp>
#include <netcon/crash/event.hpp>
#include <netcon/crash/frame.hpp>
#include <netcon/crash/kind.hpp>
#include <netcon/crash/limits.hpp>
#include <netcon/crash/line.hpp>
#include <netcon/crash/log_scanner.hpp>
#include <netcon/crash/opening.hpp>
#include <netcon/crash/read_opening.hpp>
#include <netcon/crash/report.hpp>
#include <netcon/crash/rust_name.hpp>
