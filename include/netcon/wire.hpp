// SPDX-License-Identifier: MIT
// One packet: decoded, encoded, its text escaped and unescaped; the probes of netcon test.
#pragma once

#include <netcon/wire/basic.hpp>
#include <netcon/wire/decode.hpp>
#include <netcon/wire/dictionary.hpp>
#include <netcon/wire/encode.hpp>
#include <netcon/wire/escape.hpp>
#include <netcon/wire/msgid.hpp>
#include <netcon/wire/printk_format.hpp>
#include <netcon/wire/probe.hpp>
#include <netcon/wire/record.hpp>
#include <netcon/wire/sendable.hpp>
