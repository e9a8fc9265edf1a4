# SPDX-License-Identifier: MIT
# A header includes only headers of its own folder and of folders below it; detail/ has leaves only, which may ask for C++23;
# only os/ needs Linux; only the library names what is internal to it; no header is longer than 400 lines. Takes SOURCE_DIR.
set(layers os output doctor crash capture receive lint configfs wire parameter core detail)  # from the top down
set(linux "(linux|sys|net|netinet|arpa)/|(unistd|fcntl|poll|dirent|netdb|ifaddrs|sched|signal|syslog|termios|pthread)\\.h")
file(GLOB_RECURSE headers RELATIVE ${SOURCE_DIR}/include/netcon ${SOURCE_DIR}/include/netcon/*/*.hpp)
foreach(header IN LISTS headers)
  string(REGEX REPLACE "/.*" "" own ${header})
  list(FIND layers ${own} height)
  file(READ ${SOURCE_DIR}/include/netcon/${header} text)
  string(REGEX MATCHALL "\n" newlines "${text}")
  list(LENGTH newlines length)
  if(height EQUAL -1)
    message(SEND_ERROR "${header}: ${own}/ is not a layer")
  elseif(length GREATER 400)
    message(SEND_ERROR "${header} has ${length} lines, 400 are allowed")
  endif()
  file(STRINGS ${SOURCE_DIR}/include/netcon/${header} includes REGEX "^ *# *include")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE ".*[<\"]netcon/([^/>\"]*).*" "\\1" other ${include})
    list(FIND layers "${other}" below)
    if(include MATCHES "netcon/" AND (below LESS height OR (own STREQUAL detail AND NOT include MATCHES "/requires_cpp23") OR
       (include MATCHES "/internal/" AND NOT own STREQUAL other)))
      message(SEND_ERROR "${header} goes up: ${include}")
    elseif(include MATCHES "[<\"](${linux})" AND NOT own STREQUAL os)
      message(SEND_ERROR "${header} needs Linux: ${include}")
    endif()
  endforeach()
endforeach()

file(GLOB_RECURSE programs RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/examples/*pp ${SOURCE_DIR}/bindings/*pp
  ${SOURCE_DIR}/fuzz/*pp ${SOURCE_DIR}/tests/*pp)
foreach(program IN LISTS programs)
  file(STRINGS ${SOURCE_DIR}/${program} found REGEX "detail::|internal::|netcon/detail/|/internal/")
  # That of pybind11 and CLI11 is no part of netcon.
  list(FILTER found EXCLUDE REGEX "[^A-Za-z](py|CLI)::detail::")
  if(found)
    message(SEND_ERROR "${program} uses what is internal to the library: ${found}")
  endif()
endforeach()
