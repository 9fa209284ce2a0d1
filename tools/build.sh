#!/bin/sh
# Sets up the machine if need be and builds the release preset in build/.
# Arguments are the targets to build.
set -eu
cd "$(dirname "$0")/.."

sh tools/setup.sh
[ -f build/build.ninja ] || cmake --preset release ${LACUNA_CMAKE_OPTIONS:-}
cmake --build build -- "$@"
