//===- SimulatorTest.cpp - Tests of whole simulations -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Simulator.h"
#include "backends/npu/Machines.h"
#include "backends/npu/Simulator/Report.h"
#include "backends/npu/Simulator/Timeline.h"

#include "../NpuSampleStream.h"

#include "llvm/Support/MemoryBuffer.h"

#include "gtest/gtest.h"
#include <random>

using namespace lacuna;
using namespace lacuna::npu;

namespace {
class SimulatorTest : public testing::Test {
protected:
  SimulatorTest() {
    machine = llvm::cantFail(getMachine("lacuna-256"));
    machine.name = "sample";
    // The memories of the sample stream.
    machine.memories.clear();
    for (const ChipMemory &chip : getSampleMemories()) {
      lacuna::Memory memory;
      memory.name = chip.name;
      memory.bytes = int64_t(chip.bytes);
      memory.holds = {Content::Inputs, Content::Weights, Content::Sums,
                      Content::Outputs};
      machine.memories.push_back(memory);
    }
  }

  Stream makeStream(int64_t tiles = 5,
                    std::optional<unsigned> withoutWait = std::nullopt) {
    SampleOptions options;
    options.tiles = tiles;
    options.withoutWait = withoutWait;
    Stream stream = makeSample(options);
    stream.machineHash = machine.getHash();
    uint64_t bytes = *stream.tensors[0].getBytes();
    std::mt19937 random(5);
    input.resize(bytes);
    for (uint8_t &byte : input)
      byte = random() % 3 ? uint8_t(random()) : 0;
    return stream;
  }
  llvm::Expected<SimulationResult> run(const Stream &stream,
                                       const SimulatorOptions &options = {}) {
    return simulate(stream, machine, {llvm::ArrayRef<uint8_t>(input)}, options);
  }
  std::vector<uint8_t> compute(const Stream &stream) const;

  Machine machine;
  std::vector<uint8_t> input;
};
} // namespace

std::vector<uint8_t> SimulatorTest::compute(const Stream &stream) const {
  std::vector<uint8_t> out;
  llvm::ArrayRef<uint8_t> weights = stream.constants.get();
  for (size_t pixel = 0; pixel < input.size() / 16; ++pixel)
    for (size_t f = 0; f < 16; ++f) {
      int32_t sum = 0;
      for (size_t c = 0; c < 16; ++c)
        sum += int8_t(input[pixel * 16 + c]) * int8_t(weights[f * 16 + c]);
      out.push_back(uint8_t(std::clamp(sum >> 8, 0, 127)));
    }
  return out;
}

static void expectSums(const SimulationResult &result) {
  EXPECT_EQ(result.total.buckets.getSum(), result.totalCycles);
  int64_t cycles = 0;
  for (const LayerResult &layer : result.layers) {
    EXPECT_EQ(layer.buckets.getSum(), layer.cycles);
    cycles += layer.cycles;
  }
  EXPECT_EQ(cycles, result.totalCycles);
  EXPECT_LE(result.total.computeCycles, result.totalCycles);
}

TEST_F(SimulatorTest, ComputesAndCounts) {
  Stream stream = makeStream();
  auto result = run(stream);
  ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
  ASSERT_EQ(result->outputs.size(), 1u);
  EXPECT_EQ(result->outputs[0].bytes, compute(stream));
  expectSums(*result);
  // The copy of the weights comes before all that the debug map knows.
  ASSERT_EQ(result->layers.size(), 3u);
  EXPECT_EQ(result->layers[2].name, "(none)");
  EXPECT_EQ(result->layers[2].commands, 1);
  EXPECT_EQ(result->layers[0].array.macs.getSum(), 5 * 8 * 16 * 16);
  EXPECT_GT(result->layers[0].array.macs.skipped, 0);
  EXPECT_EQ(result->total.dram.getRead(), 5 * 128 + 256);
  EXPECT_EQ(result->total.dram.getWritten(), 5 * 128);
  EXPECT_GT(result->total.energy.getOf(EnergyComponent::Dram), 0);
}

TEST_F(SimulatorTest, EnergyOfDramIsThatOfWholeBursts) {
  auto getEnergy = [&](int64_t burst, int64_t moved) {
    machine.dma.burstBytes = burst;
    auto result = run(makeStream());
    EXPECT_TRUE(bool(result)) << llvm::toString(result.takeError());
    // What is of use is the same: 5 tiles of 128 bytes in and out, 256 of
    // weights.
    EXPECT_EQ(result->total.dram.getRead(), 5 * 128 + 256);
    EXPECT_EQ(result->total.dram.getWritten(), 5 * 128);
    EXPECT_EQ(result->total.dram.moved, moved);
    return result->total.energy.getOf(EnergyComponent::Dram);
  };
  int64_t useful = 5 * 128 + 256 + 5 * 128, whole = 11 * 256;
  double each = getEnergy(64, useful) / double(useful);
  EXPECT_GT(each, 0);
  EXPECT_NEAR(getEnergy(256, whole), each * double(whole), 1e-6 * each);
}

TEST_F(SimulatorTest, DoubleBufferingOverlaps) {
  // Alone, each tile takes its turns one after the other.
  auto one = run(makeStream(1));
  ASSERT_TRUE(bool(one)) << llvm::toString(one.takeError());
  auto many = run(makeStream(40));
  ASSERT_TRUE(bool(many)) << llvm::toString(many.takeError());
  expectSums(*many);
  EXPECT_LT(many->totalCycles, 40 * one->totalCycles);
  int64_t busy = 0;
  for (int64_t cycles : many->total.busyCycles)
    busy += cycles;
  EXPECT_GT(busy, many->totalCycles);
}

TEST_F(SimulatorTest, AnyOrderOfQueuesGivesTheSame) {
  Stream stream = makeStream(9);
  auto expected = run(stream);
  ASSERT_TRUE(bool(expected)) << llvm::toString(expected.takeError());
  std::string report;
  llvm::raw_string_ostream os(report);
  writeReportJson(*expected, os);
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SimulatorOptions options;
    options.lockStep = seed;
    auto result = run(stream, options);
    ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
    EXPECT_EQ(result->outputs[0].bytes, expected->outputs[0].bytes);
    std::string other;
    llvm::raw_string_ostream otherOs(other);
    writeReportJson(*result, otherOs);
    EXPECT_EQ(other, report);
  }
}

TEST_F(SimulatorTest, WithoutDataItIsDense) {
  Stream stream = makeStream();
  std::fill(input.begin(), input.end(), 1);
  SimulatorOptions options;
  options.mode = SimulationMode::TimingOnly;
  auto timed = simulate(stream, machine, {}, options);
  ASSERT_TRUE(bool(timed)) << llvm::toString(timed.takeError());
  expectSums(*timed);
  EXPECT_EQ(timed->total.array.macs.skipped, 0);
  EXPECT_TRUE(timed->outputs[0].bytes.empty());
  options.densities = {{0.5, 0.5}, {}};
  auto sparse = simulate(stream, machine, {}, options);
  ASSERT_TRUE(bool(sparse)) << llvm::toString(sparse.takeError());
  EXPECT_GT(sparse->total.array.macs.skipped, 0);
  options.densities = {{0.5, 0.5}};
  EXPECT_FALSE(
      llvm::errorToBool(simulate(stream, machine, {}, options).takeError()) ==
      false);
}

TEST_F(SimulatorTest, MissingTokensAndOtherMachinesAreRefused) {
  Stream stream = makeStream(5, 1);
  auto racing = run(stream);
  ASSERT_FALSE(bool(racing));
  EXPECT_NE(llvm::toString(racing.takeError()).find("without an order"),
            std::string::npos);
  stream = makeStream();
  ++stream.machineHash;
  auto other = run(stream);
  ASSERT_FALSE(bool(other));
  EXPECT_NE(llvm::toString(other.takeError()).find("was made for machine"),
            std::string::npos);
  stream = makeStream();
  input.pop_back();
  auto shorter = run(stream);
  ASSERT_FALSE(bool(shorter));
  EXPECT_EQ(llvm::toString(shorter.takeError()),
            "input 'x' has 640 bytes; 639 are given");
}

TEST_F(SimulatorTest, WorkIsBounded) {
  Stream stream = makeStream();
  SimulatorOptions options;
  options.maxWork = 1000;
  auto result = run(stream, options);
  ASSERT_FALSE(bool(result));
  EXPECT_NE(llvm::toString(result.takeError()).find("more work than"),
            std::string::npos);
}

TEST_F(SimulatorTest, MemoryIsBounded) {
  Stream stream = makeStream();
  // Few bytes, but far from the begin of their region.
  stream.tensors.front().address.offset = uint64_t(1) << 39;
  llvm::Expected<SimulationResult> result = run(stream);
  ASSERT_FALSE(bool(result));
  EXPECT_NE(toString(result.takeError()).find("the simulator may use "),
            std::string::npos);
}

TEST_F(SimulatorTest, ReportsAreWritten) {
  SimulatorOptions options;
  options.recordEvents = true;
  auto result = run(makeStream(), options);
  ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
  std::string text;
  llvm::raw_string_ostream os(text);
  for (auto write : {writeReportJson, writeTrace}) {
    text.clear();
    write(*result, os);
    auto json = llvm::json::parse(text);
    ASSERT_TRUE(bool(json)) << llvm::toString(json.takeError());
  }
  text.clear();
  writeReportHtml(*result, os);
  EXPECT_NE(text.find("conv_1"), std::string::npos);
  text.clear();
  writeLayersCsv(*result, os);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
}

/// Simulates `count` damaged forms of a stream; gives how many of them ran.
static unsigned runDamaged(const Stream &stream, const Machine &machine,
                           unsigned count) {
  SimulatorOptions options;
  options.maxWork = 200000;
  options.maxMemoryBytes = 1 << 24;
  std::vector<uint8_t> input(1 << 12);
  std::mt19937 random(5);
  for (uint8_t &byte : input)
    byte = random() % 3 ? uint8_t(random()) : 0;
  Mutator mutator(llvm::cantFail(encode(stream)));
  unsigned ran = 0;
  for (unsigned i = 0; i < count && !testing::Test::HasFailure(); ++i) {
    // Constants stay in it.
    std::vector<uint8_t> file = mutator.mutate();
    llvm::Expected<Stream> damaged = decode(file);
    if (!damaged) {
      llvm::consumeError(damaged.takeError());
      continue;
    }
    damaged->machine = machine.name;
    damaged->machineHash = machine.getHash();
    std::vector<llvm::ArrayRef<uint8_t>> inputs;
    for (const Tensor &tensor : damaged->tensors)
      if (tensor.address.isInput())
        inputs.push_back(llvm::ArrayRef(input).take_front(
            tensor.getBytes().value_or(input.size())));
    auto result = simulate(*damaged, machine, inputs, options);
    if (result) {
      ++ran;
      expectSums(*result);
    } else {
      EXPECT_NE(llvm::toString(result.takeError()), "");
    }
  }
  return ran;
}

constexpr unsigned kDamaged = 25000;

TEST_F(SimulatorTest, DamagedStreamsEndInAnError) {
  SampleOptions options;
  options.tiles = 3;
  for (bool isScalar : {false, true}) {
    options.isScalar = options.hasSteps = isScalar;
    EXPECT_GT(runDamaged(makeSample(options), machine, kDamaged),
              kDamaged / 20);
  }
}

/// Of the compiler: weights in formats that are not dense, for the array and on
/// their way, and loops of the vector unit.
static std::pair<Stream, Machine>
readCompiled(llvm::StringRef name,
             llvm::function_ref<void(std::string &)> edit = nullptr) {
  std::string path = (LACUNA_STREAMS "/" + name).str();
  auto file = llvm::MemoryBuffer::getFile(path + ".s");
  EXPECT_TRUE(bool(file)) << path;
  std::string text = (*file)->getBuffer().str();
  if (edit)
    edit(text);
  return {llvm::cantFail(assemble(text)),
          llvm::cantFail(getMachine(path + ".yaml"))};
}

TEST(CompiledStreams, DamagedOnesEndInAnError) {
  for (const char *name : {"array", "dma"}) {
    auto [stream, machine] = readCompiled(name);
    EXPECT_GT(runDamaged(stream, machine, kDamaged), kDamaged / 20) << name;
  }
}

/// A cartesian array visits padding as it does inputs.
TEST(CompiledStreams, PaddingIsWork) {
  auto [stream, machine] = readCompiled("dma", [](std::string &text) {
    llvm::StringRef pad = "pad_h=1 ";
    size_t at = text.find(pad);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, pad.size(), "pad_h=2000000000 ");
  });
  stream.machineHash = machine.getHash();
  std::vector<uint8_t> input(*stream.tensors[0].getBytes());
  SimulatorOptions options;
  options.maxWork = 200000;
  auto result =
      simulate(stream, machine, {llvm::ArrayRef<uint8_t>(input)}, options);
  ASSERT_FALSE(bool(result));
  EXPECT_NE(llvm::toString(result.takeError()).find("more work than"),
            std::string::npos);
}

TEST(TimelineTest, TheLinkIsShared) {
  TimedQueues queues;
  auto add = [&](Queue queue, int64_t latency, int64_t link, int64_t clocks) {
    TimedCommand it;
    it.latency = latency;
    it.link = link * kLinkUnits;
    it.clocks = clocks;
    if (queue == Queue::Array)
      it.buckets[Bucket::Compute] = clocks;
    queues[unsigned(queue)].push_back(it);
  };
  add(Queue::DmaIn, 10, 100, 0);
  add(Queue::DmaOut, 10, 50, 0);
  add(Queue::Array, 0, 0, 30);
  Timeline timeline = llvm::cantFail(makeTimeline(queues, {}));
  // Both move at half speed until 110, then one alone.
  EXPECT_EQ(timeline.intervals[unsigned(Queue::DmaOut)][0].end, 110);
  EXPECT_EQ(timeline.cycles, 160);
  BucketClocks clocks = attributeClocks(queues, timeline, 1)[0];
  EXPECT_EQ(clocks[Bucket::Compute], 30);
  EXPECT_EQ(clocks[Bucket::DmaIn], 130);
  EXPECT_EQ(clocks.getSum(), 160);

  add(Queue::DmaIn, 10, 20, 0);
  TimelineOptions two;
  two.transfersPerQueue = 2;
  EXPECT_EQ(llvm::cantFail(makeTimeline(queues, {})).cycles, 190);
  EXPECT_EQ(llvm::cantFail(makeTimeline(queues, two)).cycles, 180);
  two.isMemoryNeverLate = true;
  EXPECT_EQ(llvm::cantFail(makeTimeline(queues, two)).cycles, 30);
}

TEST(TimelineTest, UnitsComeBeforeTransfers) {
  TimedQueues queues;
  auto add = [&](Queue queue, int64_t latency, int64_t link) {
    TimedCommand it;
    it.latency = latency;
    it.link = link * kLinkUnits;
    queues[unsigned(queue)].push_back(it);
  };
  add(Queue::DmaIn, 10, 100);
  add(Queue::Vector, 30, 50);
  Timeline timeline = llvm::cantFail(makeTimeline(queues, {}));
  // The transfer has moved 20 when the program is answered, and waits for it.
  EXPECT_EQ(timeline.intervals[unsigned(Queue::Vector)][0].end, 80);
  EXPECT_EQ(timeline.cycles, 160);
}

TEST(TimelineTest, SemaphoresOrder) {
  TimedQueues queues;
  auto add = [&](Queue queue, TimedCommand::Kind kind, int64_t clocks) {
    TimedCommand it;
    it.kind = kind;
    it.tokens = 1;
    it.clocks = clocks;
    it.buckets[Bucket::Compute] = clocks;
    queues[unsigned(queue)].push_back(it);
  };
  add(Queue::Array, TimedCommand::Kind::Wait, 0);
  add(Queue::Array, TimedCommand::Kind::Work, 5);
  add(Queue::Scalar, TimedCommand::Kind::Work, 7);
  add(Queue::Scalar, TimedCommand::Kind::Signal, 0);
  Timeline timeline = llvm::cantFail(makeTimeline(queues, {}));
  EXPECT_EQ(timeline.cycles, 12);
  BucketClocks clocks = attributeClocks(queues, timeline, 1)[0];
  EXPECT_EQ(clocks[Bucket::Scalar], 7);
  EXPECT_EQ(clocks[Bucket::Compute], 5);
  queues[unsigned(Queue::Scalar)].pop_back();
  EXPECT_TRUE(llvm::errorToBool(makeTimeline(queues, {}).takeError()));
}
