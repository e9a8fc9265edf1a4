// SPDX-License-Identifier: MIT
// Packets of many senders in, events out: fragments, order, loss, reboots.
#pragma once

#include <netcon/receive/basic_lines.hpp>
#include <netcon/receive/collector.hpp>
#include <netcon/receive/collector_limits.hpp>
#include <netcon/receive/continuation.hpp>
#include <netcon/receive/datagram.hpp>
#include <netcon/receive/datagram_backlog.hpp>
#include <netcon/receive/double_watch.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/hash_key.hpp>
#include <netcon/receive/keyed_hash.hpp>
#include <netcon/receive/loss.hpp>
#include <netcon/receive/owned_event.hpp>
#include <netcon/receive/partial_body.hpp>
#include <netcon/receive/probe_answerer.hpp>
#include <netcon/receive/rate_limiter.hpp>
#include <netcon/receive/reassembler.hpp>
#include <netcon/receive/reorder.hpp>
#include <netcon/receive/sequence.hpp>
#include <netcon/receive/silence_watch.hpp>
