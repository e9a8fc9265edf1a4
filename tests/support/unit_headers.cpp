// SPDX-License-Identifier: MIT
#include "support/unit_headers.hpp"
