// SPDX-License-Identifier: MIT
// The only headers that need Linux: sockets, routes, the mounted configfs.
#pragma once

#include <netcon/os/contact.hpp>
#include <netcon/os/datagram_batch.hpp>
#include <netcon/os/descriptor.hpp>
#include <netcon/os/facts.hpp>
#include <netcon/os/fair_receiver.hpp>
#include <netcon/os/icmp_error.hpp>
#include <netcon/os/journal_socket.hpp>
#include <netcon/os/local_time.hpp>
#include <netcon/os/mounted_tree.hpp>
#include <netcon/os/passed_sockets.hpp>
#include <netcon/os/random_key.hpp>
#include <netcon/os/receiver.hpp>
#include <netcon/os/receiver_facts.hpp>
#include <netcon/os/route.hpp>
#include <netcon/os/route_error.hpp>
#include <netcon/os/route_types.hpp>
#include <netcon/os/running_kernel.hpp>
#include <netcon/os/socket_address.hpp>
#include <netcon/os/udp_receiver.hpp>
#include <netcon/os/udp_sender.hpp>
