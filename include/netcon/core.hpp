// SPDX-License-Identifier: MIT
// The values that everything else is made of: addresses, ports, names, kernel versions, errors.
#pragma once

#include <netcon/core/address_range.hpp>
#include <netcon/core/borrowed_text.hpp>
#include <netcon/core/endpoint.hpp>
#include <netcon/core/error.hpp>
#include <netcon/core/error_texts.hpp>
#include <netcon/core/interface_name.hpp>
#include <netcon/core/ip_address.hpp>
#include <netcon/core/kernel.hpp>
#include <netcon/core/kernel_text.hpp>
#include <netcon/core/level.hpp>
#include <netcon/core/linux_errno.hpp>
#include <netcon/core/mac_address.hpp>
#include <netcon/core/number.hpp>
#include <netcon/core/overloaded.hpp>
#include <netcon/core/parsed.hpp>
#include <netcon/core/port.hpp>
#include <netcon/core/printable.hpp>
#include <netcon/core/stable_level.hpp>
#include <netcon/core/time.hpp>
#include <netcon/core/userdata_limits.hpp>
