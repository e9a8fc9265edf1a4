// SPDX-License-Identifier: MIT
// The configfs directory: plans as values, the model of the kernel that they are tested on.
#pragma once

#include <netcon/configfs/adopt.hpp>
#include <netcon/configfs/apply.hpp>
#include <netcon/configfs/attribute.hpp>
#include <netcon/configfs/boot.hpp>
#include <netcon/configfs/converge.hpp>
#include <netcon/configfs/kernel_error.hpp>
#include <netcon/configfs/model/address_model.hpp>
#include <netcon/configfs/model/interface.hpp>
#include <netcon/configfs/model/kernel_log.hpp>
#include <netcon/configfs/model/machine_model.hpp>
#include <netcon/configfs/model/memory_tree.hpp>
#include <netcon/configfs/model/target_model.hpp>
#include <netcon/configfs/model/value_reader.hpp>
#include <netcon/configfs/plan.hpp>
#include <netcon/configfs/plan_error.hpp>
#include <netcon/configfs/shell.hpp>
#include <netcon/configfs/state.hpp>
#include <netcon/configfs/tree.hpp>
