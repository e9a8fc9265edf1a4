// SPDX-License-Identifier: MIT
// Why nothing arrives: facts about a machine, findings from them, and the kernel's log explained.
#pragma once

#include <netcon/doctor/boot_targets.hpp>
#include <netcon/doctor/diagnose.hpp>
#include <netcon/doctor/diagnose_receiver.hpp>
#include <netcon/doctor/explain_log.hpp>
#include <netcon/doctor/fact.hpp>
#include <netcon/doctor/facts.hpp>
#include <netcon/doctor/facts_text.hpp>
#include <netcon/doctor/finding.hpp>
#include <netcon/doctor/log_meaning.hpp>
#include <netcon/doctor/profile.hpp>
#include <netcon/doctor/receiver_facts.hpp>
#include <netcon/doctor/silence.hpp>
