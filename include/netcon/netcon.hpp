// SPDX-License-Identifier: MIT
// Every portable layer. The sockets and everything else that needs Linux are in os.hpp, the formatters for
// fmt in format.hpp.
#pragma once

#include <netcon/capture.hpp>
#include <netcon/configfs.hpp>
#include <netcon/core.hpp>
#include <netcon/crash.hpp>
#include <netcon/doctor.hpp>
#include <netcon/lint.hpp>
#include <netcon/output.hpp>
#include <netcon/parameter.hpp>
#include <netcon/receive.hpp>
#include <netcon/version.hpp>
#include <netcon/wire.hpp>
