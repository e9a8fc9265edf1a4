// Packets of many senders in, events out: fragments, order, loss, reboots.
#pragma once

#include <netcon/receive/collector.hpp>
#include <netcon/receive/event.hpp>
#include <netcon/receive/reassembler.hpp>
#include <netcon/receive/sequence.hpp>
