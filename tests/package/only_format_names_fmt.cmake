# SPDX-License-Identifier: MIT
# Who skips format.hpp needs no fmt: no other header may name it. Takes INCLUDE_DIR.
file(GLOB_RECURSE headers RELATIVE ${INCLUDE_DIR} ${INCLUDE_DIR}/*.hpp)
if(NOT headers)
  message(FATAL_ERROR "no headers in ${INCLUDE_DIR}")
endif()
foreach(header IN LISTS headers)
  file(STRINGS ${INCLUDE_DIR}/${header} found REGEX "fmt[/:]|netcon/format\\.hpp")
  if(found AND NOT header MATCHES "^netcon/(format|netcon)\\.hpp$")
    message(SEND_ERROR "${header}: ${found}")
  endif()
endforeach()
