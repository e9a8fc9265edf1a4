// SPDX-License-Identifier: MIT
// What is wrong with a parameter or a boot configuration, and what to type instead.
#pragma once

#include <netcon/lint/boot_config.hpp>
#include <netcon/lint/config_format.hpp>
#include <netcon/lint/finding.hpp>
#include <netcon/lint/fix.hpp>
#include <netcon/lint/lint.hpp>
#include <netcon/lint/lint_config.hpp>
#include <netcon/lint/recognise.hpp>
#include <netcon/lint/render.hpp>
#include <netcon/lint/source_map.hpp>
#include <netcon/lint/text_lines.hpp>
