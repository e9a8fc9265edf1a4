# SPDX-License-Identifier: MIT
# Installs netcon into directories that are given as whole paths, headers outside of the prefix, as Nix does, and finds it there
# with CMake and with pkg-config. Takes SOURCE_DIR, WORK_DIR, GENERATOR and CXX.
function(run)
  execute_process(COMMAND ${ARGV} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
set(out ${WORK_DIR}/out)
set(dev ${WORK_DIR}/dev)
run(${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${WORK_DIR}/netcon -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${CXX}
  -DNETCON_TESTS=OFF -DNETCON_EXAMPLES=OFF -DCMAKE_INSTALL_PREFIX=${out} -DCMAKE_INSTALL_INCLUDEDIR=${dev}/include
  -DCMAKE_INSTALL_LIBDIR=${out}/lib/deep -DCMAKE_INSTALL_DATADIR=${out}/share/deep)
run(${CMAKE_COMMAND} --install ${WORK_DIR}/netcon --component development)

set(ENV{PKG_CONFIG_PATH} ${out}/share/deep/pkgconfig)
foreach(how find_package pkg_config)
  run(${CMAKE_COMMAND} --no-warn-unused-cli -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${WORK_DIR}/${how} -G ${GENERATOR}
    -DCMAKE_CXX_COMPILER=${CXX} -Dnetcon_DIR=${out}/lib/deep/cmake/netcon -DHOW=${how})
  run(${CMAKE_COMMAND} --build ${WORK_DIR}/${how})
endforeach()
