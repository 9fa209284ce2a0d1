//===- HalideRequest.h - Kernels that lacuna-halide is asked for -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NEON_HALIDEREQUEST_H
#define LACUNA_BACKENDS_NEON_HALIDEREQUEST_H

#include "backends/neon/Geometry.h"

namespace lacuna::neon {

/// On a kernel that lacuna-halide makes: how many channels there are in a block
/// of its weights, and how many products of each lie side by side there.
inline constexpr llvm::StringLiteral kBlockAttr = "neon.block";

/// On the module: the text of all requests.
inline constexpr llvm::StringLiteral kRequestsAttr = "neon.requests";

/// The request for the kernel of `op`, which has a block, and whose memory is
/// `geometry` or a part of it, after its name, as docs/host.md describes it.
std::string describeRequest(ConvOp op, const Geometry &geometry);
std::string describeRequest(MapOp op);
std::string describeRequest(SoftmaxOp op);

} // namespace lacuna::neon

#endif // LACUNA_BACKENDS_NEON_HALIDEREQUEST_H
