#!/bin/sh
# Installs what Lacuna is built and tested with: Debian packages, by name. Does
# nothing if all are there; without root it prints the command to run.
set -eu

packages="
  g++ cmake ninja-build ccache python3 git
  llvm-22-dev libmlir-22-dev mlir-22-tools llvm-22-tools lld-22 clang-format-22
  libonnx-dev libonnx-testdata libprotobuf-dev protobuf-compiler
  libgtest-dev espeak-ng
  clang-22 g++-aarch64-linux-gnu qemu-user libsimde-dev
  libgstreamer1.0-dev gstreamer1.0-tools gstreamer1.0-plugins-base
  gstreamer1.0-plugins-good
  libhalide14-0-dev
"

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  case $status in
  *"install ok installed"*) ;;
  *) missing="$missing $package" ;;
  esac
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "Lacuna needs Debian packages that are not installed. Run:" >&2
  echo "  sudo apt-get install -y --no-install-recommends$missing" >&2
  exit 1
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086
apt-get install -q -y --no-install-recommends $missing
