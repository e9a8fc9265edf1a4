// SPDX-License-Identifier: MIT
// Events as text: JSON, lines for people, syslog. Time and time zone are passed in.
#pragma once

#include <netcon/output/brief_line.hpp>
#include <netcon/output/crash_json.hpp>
#include <netcon/output/crash_text.hpp>
#include <netcon/output/human_line.hpp>
#include <netcon/output/journal_entry.hpp>
#include <netcon/output/json_line.hpp>
#include <netcon/output/origin.hpp>
#include <netcon/output/syslog_line.hpp>
#include <netcon/output/wall_time.hpp>
