# SPDX-License-Identifier: MIT
# Installs netcon into an empty prefix (except where the source is used) and builds and runs the consumer with it.
# Takes HOW, USE, SOURCE_DIR, BINARY_DIR (both netcon's), WORK_DIR, GENERATOR and CXX. USE is plain, fmt, or without_fmt:
# as plain, where fmt cannot be found, and then the component fmt must fail by name.
function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
set(prefix ${WORK_DIR}/prefix)
if(NOT HOW MATCHES "^(add_subdirectory|fetch_content)$")
  run(${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${prefix} --component development)
endif()
set(ENV{PKG_CONFIG_PATH} ${prefix}/share/pkgconfig)
set(hidden "")
if(USE STREQUAL without_fmt)
  set(hidden -DCMAKE_DISABLE_FIND_PACKAGE_fmt=ON)
  set(ENV{PKG_CONFIG_LIBDIR} ${prefix}/share/pkgconfig)
endif()
set(configure ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -G ${GENERATOR} ${hidden}
  -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${prefix} -DHOW=${HOW} -DNETCON_SOURCE_DIR=${SOURCE_DIR}
  -DFETCHCONTENT_SOURCE_DIR_NETCON=${SOURCE_DIR})
set(use_plain -DWHOLE=ON)
set(use_fmt -DWITH_FMT=ON)
run(${configure} -B ${WORK_DIR}/build ${use_${USE}})
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK_DIR}/build --output-on-failure)

if(USE STREQUAL without_fmt)
  execute_process(COMMAND ${configure} -B ${WORK_DIR}/refused -DWITH_FMT=ON
    RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(status EQUAL 0 OR NOT said MATCHES "fmt")
    message(FATAL_ERROR "netcon::fmt without fmt: ${status}, ${said}")
  endif()
endif()
