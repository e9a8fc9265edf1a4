// SPDX-License-Identifier: MIT
// Capture files in, UDP datagrams out: pcap and pcapng, without libpcap.
#pragma once

#include <netcon/capture/capture_error.hpp>
#include <netcon/capture/capture_time.hpp>
#include <netcon/capture/datagrams.hpp>
#include <netcon/capture/ip_packet.hpp>
#include <netcon/capture/log_line.hpp>
#include <netcon/capture/pcap_file.hpp>
#include <netcon/capture/text_log.hpp>
#include <netcon/capture/text_log_options.hpp>
