// Everything that netcon has. Includes the other headers and declares nothing.
#pragma once

#include <netcon/collector.hpp>
#include <netcon/decode.hpp>
#include <netcon/encode.hpp>
#include <netcon/endpoint.hpp>
#include <netcon/error.hpp>
#include <netcon/escape.hpp>
#include <netcon/interface_name.hpp>
#include <netcon/ip_address.hpp>
#include <netcon/kernel.hpp>
#include <netcon/mac_address.hpp>
#include <netcon/parse.hpp>
#include <netcon/port.hpp>
#include <netcon/reassembler.hpp>
#include <netcon/record.hpp>
#include <netcon/sequence.hpp>
#include <netcon/target.hpp>
#include <netcon/text.hpp>
#include <netcon/udp.hpp>
#include <netcon/version.hpp>
