#!/bin/sh
# Writes the pages of docs/generated from the sources.
set -eu
cd "$(dirname "$0")/.."

# Pages of what is gone must not stay.
rm -rf build/generated-docs docs/generated
sh tools/build.sh lacuna-doc
mkdir -p docs/generated
cp -r build/generated-docs/dialects build/generated-docs/passes docs/generated
