//===- ProgramTest.cpp - Tests of programs on memory -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/ProgramRunner.h"
#include "backends/npu/Simulator/Values.h"

#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace lacuna::npu;
using Code = InstructionCode;
using Type = ValueType;

namespace {
/// Writes a program instruction by instruction.
class Maker {
public:
  Maker(bool vector, std::vector<ProgramOperand> operands,
        uint32_t arguments = 0) {
    program.name = "test";
    program.vector = vector;
    program.operands = std::move(operands);
    program.arguments = arguments;
  }

  uint16_t add(Code code, Type type, uint16_t a = 0, uint16_t b = 0,
               uint16_t c = 0, uint32_t index = 0, Type to = Type::I1) {
    uint16_t result = hasResult(getInfo(code)->form) ? next++ : 0;
    put(code, type, result, a, b, c, index, to);
    return result;
  }
  void put(Code code, Type type, uint16_t result, uint16_t a, uint16_t b = 0,
           uint16_t c = 0, uint32_t index = 0, Type to = Type::I1) {
    Instruction it;
    it.code = code;
    it.type = type;
    it.to = to;
    it.result = result;
    it.a = a;
    it.b = b;
    it.c = c;
    it.index = index;
    program.instructions.push_back(it);
  }
  uint16_t constant(Type type, uint64_t bits) {
    auto at =
        std::find(program.constants.begin(), program.constants.end(), bits);
    auto index = uint32_t(at - program.constants.begin());
    if (at == program.constants.end())
      program.constants.push_back(bits);
    return add(Code::Const, type, 0, 0, 0, index);
  }
  uint16_t loop(int64_t low, int64_t high, int64_t step = 1) {
    uint16_t a = constant(Type::I64, low), b = constant(Type::I64, high),
             c = constant(Type::I64, step);
    return add(Code::For, Type::I1, a, b, c);
  }
  void end() { add(Code::End, Type::I1); }
  Program take() {
    program.registers = next;
    return std::move(program);
  }

private:
  Program program;
  uint16_t next = 0;
};

/// One instruction on one set of operands.
uint64_t evaluateOne(Code code, Type type, uint64_t a, uint64_t b = 0,
                     uint64_t c = 0, Type to = Type::I1, uint32_t index = 0) {
  Instruction it;
  it.code = code;
  it.type = type;
  it.to = to;
  it.index = index;
  uint64_t result = 0;
  evaluate(it, getInfo(code)->form, &result, &a, &b, &c, 1);
  return result;
}

uint64_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}
float floatOf(uint64_t bits) {
  auto low = uint32_t(bits);
  float value;
  std::memcpy(&value, &low, 4);
  return value;
}
} // namespace

/// The integers of a type, on edges and at random.
template <typename T>
static std::vector<T> getIntegers() {
  std::mt19937_64 random(7);
  using Limits = std::numeric_limits<T>;
  std::vector<T> values = {0,
                           1,
                           -1,
                           2,
                           -2,
                           7,
                           -7,
                           Limits::min(),
                           Limits::max(),
                           T(Limits::min() + 1)};
  for (int i = 0; i < 30; ++i)
    values.push_back(T(random()));
  return values;
}

template <typename T, typename U>
static void testIntegers(Type type) {
  constexpr unsigned kWidth = 8 * sizeof(T);
  auto reg = [](T value) { return uint64_t(int64_t(value)); };
  for (T a : getIntegers<T>())
    for (T b : getIntegers<T>()) {
      auto expect = [&](Code code, T value) {
        EXPECT_EQ(evaluateOne(code, type, reg(a), reg(b)), reg(value))
            << getInfo(code)->name.str() << " " << int64_t(a) << " "
            << int64_t(b);
      };
      U x = U(a), y = U(b);
      bool overflows = a == std::numeric_limits<T>::min() && b == -1;
      expect(Code::AddI, T(U(x + y)));
      expect(Code::SubI, T(U(x - y)));
      expect(Code::MulI, T(U(uint64_t(x) * uint64_t(y))));
      expect(Code::AndI, T(x & y));
      expect(Code::OrI, T(x | y));
      expect(Code::XOrI, T(x ^ y));
      expect(Code::MaxSI, std::max(a, b));
      expect(Code::MinSI, std::min(a, b));
      expect(Code::MaxUI, T(std::max(x, y)));
      expect(Code::MinUI, T(std::min(x, y)));
      expect(Code::DivUI, T(y ? x / y : 0));
      expect(Code::RemUI, T(y ? x % y : 0));
      expect(Code::CeilDivUI, T(y ? x / y + (x % y != 0) : 0));
      T quotient = b == 0 ? T(0) : overflows ? a : T(a / b);
      T rest = b == 0 || overflows ? T(0) : T(a % b);
      expect(Code::DivSI, quotient);
      expect(Code::RemSI, rest);
      bool below = (a < 0) != (b < 0);
      expect(Code::FloorDivSI, T(U(quotient) - U(rest && below)));
      expect(Code::CeilDivSI, T(U(quotient) + U(rest && !below)));
      expect(Code::ShlI, y < kWidth ? T(U(uint64_t(x) << y)) : T(0));
      expect(Code::ShrUI, y < kWidth ? T(U(x >> y)) : T(0));
      expect(Code::ShrSI, T(a >> std::min<uint64_t>(y, kWidth - 1)));
      auto compare = [&](IntegerPredicate predicate, bool holds) {
        EXPECT_EQ(evaluateOne(Code::CmpI, type, reg(a), reg(b), 0, Type::I1,
                              uint32_t(predicate)) &
                      1,
                  uint64_t(holds));
      };
      compare(IntegerPredicate::Eq, a == b);
      compare(IntegerPredicate::Ne, a != b);
      compare(IntegerPredicate::Slt, a < b);
      compare(IntegerPredicate::Sge, a >= b);
      compare(IntegerPredicate::Ult, x < y);
      compare(IntegerPredicate::Ule, x <= y);
      compare(IntegerPredicate::Ugt, x > y);
      compare(IntegerPredicate::Uge, x >= y);
    }
}

TEST(ValuesTest, Integers) {
  testIntegers<int8_t, uint8_t>(Type::I8);
  testIntegers<int16_t, uint16_t>(Type::I16);
  testIntegers<int32_t, uint32_t>(Type::I32);
  testIntegers<int64_t, uint64_t>(Type::I64);
  EXPECT_EQ(evaluateOne(Code::CtLz, Type::I16, 0), 16u);
  EXPECT_EQ(evaluateOne(Code::CtTz, Type::I16, 0), 16u);
  EXPECT_EQ(evaluateOne(Code::CtLz, Type::I16, 1), 15u);
  EXPECT_EQ(evaluateOne(Code::CtPop, Type::I8, ~uint64_t(0)), 8u);
  EXPECT_EQ(int64_t(evaluateOne(Code::AbsI, Type::I8, uint64_t(-128))), -128);
  EXPECT_EQ(evaluateOne(Code::IPowI, Type::I32, 3, 4), 81u);
  EXPECT_EQ(
      int64_t(evaluateOne(Code::IPowI, Type::I32, uint64_t(-1), uint64_t(-3))),
      -1);
  EXPECT_EQ(evaluateOne(Code::IPowI, Type::I32, 0, uint64_t(-3)), 0u);
}

TEST(ValuesTest, FloatsThatAreNotNumbersAndZeros) {
  uint64_t nan = bitsOf(NAN), zero = bitsOf(0.0f), minus = bitsOf(-0.0f),
           one = bitsOf(1.0f);
  auto two = [](Code code, uint64_t a, uint64_t b) {
    return evaluateOne(code, Type::F32, a, b);
  };
  EXPECT_TRUE(std::isnan(floatOf(two(Code::MaximumF, nan, one))));
  EXPECT_TRUE(std::isnan(floatOf(two(Code::MinimumF, one, nan))));
  EXPECT_EQ(two(Code::MaxNumF, nan, one), one);
  EXPECT_EQ(two(Code::MinNumF, one, nan), one);
  EXPECT_EQ(two(Code::MaximumF, minus, zero), zero);
  EXPECT_EQ(two(Code::MinimumF, zero, minus), minus);
  EXPECT_EQ(evaluateOne(Code::RoundEven, Type::F32, bitsOf(2.5f)),
            bitsOf(2.0f));
  EXPECT_EQ(evaluateOne(Code::Round, Type::F32, bitsOf(2.5f)), bitsOf(3.0f));
  EXPECT_EQ(evaluateOne(Code::NegF, Type::F32, nan), nan ^ 0x80000000);
  EXPECT_EQ(two(Code::FPowI, bitsOf(2.0f), uint64_t(-2)), bitsOf(0.25f));
}

TEST(ValuesTest, Casts) {
  auto cast = [](Code code, Type from, Type to, uint64_t a) {
    return evaluateOne(code, from, a, 0, 0, to);
  };
  EXPECT_EQ(int64_t(cast(Code::FPToSI, Type::F32, Type::I8, bitsOf(-300.0f))),
            -128);
  EXPECT_EQ(cast(Code::FPToSI, Type::F32, Type::I8, bitsOf(300.0f)), 127u);
  EXPECT_EQ(cast(Code::FPToSI, Type::F32, Type::I32, bitsOf(NAN)), 0u);
  EXPECT_EQ(int64_t(cast(Code::FPToUI, Type::F32, Type::I8, bitsOf(300.0f))),
            -1);
  EXPECT_EQ(cast(Code::FPToUI, Type::F32, Type::I8, bitsOf(-3.0f)), 0u);
  EXPECT_EQ(int64_t(cast(Code::ExtSI, Type::I1, Type::I32, 1)), -1);
  EXPECT_EQ(cast(Code::ExtUI, Type::I1, Type::I32, ~uint64_t(0)), 1u);
  EXPECT_EQ(int64_t(cast(Code::TruncI, Type::I32, Type::I8, 200)), -56);
  EXPECT_EQ(cast(Code::UIToFP, Type::I8, Type::F32, uint64_t(-1)),
            bitsOf(255.0f));
  EXPECT_EQ(cast(Code::SIToFP, Type::I64, Type::F32, (uint64_t(1) << 40) + 1),
            bitsOf(0x1p40f));
  // Just above the middle of two small floats: rounding twice would go down.
  EXPECT_EQ(
      cast(Code::SIToFP, Type::I64, Type::BF16, (uint64_t(0x101) << 54) + 1),
      encodeBF16(0x1.02p62));
  EXPECT_EQ(cast(Code::SIToFP, Type::I32, Type::BF16, 257), encodeBF16(256));
}

TEST(ValuesTest, SmallFloatsGoThroughTheirBits) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    double f16 = decodeF16(uint16_t(bits)), bf16 = decodeBF16(uint16_t(bits));
    if (!std::isnan(f16)) {
      EXPECT_EQ(encodeF16(f16), bits);
    }
    if (!std::isnan(bf16)) {
      EXPECT_EQ(encodeBF16(bf16), bits);
      EXPECT_EQ(float(bf16), floatOf(uint64_t(bits) << 16));
    }
  }
  EXPECT_EQ(encodeF16(65519), 0x7bff);
  EXPECT_EQ(encodeF16(65520), 0x7c00);
  EXPECT_EQ(encodeF16(0x1p-25), 0);
  EXPECT_EQ(encodeF16(0x1.8p-25), 1);
}

namespace {
struct Memory {
  explicit Memory(std::vector<std::vector<uint8_t>> bytes)
      : bytes(std::move(bytes)) {
    for (std::vector<uint8_t> &it : this->bytes)
      operands.push_back({it.data(), it.size()});
  }
  std::vector<std::vector<uint8_t>> bytes;
  std::vector<OperandBytes> operands;
};
} // namespace

static llvm::Expected<ProgramCounts>
runProgram(const Program &program, llvm::ArrayRef<OperandBytes> operands,
           std::vector<int64_t> arguments = {},
           uint64_t budget = uint64_t(1) << 40) {
  if (llvm::Error error = check(program))
    return error;
  return ProgramRunner(program).run(operands, arguments, budget);
}

/// max(sum * factor >> shift, 0) as bytes: what follows convolutions.
static Program makeRequantize(int64_t elements, bool vector) {
  Maker maker(vector, {{Type::I32, true, false, uint64_t(4 * elements)},
                       {Type::I8, false, true, uint64_t(elements)}});
  uint16_t zero = maker.constant(Type::I64, 0);
  uint16_t most = maker.constant(Type::I64, 127);
  uint16_t factor = maker.constant(Type::I64, 77);
  uint16_t shift = maker.constant(Type::I64, 9);
  uint16_t i = maker.loop(0, elements);
  uint16_t x = maker.add(Code::Load, Type::I32, i, 0, 0, 0);
  uint16_t product = maker.add(Code::MulI, Type::I32, x, factor);
  uint16_t shifted = maker.add(Code::ShrSI, Type::I32, product, shift);
  uint16_t low = maker.add(Code::MaxSI, Type::I32, shifted, zero);
  uint16_t high = maker.add(Code::MinSI, Type::I32, low, most);
  uint16_t byte = maker.add(Code::TruncI, Type::I32, high, 0, 0, 0, Type::I8);
  maker.add(Code::Store, Type::I8, i, byte, 0, 1);
  maker.end();
  return maker.take();
}

TEST(ProgramTest, ManyLanesAreAsOne) {
  constexpr int64_t kElements = 1000;
  std::mt19937 random(3);
  std::vector<uint8_t> sums(4 * kElements), out(kElements);
  for (uint8_t &byte : sums)
    byte = uint8_t(random());
  for (int64_t i = 0; i < kElements; ++i)
    sums[4 * i + 2] = sums[4 * i + 3] = sums[4 * i + 1] & 0x80 ? 0xff : 0;
  Memory wide({sums, out}), plain({sums, out});
  auto counts = runProgram(makeRequantize(kElements, true), wide.operands);
  ASSERT_TRUE(bool(counts)) << llvm::toString(counts.takeError());
  auto others = runProgram(makeRequantize(kElements, false), plain.operands);
  ASSERT_TRUE(bool(others)) << llvm::toString(others.takeError());
  EXPECT_EQ(wide.bytes, plain.bytes);
  EXPECT_EQ(counts->elements, uint64_t(kElements));
  EXPECT_EQ(counts->bodyInstructions, 7u);
  EXPECT_EQ(counts->instructions, others->instructions);
  EXPECT_EQ(counts->loaded[0], uint64_t(kElements));
  EXPECT_EQ(counts->stored[1], uint64_t(kElements));
  for (int64_t i = 0; i < kElements; ++i) {
    int32_t sum;
    std::memcpy(&sum, &sums[4 * i], 4);
    ASSERT_EQ(wide.bytes[1][i], std::clamp(sum * 77 >> 9, 0, 127));
  }
  // Without data there is nothing but counts.
  std::vector<OperandBytes> none = {{nullptr, sums.size()},
                                    {nullptr, out.size()}};
  auto timed = runProgram(makeRequantize(kElements, true), none);
  ASSERT_TRUE(bool(timed));
  EXPECT_EQ(timed->instructions, counts->instructions);
  EXPECT_EQ(timed->loaded, counts->loaded);
}

TEST(ProgramTest, IterationsThatDependOnEachOtherRunInOrder) {
  // x[i + distance] = x[i] + 1, in one memory under two names.
  for (int64_t distance : {0, 1, 3, 300, -1, -200}) {
    constexpr int64_t kElements = 1000;
    Maker maker(true, {{Type::I32, true, true, 4 * kElements},
                       {Type::I32, true, true, 4 * kElements}});
    uint16_t one = maker.constant(Type::I64, 1);
    uint16_t by = maker.constant(Type::I64, uint64_t(distance));
    int64_t low = std::max<int64_t>(0, -distance),
            high = kElements - std::max<int64_t>(0, distance);
    uint16_t i = maker.loop(low, high);
    uint16_t x = maker.add(Code::Load, Type::I32, i, 0, 0, 0);
    uint16_t sum = maker.add(Code::AddI, Type::I32, x, one);
    uint16_t to = maker.add(Code::AddI, Type::I64, i, by);
    maker.add(Code::Store, Type::I32, to, sum, 0, 1);
    maker.end();
    Program program = maker.take();
    std::vector<int32_t> expected(kElements);
    for (int64_t k = 0; k < kElements; ++k)
      expected[k] = int32_t(k * 7);
    std::vector<int32_t> memory = expected;
    auto *data = reinterpret_cast<uint8_t *>(memory.data());
    auto counts =
        runProgram(program, {{data, 4 * kElements}, {data, 4 * kElements}});
    ASSERT_TRUE(bool(counts)) << llvm::toString(counts.takeError());
    // The address is not the lanes' work.
    EXPECT_EQ(counts->bodyInstructions, 3u);
    for (int64_t k = low; k < high; ++k)
      expected[k + distance] = expected[k] + 1;
    EXPECT_EQ(memory, expected) << distance;
  }
}

TEST(ProgramTest, SumsInMemoryAndInARegister) {
  // y[c] += x[c][i] with two loops; and a count that goes on in a register.
  Maker maker(
      true, {{Type::I32, true, false, 4 * 35}, {Type::I32, true, true, 4 * 5}});
  uint16_t width = maker.constant(Type::I64, 7);
  uint16_t zero = maker.constant(Type::I64, 0),
           five = maker.constant(Type::I64, 5),
           one = maker.constant(Type::I64, 1);
  uint16_t c = maker.add(Code::For, Type::I1, zero, five, one);
  uint16_t i = maker.add(Code::For, Type::I1, zero, width, one);
  uint16_t row = maker.add(Code::MulI, Type::I64, c, width);
  uint16_t at = maker.add(Code::AddI, Type::I64, row, i);
  uint16_t x = maker.add(Code::Load, Type::I32, at, 0, 0, 0);
  uint16_t y = maker.add(Code::Load, Type::I32, c, 0, 0, 1);
  uint16_t sum = maker.add(Code::AddI, Type::I32, x, y);
  maker.add(Code::Store, Type::I32, c, sum, 0, 1);
  maker.end();
  maker.end();
  Program program = maker.take();
  std::vector<int32_t> x0(35), y0(5);
  for (int k = 0; k < 35; ++k)
    x0[k] = k * k;
  auto counts =
      runProgram(program, {{reinterpret_cast<uint8_t *>(x0.data()), 140},
                           {reinterpret_cast<uint8_t *>(y0.data()), 20}});
  ASSERT_TRUE(bool(counts)) << llvm::toString(counts.takeError());
  EXPECT_EQ(counts->elements, 35u);
  for (int k = 0; k < 5; ++k) {
    int32_t expected = 0;
    for (int j = 0; j < 7; ++j)
      expected += x0[7 * k + j];
    EXPECT_EQ(y0[k], expected);
  }

  Maker carried(true, {{Type::I64, false, true, 80}});
  uint16_t step = carried.constant(Type::I64, 3);
  uint16_t total = carried.constant(Type::I64, 10);
  uint16_t k = carried.loop(0, 10);
  carried.put(Code::AddI, Type::I64, total, total, step);
  carried.add(Code::Store, Type::I64, k, total, 0, 0);
  carried.end();
  std::vector<int64_t> out(10);
  auto more = runProgram(carried.take(),
                         {{reinterpret_cast<uint8_t *>(out.data()), 80}});
  ASSERT_TRUE(bool(more)) << llvm::toString(more.takeError());
  for (int64_t j = 0; j < 10; ++j)
    EXPECT_EQ(out[j], 10 + 3 * (j + 1));
}

/// Loads and stores of one or two operands in two or three loops, at indices
/// that are sums of what loops count, or remainders of it.
static Program makeAccesses(std::mt19937 &random, int64_t elements,
                            bool vector) {
  auto draw = [&](int64_t least, int64_t most) {
    return least + int64_t(random() % uint64_t(most - least + 1));
  };
  auto bytes = uint64_t(4 * elements);
  Maker maker(vector,
              {{Type::I32, true, true, bytes}, {Type::I32, true, true, bytes}});
  uint16_t size = maker.constant(Type::I64, uint64_t(elements)),
           middle = maker.constant(Type::I64, uint64_t(elements / 2));
  struct Bounds {
    uint16_t low, high, step;
  };
  std::vector<Bounds> bounds;
  std::vector<uint16_t> loops;
  auto number = [&](int64_t value) {
    return maker.constant(Type::I64, uint64_t(value));
  };
  for (int64_t depth = draw(1, 3); depth > 0; --depth)
    bounds.push_back({number(draw(0, 2)),
                      number(depth == 1 ? draw(1, 300) : draw(1, 6)),
                      number(draw(1, 2))});
  std::vector<uint16_t> numbers;
  for (int64_t value : {-3, -1, 0, 1, 2, 7})
    numbers.push_back(number(value));
  for (const Bounds &of : bounds)
    loops.push_back(maker.add(Code::For, Type::I1, of.low, of.high, of.step));
  uint16_t stored = 0;
  auto makeIndex = [&] {
    uint16_t sum = numbers[draw(0, 5)];
    for (uint16_t loop : loops) {
      uint16_t term = draw(0, 1) ? maker.add(Code::MulI, Type::I64, loop,
                                             numbers[draw(0, 5)])
                                 : loop;
      sum =
          maker.add(draw(0, 4) ? Code::AddI : Code::SubI, Type::I64, sum, term);
    }
    // What data say, now and then.
    bool isOfData = stored && draw(0, 9) == 0;
    if (isOfData)
      sum = maker.add(Code::AddI, Type::I64, sum, stored);
    // Always inside; remainders are no lines.
    return isOfData || draw(0, 3) == 0
               ? maker.add(Code::RemUI, Type::I64, sum, size)
               : maker.add(Code::AddI, Type::I64, sum, middle);
  };
  for (int64_t access = draw(2, 4); access > 0; --access) {
    uint16_t index = makeIndex();
    uint16_t value =
        maker.add(Code::Load, Type::I32, index, 0, 0, uint32_t(draw(0, 1)));
    uint16_t sum = maker.add(Code::AddI, Type::I32, value, loops.front());
    maker.add(Code::Store, Type::I32, draw(0, 1) ? index : makeIndex(), sum, 0,
              uint32_t(draw(0, 1)));
    stored = draw(0, 3) ? 0 : sum;
  }
  for (size_t i = 0; i < loops.size(); ++i)
    maker.end();
  return maker.take();
}

TEST(ProgramTest, AccessesOfManyLanesAreAsOneAfterTheOther) {
  constexpr int64_t kElements = 6000;
  for (unsigned seed = 0; seed < 1000; ++seed) {
    std::vector<int32_t> memory(kElements);
    std::mt19937 numbers(seed);
    for (int32_t &value : memory)
      value = int32_t(numbers() % 100);
    std::vector<int32_t> other = memory, one = memory, two = memory;
    auto get = [](std::vector<int32_t> &of, int64_t from) {
      return OperandBytes{reinterpret_cast<uint8_t *>(of.data() + from),
                          uint64_t(4 * (kElements - from))};
    };
    // Two operands that are apart, the same, or overlap.
    auto run = [&](bool vector, std::vector<int32_t> &a,
                   std::vector<int32_t> &b) -> std::string {
      std::mt19937 random(seed);
      Program program = makeAccesses(random, kElements - 5, vector);
      OperandBytes second = seed % 3 == 0   ? get(b, 5)
                            : seed % 3 == 1 ? get(a, 0)
                                            : get(a, 5);
      auto counts = runProgram(program, {get(a, 0), second});
      return counts ? "" : llvm::toString(counts.takeError());
    };
    ASSERT_EQ(run(true, memory, other), "") << seed;
    ASSERT_EQ(run(false, one, two), "") << seed;
    ASSERT_EQ(memory, one) << seed;
    ASSERT_EQ(other, two) << seed;
  }
}

TEST(ProgramTest, ControlFlow) {
  // Collatz: while n != 1, n = n odd ? 3 n + 1 : n / 2; counts the steps.
  Maker maker(false, {{Type::I64, false, true, 8}}, 1);
  uint16_t n = maker.add(Code::Arg, Type::I1, 0, 0, 0, 0);
  uint16_t one = maker.constant(Type::I64, 1),
           two = maker.constant(Type::I64, 2),
           three = maker.constant(Type::I64, 3),
           steps = maker.constant(Type::I64, 0),
           zero = maker.add(Code::Move, Type::I1, steps);
  maker.add(Code::While, Type::I1);
  uint16_t goes = maker.add(Code::CmpI, Type::I64, n, one, 0,
                            uint32_t(IntegerPredicate::Ne));
  maker.add(Code::Do, Type::I1, goes);
  uint16_t odd = maker.add(Code::AndI, Type::I64, n, one);
  maker.add(Code::If, Type::I1, odd);
  maker.put(Code::MulI, Type::I64, n, n, three);
  maker.put(Code::AddI, Type::I64, n, n, one);
  maker.add(Code::Else, Type::I1);
  maker.put(Code::DivSI, Type::I64, n, n, two);
  maker.end();
  maker.put(Code::AddI, Type::I64, steps, steps, one);
  maker.end();
  maker.add(Code::Store, Type::I64, zero, steps, 0, 0);
  Program program = maker.take();
  int64_t out = 0;
  auto counts =
      runProgram(program, {{reinterpret_cast<uint8_t *>(&out), 8}}, {27});
  ASSERT_TRUE(bool(counts)) << llvm::toString(counts.takeError());
  EXPECT_EQ(out, 111);
  auto endless =
      runProgram(program, {{reinterpret_cast<uint8_t *>(&out), 8}}, {0}, 1000);
  ASSERT_FALSE(bool(endless));
  EXPECT_NE(llvm::toString(endless.takeError()).find("more work than"),
            std::string::npos);
}

TEST(ProgramTest, WhatReachesOutIsRefusedByName) {
  std::vector<uint8_t> sums(40), out(9);
  auto counts = runProgram(makeRequantize(10, true),
                           {{sums.data(), 40}, {out.data(), 9}});
  ASSERT_FALSE(bool(counts));
  EXPECT_EQ(llvm::toString(counts.takeError()),
            "program 'test': instruction 14 `store.i8 %13, @1[%7]`: element 9 "
            "of 9");

  // Indices that go so far that their numbers wrap around.
  for (int64_t step : {int64_t(-1), INT64_MIN, INT64_MAX, int64_t(1) << 61}) {
    Maker maker(true, {{Type::I8, true, true, 4}});
    uint16_t by = maker.constant(Type::I64, uint64_t(step));
    uint16_t i = maker.loop(0, 9);
    uint16_t at = maker.add(Code::MulI, Type::I64, i, by);
    maker.add(Code::Store, Type::I8, at, i, 0, 0);
    maker.end();
    std::vector<uint8_t> few(4);
    auto run = runProgram(maker.take(), {{few.data(), 4}});
    ASSERT_FALSE(bool(run));
    EXPECT_NE(llvm::toString(run.takeError()).find("of 4"), std::string::npos);
  }
}
