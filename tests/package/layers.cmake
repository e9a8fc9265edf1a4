# A header includes only headers of its own folder and of folders below it; detail/ has leaves only; nobody but the
# library names what is internal to it. Takes SOURCE_DIR.
set(layers os output doctor crash capture receive lint configfs wire parameter core detail)  # from the top down
file(GLOB_RECURSE headers RELATIVE ${SOURCE_DIR}/include/netcon ${SOURCE_DIR}/include/netcon/*/*.hpp)
foreach(header IN LISTS headers)
  string(REGEX REPLACE "/.*" "" own ${header})
  list(FIND layers ${own} height)
  if(height EQUAL -1)
    message(SEND_ERROR "${header}: ${own}/ is not a layer")
  endif()
  file(STRINGS ${SOURCE_DIR}/include/netcon/${header} includes REGEX "#include <(netcon/|linux/|sys/|unistd|net/|netinet/|arpa/)")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "#include <netcon/([^/>]*).*" "\\1" other ${include})
    list(FIND layers "${other}" below)
    if(include MATCHES "<netcon/" AND (below LESS height OR (own STREQUAL detail) OR
       (include MATCHES "/internal/" AND NOT own STREQUAL other)))
      message(SEND_ERROR "${header} goes up: ${include}")
    elseif(NOT include MATCHES "<netcon/" AND NOT own STREQUAL os)
      message(SEND_ERROR "${header} needs Linux: ${include}")
    endif()
  endforeach()
endforeach()

file(GLOB_RECURSE programs RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/examples/*pp ${SOURCE_DIR}/bindings/*pp
  ${SOURCE_DIR}/fuzz/*pp ${SOURCE_DIR}/tests/*pp)
foreach(program IN LISTS programs)
  file(STRINGS ${SOURCE_DIR}/${program} found REGEX "detail::|internal::|netcon/detail/|/internal/")
  if(found)
    message(SEND_ERROR "${program} uses what is internal to the library: ${found}")
  endif()
endforeach()
