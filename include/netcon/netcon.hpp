// Everything that netcon has. Includes the other headers and declares nothing.
#pragma once

#include <netcon/endpoint.hpp>
#include <netcon/error.hpp>
#include <netcon/interface_name.hpp>
#include <netcon/ip_address.hpp>
#include <netcon/kernel.hpp>
#include <netcon/mac_address.hpp>
#include <netcon/port.hpp>
#include <netcon/target.hpp>
#include <netcon/version.hpp>
