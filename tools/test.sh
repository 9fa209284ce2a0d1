#!/bin/sh
# Sets up, builds, and runs every test that is quick.
#   --full         the long tests too: all kernels on all shapes, all cases and
#                  networks on emulated cores
#   --sanitizers   instead, builds with ASan and UBSan and runs the frontend's
#                  tests and the units; takes some minutes more
#   --streams      of these only the units of command streams and the simulator,
#                  damaged streams by the hundred thousand among them
set -eu
cd "$(dirname "$0")/.."

case ${1:-} in
"")
  sh tools/build.sh
  cmake --build build --target check-lacuna
  ;;
--full)
  sh tools/build.sh
  LACUNA_FULL_TESTS=1 cmake --build build --target check-lacuna
  ;;
--sanitizers)
  sh tools/setup.sh
  cmake --preset sanitizers ${LACUNA_CMAKE_OPTIONS:-}
  cmake --build build-sanitizers --target check-lacuna-frontend LacunaUnitTests
  cmake --build build-sanitizers --target check-lacuna-unit
  ;;
--streams)
  sh tools/setup.sh
  cmake --preset sanitizers ${LACUNA_CMAKE_OPTIONS:-}
  tests="LacunaNpuArrayTests LacunaNpuStreamTests LacunaNpuSimulatorTests"
  # shellcheck disable=SC2086
  cmake --build build-sanitizers --target $tests
  for test in $tests; do
    "build-sanitizers/test/unit/$test" --gtest_brief=1
  done
  ;;
*)
  echo "usage: tools/test.sh [--full|--sanitizers|--streams]" >&2
  exit 1
  ;;
esac
