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

llvm::Expected<Dataset> readDatasetFolder(llvm::StringRef folder,
                                          llvm::ArrayRef<std::string> classes,
                                          llvm::StringRef model) {
  std::vector<HostTensor> tensors;
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
      labels.push_back(label);
    }
  }
  if (tensors.empty())
    return llvm::createStringError(folder + ": it holds no samples");
  llvm::SmallVector<int64_t> shape = {int64_t(tensors.size())};
  llvm::append_range(shape, tensors[0].getShape());
  Dataset dataset{HostTensor(tensors[0].getType(), shape),
                  HostTensor(DType::Int64, {int64_t(labels.size())})};
  size_t bytes = tensors[0].getByteSize();
  for (auto [i, tensor] : llvm::enumerate(tensors))
    std::memcpy(dataset.samples.data() + i * bytes, tensor.data(), bytes);
  llvm::copy(labels, dataset.labels.elements<int64_t>().begin());
  return dataset;
}

} // namespace lacuna
