# Installs netcon into an empty prefix (except for add_subdirectory) and builds and runs the consumer with it.
# Takes HOW, SOURCE_DIR, BINARY_DIR (both netcon's), WORK_DIR, GENERATOR and CXX.
function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
set(prefix ${WORK_DIR}/prefix)
if(NOT HOW STREQUAL add_subdirectory)
  run(${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${prefix} --component development)
endif()
set(ENV{PKG_CONFIG_PATH} ${prefix}/share/pkgconfig)
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${WORK_DIR}/build -G ${GENERATOR}
  -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${prefix} -DHOW=${HOW} -DNETCON_SOURCE_DIR=${SOURCE_DIR})
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK_DIR}/build --output-on-failure)
