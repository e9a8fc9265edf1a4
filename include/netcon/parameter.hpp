// SPDX-License-Identifier: MIT
// The netconsole= parameter: read, checked, written, as each kernel does.
#pragma once

#include <netcon/parameter/boot_log.hpp>
#include <netcon/parameter/explain.hpp>
#include <netcon/parameter/fields.hpp>
#include <netcon/parameter/literals.hpp>
#include <netcon/parameter/parse.hpp>
#include <netcon/parameter/target.hpp>
#include <netcon/parameter/write.hpp>
