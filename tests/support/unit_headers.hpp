// SPDX-License-Identifier: MIT
// What nearly all unit tests include, for builds that compile it once.
#pragma once

#include "support/catch.hpp"

#include <netcon/netcon.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>
