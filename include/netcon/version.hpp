// SPDX-License-Identifier: MIT
// The library's version. CMake and Python read these three lines.
#pragma once

#define NETCON_VERSION_MAJOR 0
#define NETCON_VERSION_MINOR 1
#define NETCON_VERSION_PATCH 0
