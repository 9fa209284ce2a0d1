//===- NNInterfaces.td - What cost models ask of an op -----*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NN_INTERFACES_TD
#define LACUNA_NN_INTERFACES_TD

include "mlir/IR/OpBase.td"

def NN_MacOpInterface : OpInterface<"MacOpInterface"> {
  let cppNamespace = "::lacuna::nn";
  let description = [{
    An operation whose work is multiply-accumulates.
  }];
  let methods = [
    InterfaceMethod<[{
      The number of multiply-accumulates of one execution, dense: products with
      a zero count, products with padding count too, as is usual in published
      tables.
    }], "int64_t", "getMacs">,
  ];
}

#endif // LACUNA_NN_INTERFACES_TD
