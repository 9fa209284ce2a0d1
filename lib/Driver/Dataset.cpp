//===- Dataset.cpp - Labelled samples from folders -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Dataset.h"

#include "TensorFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <cstring>

namespace fs = llvm::sys::fs;

namespace lacuna {

llvm::Expected<std::vector<std::string>> readLines(llvm::StringRef path) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!file)
    return llvm::createStringError(path + ": " + file.getError().message());
  std::vector<std::string> lines;
  llvm::SmallVector<llvm::StringRef> parts;
  (*file)->getBuffer().split(parts, '\n');
  for (llvm::StringRef part : parts)
    if (!part.trim().empty())
      lines.push_back(part.trim().str());
  return lines;
}

/// Tensors of one type and shape, one after another.
static llvm::Expected<HostTensor> readStack(llvm::ArrayRef<std::string> files,
                                            llvm::StringRef model) {
  std::vector<HostTensor> tensors;
  for (const std::string &file : files) {
    llvm::Expected<HostTensor> tensor = readTensorFile(file, model);
    if (!tensor)
      return tensor.takeError();
    if (!tensors.empty() && (tensor->getType() != tensors[0].getType() ||
                             tensor->getShape() != tensors[0].getShape()))
      return llvm::createStringError(
          file + ": it holds " +
          describe(tensor->getType(), tensor->getShape()) +
          ", but the samples before it are " +
          describe(tensors[0].getType(), tensors[0].getShape()));
    tensors.push_back(*tensor);
  }
  llvm::SmallVector<int64_t> shape = {int64_t(tensors.size())};
  llvm::append_range(shape, tensors[0].getShape());
  HostTensor stack(tensors[0].getType(), shape);
  size_t bytes = tensors[0].getByteSize();
  for (auto [i, tensor] : llvm::enumerate(tensors))
    std::memcpy(stack.data() + i * bytes, tensor.data(), bytes);
  return stack;
}

llvm::Expected<Dataset> readDatasetFolder(llvm::StringRef folder,
                                          llvm::ArrayRef<std::string> classes,
                                          llvm::StringRef model) {
  std::vector<std::string> all;
  std::vector<int64_t> labels;
  for (auto [label, name] : llvm::enumerate(classes)) {
    llvm::SmallString<128> inside(folder);
    llvm::sys::path::append(inside, name);
    std::error_code error;
    std::vector<std::string> files;
    for (fs::directory_iterator it(inside, error), end; it != end && !error;
         it.increment(error))
      files.push_back(it->path());
    if (error)
      return llvm::createStringError(inside.str() + ": " + error.message());
    llvm::sort(files);
    labels.insert(labels.end(), files.size(), label);
    all.insert(all.end(), files.begin(), files.end());
  }
  if (all.empty())
    return llvm::createStringError(folder + ": it holds no samples");
  llvm::Expected<HostTensor> samples = readStack(all, model);
  if (!samples)
    return samples.takeError();
  Dataset dataset{*samples, HostTensor(DType::Int64, {int64_t(labels.size())})};
  llvm::copy(labels, dataset.labels.elements<int64_t>().begin());
  return dataset;
}

llvm::Expected<HostTensor> renumberLabels(const HostTensor &labels,
                                          llvm::StringRef from,
                                          llvm::StringRef to) {
  llvm::Expected<std::vector<std::string>> theirs = readLines(from);
  if (!theirs)
    return theirs.takeError();
  llvm::Expected<std::vector<std::string>> ours = readLines(to);
  if (!ours)
    return ours.takeError();
  HostTensor result = labels.convertTo(DType::Int64);
  for (int64_t &label : result.elements<int64_t>()) {
    if (label < 0 || label >= int64_t(theirs->size()))
      return llvm::createStringError(
          from + ": it names " + llvm::Twine(theirs->size()) +
          " classes, but a label is " + llvm::Twine(label));
    const std::string &name = (*theirs)[label];
    auto found = llvm::find(*ours, name);
    if (found == ours->end())
      return llvm::createStringError(to + ": there is no class '" + name +
                                     "', which samples have by " + from);
    label = found - ours->begin();
  }
  return result;
}

llvm::Expected<HostTensor> readSamples(llvm::StringRef path,
                                       llvm::StringRef model) {
  if (!fs::is_directory(path))
    return readTensorFile(path, model);
  std::error_code error;
  std::vector<std::string> files;
  for (fs::recursive_directory_iterator it(path, error), end;
       it != end && !error; it.increment(error))
    if (isTensorFile(it->path()))
      files.push_back(it->path());
  if (error)
    return llvm::createStringError(path + ": " + error.message());
  if (files.empty())
    return llvm::createStringError(path +
                                   ": it holds no .npy, .pb or .wav files");
  llvm::sort(files);
  return readStack(files, model);
}

std::optional<int64_t> getBatch(const HostTensor &samples, const Port &port) {
  if (samples.getShape().empty() || samples.getShape()[0] == 0)
    return std::nullopt;
  int64_t each = samples.getNumElements() / samples.getShape()[0];
  int64_t wanted = llvm::product_of(port.shape, int64_t(1));
  if (!port.shape.empty() && port.shape[0] > 0 &&
      wanted / port.shape[0] == each)
    return port.shape[0];
  if (wanted == each)
    return 1;
  return std::nullopt;
}

HostTensor cutBatch(const HostTensor &samples, const Port &port, int64_t begin,
                    int64_t batch, SampleScale scale) {
  int64_t count = samples.getShape()[0];
  size_t rowBytes = samples.getByteSize() / count;
  llvm::SmallVector<int64_t> shape(samples.getShape());
  shape[0] = batch;
  HostTensor rows(samples.getType(), shape);
  for (int64_t i = 0; i < batch; ++i)
    std::memcpy(rows.data() + i * rowBytes,
                samples.data() + std::min(begin + i, count - 1) * rowBytes,
                rowBytes);
  if (scale.scale != 1 || scale.offset != 0) {
    rows = rows.convertTo(DType::Float64);
    for (double &value : rows.elements<double>())
      value = value * scale.scale + scale.offset;
  }
  return rows.convertTo(port.type).reshape(port.shape);
}

} // namespace lacuna
