// RUN: lacuna-opt %s -split-input-file -verify-diagnostics
// RUN: lacuna-opt %s -split-input-file -verify-diagnostics
