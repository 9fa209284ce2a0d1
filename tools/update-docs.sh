#!/bin/sh
# Writes the pages of docs/generated from the sources.
set -eu
cd "$(dirname "$0")/.."

sh tools/build.sh lacuna-doc
rm -rf docs/generated
mkdir -p docs/generated
cp -r build/generated-docs/dialects build/generated-docs/passes docs/generated
