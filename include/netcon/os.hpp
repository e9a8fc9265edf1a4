// The only headers that need Linux: sockets, routes, the mounted configfs.
#pragma once

#include <netcon/os/mounted_tree.hpp>
#include <netcon/os/route.hpp>
#include <netcon/os/udp.hpp>
