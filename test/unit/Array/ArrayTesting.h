//===- ArrayTesting.h - What tests of array timing share -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TEST_UNIT_ARRAY_ARRAYTESTING_H
#define LACUNA_TEST_UNIT_ARRAY_ARRAYTESTING_H

#include "backends/npu/Array/ArrayTiming.h"

#include "gtest/gtest.h"
#include <string>
#include <vector>

namespace lacuna::npu {

inline std::string text(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : "";
}

inline ArrayTask makeConv(int64_t channels, int64_t filters, int64_t input,
                          int64_t kernel, int64_t stride = 1, int64_t pad = 0,
                          int64_t groups = 1, int64_t batch = 1) {
  ArrayTask task;
  task.batch = batch;
  task.groups = groups;
  task.channels = channels;
  task.filters = filters;
  task.space[1] = task.space[2] =
      SpatialDimension::make(input, kernel, stride, pad);
  return task;
}

/// M windows of K products for N filters.
inline ArrayTask makeGemm(int64_t m, int64_t k, int64_t n) {
  ArrayTask task;
  task.channels = k;
  task.filters = n;
  task.space[2] = SpatialDimension::make(m, 1);
  return task;
}

/// Times the task and expects that nothing is lost.
inline ArrayTiming time(const Machine &machine, const ArrayTask &task) {
  llvm::Expected<ArrayTiming> timing = timeArray(machine, task);
  if (!timing) {
    ADD_FAILURE() << toString(timing.takeError());
    return {};
  }
  EXPECT_EQ(text(timing->verify(task)), "");
  return *timing;
}

inline std::string explainFailure(const Machine &machine,
                                  const ArrayTask &task) {
  llvm::Expected<ArrayTiming> timing = timeArray(machine, task);
  return timing ? "" : toString(timing.takeError());
}

/// A layer of a network with the shares of its values that are not zero.
struct Layer {
  const char *name;
  ArrayTask task;
  double activations, weights;
};

/// The convolutions of AlexNet, with the zeros of the pruned network.
inline std::vector<Layer> getAlexNet() {
  return {{"conv1", makeConv(3, 96, 227, 11, 4), 1, 0.843},
          {"conv2", makeConv(96, 256, 27, 5, 1, 2, 2), 0.491, 0.379},
          {"conv3", makeConv(256, 384, 13, 3, 1, 1), 0.237, 0.346},
          {"conv4", makeConv(384, 384, 13, 3, 1, 1, 2), 0.382, 0.372},
          {"conv5", makeConv(384, 256, 13, 3, 1, 1, 2), 0.410, 0.369}};
}

/// The convolutions of VGG-16. A layer reads what the one before left.
inline std::vector<Layer> getVgg16() {
  return {{"conv1_1", makeConv(3, 64, 224, 3, 1, 1), 1, 0.58},
          {"conv1_2", makeConv(64, 64, 224, 3, 1, 1), 0.53, 0.22},
          {"conv2_1", makeConv(64, 128, 112, 3, 1, 1), 0.89, 0.34},
          {"conv2_2", makeConv(128, 128, 112, 3, 1, 1), 0.80, 0.36},
          {"conv3_1", makeConv(128, 256, 56, 3, 1, 1), 0.81, 0.53},
          {"conv3_2", makeConv(256, 256, 56, 3, 1, 1), 0.68, 0.24},
          {"conv3_3", makeConv(256, 256, 56, 3, 1, 1), 0.70, 0.42},
          {"conv4_1", makeConv(256, 512, 28, 3, 1, 1), 0.64, 0.32},
          {"conv4_2", makeConv(512, 512, 28, 3, 1, 1), 0.51, 0.27},
          {"conv4_3", makeConv(512, 512, 28, 3, 1, 1), 0.45, 0.34},
          {"conv5_1", makeConv(512, 512, 14, 3, 1, 1), 0.34, 0.35},
          {"conv5_2", makeConv(512, 512, 14, 3, 1, 1), 0.32, 0.29},
          {"conv5_3", makeConv(512, 512, 14, 3, 1, 1), 0.29, 0.36}};
}

} // namespace lacuna::npu

#endif // LACUNA_TEST_UNIT_ARRAY_ARRAYTESTING_H
