#!/bin/sh
# SPDX-License-Identifier: MIT
# Boots real kernels of the distribution in QEMU and holds the library and the tool against them; needs the
# network once, for packages of 20 to 60 MB a kernel that stay in build/kernels. Without a VERSION (6.18.9, 6.12,
# newest) four kernels are run, the ones of CI: the short form takes a few minutes, the long one about a quarter of an
# hour. NETCON_SEED=N chooses other random inputs, NETCON_CHECKS="parser configfs" some of the checks, NETCON_GUESTS=1
# how many guests run at once, NETCON_QEMU_ACCEL=kvm another accelerator. Where QEMU or a kernel cannot be had, it says
# so and counts as passed.
# Usage: [NETCON_PRESET=...] sh tests/kernel/run.sh [short|long] [VERSION...|all]
set -eu
cd "$(dirname "$0")/../.."

sh .ci/install kernel || { echo "SKIP: QEMU and what it needs cannot be installed here"; exit 0; }
preset=${NETCON_PRESET:-default}
cmake --preset "$preset"
cmake --build --preset "$preset" --target parser_judge configfs_judge unit_parameter_loads unit_configfs_corpus captures kernel_features \
  netcon_tool
export NETCON_BUILD="${NETCON_BUILD:-$PWD/build/$preset}"
exec python3 tests/kernel/run.py "$@"
