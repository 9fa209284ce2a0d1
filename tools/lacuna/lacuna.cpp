//===- lacuna.cpp - The Lacuna driver -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Driver/Driver.h"

int main(int argc, char **argv) { return lacuna::runDriver(argc, argv); }
