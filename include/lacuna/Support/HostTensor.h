//===- HostTensor.h - Tensors in this process, and their files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SUPPORT_HOSTTENSOR_H
#define LACUNA_SUPPORT_HOSTTENSOR_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace lacuna {

/// The element types of ONNX tensors that Lacuna computes with.
enum class DType : uint8_t {
  Float32,
  Float64,
  Float16,
  BFloat16,
  Int8,
  Int16,
  Int32,
  Int64,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Bool,
};

/// The ONNX and NumPy name: "float32", "uint8", "bool".
llvm::StringRef getName(DType type);
std::optional<DType> parseDType(llvm::StringRef name);
size_t getByteSize(DType type);
bool isFloat(DType type);
/// Whether integers of `type` have no sign; a bool counts as one.
bool isUnsigned(DType type);

/// A dense tensor in row-major order. Copies share their bytes.
class HostTensor {
public:
  HostTensor() = default;
  /// A tensor of zeros.
  HostTensor(DType type, llvm::ArrayRef<int64_t> shape);

  DType getType() const { return type; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getNumElements() const;
  size_t getByteSize() const {
    return getNumElements() * lacuna::getByteSize(type);
  }

  /// The bytes, aligned to 64. Never null, even for an empty tensor.
  char *data() { return bytes.get(); }
  const char *data() const { return bytes.get(); }

  template <typename T>
  llvm::MutableArrayRef<T> elements() {
    return {reinterpret_cast<T *>(data()), size_t(getNumElements())};
  }
  template <typename T>
  llvm::ArrayRef<T> elements() const {
    return {reinterpret_cast<const T *>(data()), size_t(getNumElements())};
  }

  /// Element `index` as a double; exact for all types but 64-bit integers past
  /// 2^53.
  double getAsDouble(int64_t index) const;

  /// The same elements converted to `type` as a C cast would.
  HostTensor convertTo(DType type) const;
  /// The first element that `type` cannot hold: an integer keeps its value, a
  /// floating-point number is rounded but stays finite.
  std::optional<int64_t> findLost(DType type) const;
  /// The same elements in another shape.
  HostTensor reshape(llvm::ArrayRef<int64_t> shape) const;
  /// The elements of rows [`begin`, `end`) of the first dimension.
  HostTensor slice(int64_t begin, int64_t end) const;

private:
  DType type = DType::Float32;
  llvm::SmallVector<int64_t> shape;
  std::shared_ptr<char> bytes;
};

/// `float32 [1, 3, 224, 224]`
std::string describe(DType type, llvm::ArrayRef<int64_t> shape);

/// Where and by how much two tensors differ.
struct Difference {
  int64_t index = 0;
  double expected = 0, actual = 0;
  int64_t count = 0;
};

/// Compares as NumPy's assert_allclose does: |actual - expected| <= atol + rtol
/// * |expected|, NaN equal to NaN; integers and booleans exactly.
std::optional<Difference> compare(const HostTensor &expected,
                                  const HostTensor &actual, double rtol,
                                  double atol);

llvm::Expected<HostTensor> readNpy(llvm::StringRef path);
llvm::Error writeNpy(llvm::StringRef path, const HostTensor &tensor);

} // namespace lacuna

#endif // LACUNA_SUPPORT_HOSTTENSOR_H
