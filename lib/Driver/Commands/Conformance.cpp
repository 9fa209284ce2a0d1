//===- Conformance.cpp - lacuna conformance -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "TargetOptions.h"

#include "../Progress.h"

#include "lacuna/Driver/Registration.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Threading.h"
#include "llvm/Support/raw_ostream.h"
#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;
using namespace lacuna;
namespace cl = llvm::cl;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

namespace {
enum class Status : char { Passed = 'P', Failed = 'F', Unsupported = 'U' };

struct CaseResult {
  Status status = Status::Failed;
  std::string reason;
};

struct Case {
  std::string name, folder;
  CaseResult result;
};

class ConformanceCommand : public Command {
public:
  ConformanceCommand()
      : Command("conformance", "Run folders in the ONNX backend-test layout") {}
  int run() override;

private:
  int findCases(std::vector<Case> &cases);
  int keepShard(std::vector<Case> &cases);
  void runCases(std::vector<Case> &cases);

  cl::list<std::string> folders{cl::Positional, cl::OneOrMore,
                                cl::desc("DIR..."), cl::sub(sub),
                                cl::cat(getInputCategory())};
  RunTargetOptions target{sub};
  cl::opt<std::string> filter{"filter",
                              cl::value_desc("GLOB"),
                              cl::desc("Only cases whose name matches"),
                              cl::init("*"),
                              cl::sub(sub),
                              cl::cat(getInputCategory())};
  cl::opt<std::string> shard{"shard",
                             cl::value_desc("I/N"),
                             cl::desc("Only every Nth case, from the Ith on"),
                             cl::init("1/1"),
                             cl::sub(sub),
                             cl::cat(getInputCategory())};
  cl::opt<std::string> json{
      "json", cl::value_desc("FILE"),
      cl::desc("Write every case and its reason; - for standard "
               "output, which then holds nothing else"),
      cl::sub(sub), cl::cat(getOutputCategory())};
  cl::opt<unsigned> jobs{
      "jobs",
      cl::value_desc("N"),
      cl::desc("Cases to run at once (default: one a processor)"),
      cl::init(0),
      cl::sub(sub),
      cl::cat(getOutputCategory())};
  cl::opt<unsigned> timeout{"timeout",
                            cl::value_desc("SECONDS"),
                            cl::desc("Time that a case may take (default 120)"),
                            cl::init(120),
                            cl::sub(sub),
                            cl::cat(getOutputCategory())};
};
} // namespace

//===----------------------------------------------------------------------===//
// One case
//===----------------------------------------------------------------------===//

/// The tensors `<stem>_0.pb`, `<stem>_1.pb`, ... of a data set. What cannot be
/// read is left out; `damage` then says why.
static std::vector<std::optional<HostTensor>>
readTensors(StringRef folder, StringRef stem, std::string &damage) {
  std::vector<std::optional<HostTensor>> tensors;
  for (unsigned i = 0;; ++i) {
    llvm::SmallString<128> file(folder);
    path::append(file, stem + "_" + Twine(i) + ".pb");
    if (!fs::exists(file))
      return tensors;
    tensors.emplace_back();
    if (llvm::Expected<HostTensor> tensor = readTensorProto(file))
      tensors.back() = *tensor;
    else
      damage = "cannot read the data: " + llvm::toString(tensor.takeError());
  }
}

/// Test data spells bfloat16 as uint16, which NumPy has.
static void restoreBFloat16(const Port &port, HostTensor &tensor) {
  if (port.type != DType::BFloat16 || tensor.getType() != DType::UInt16)
    return;
  HostTensor restored(DType::BFloat16, tensor.getShape());
  std::memcpy(restored.data(), tensor.data(), tensor.getByteSize());
  tensor = restored;
}

static CaseResult checkResults(ArrayRef<Port> ports,
                               ArrayRef<HostTensor> expected,
                               ArrayRef<HostTensor> actual) {
  if (expected.size() != actual.size())
    return {Status::Failed, llvm::formatv("has {0} outputs, but expects {1}",
                                          actual.size(), expected.size())};
  for (size_t i = 0; i < actual.size(); ++i) {
    if (expected[i].getType() != actual[i].getType() ||
        expected[i].getShape() != actual[i].getShape())
      return {Status::Failed,
              "output '" + ports[i].name + "' is " +
                  describe(actual[i].getType(), actual[i].getShape()) +
                  ", but expected is " +
                  describe(expected[i].getType(), expected[i].getShape())};
    // The tolerance of ONNX's own runner. The data cut bfloat16 where casts
    // round it: one unit in the last place.
    double rtol = actual[i].getType() == DType::BFloat16 ? 1.0 / 128 : 1e-3;
    if (auto difference = compare(expected[i], actual[i], rtol, 1e-7))
      return {Status::Failed,
              llvm::formatv("output '{0}' differs in {1} of {2} elements; the "
                            "first is element {3}: {4} instead of {5}",
                            ports[i].name, difference->count,
                            actual[i].getNumElements(), difference->index,
                            toText(difference->actual),
                            toText(difference->expected))};
  }
  return {Status::Passed, ""};
}

/// Runs one data set. Inputs that decide shapes are bound to the data's values,
/// as a user would with --bind.
static CaseResult runDataSet(StringRef model, StringRef folder,
                             const RunTargetOptions &target) {
  // A model that is not supported may have data that no tensor can hold.
  std::string damage;
  auto inputs = readTensors(folder, "input", damage);
  auto givenOutputs = readTensors(folder, "output", damage);

  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  std::string messages;
  DiagnosticPrinter printer(&context, "model.onnx", &messages);
  ImportOptions options;
  ImportResult imported;
  bool isMissing = false;
  auto getInput = [&](StringRef name) -> std::optional<HostTensor> {
    size_t index =
        llvm::find(imported.inputNames, name) - imported.inputNames.begin();
    std::optional<HostTensor> input =
        index < inputs.size() ? inputs[index] : std::nullopt;
    isMissing |= !input;
    return input;
  };
  while (true) {
    messages.clear();
    imported = importModel(model, context, options);
    size_t known = options.bindings.size() + options.shapes.size();
    for (const std::string &name : imported.inputsToBind)
      if (std::optional<HostTensor> input = getInput(name))
        options.bindings[name] = *input;
    for (const std::string &name : imported.inputsToShape)
      if (std::optional<HostTensor> input = getInput(name))
        options.shapes[name] = SmallVector<int64_t>(input->getShape());
    if (options.bindings.size() + options.shapes.size() == known)
      break;
  }
  if (!damage.empty() && (imported.module || isMissing))
    return {Status::Failed, damage};
  if (!imported.module)
    return {imported.failure == ImportFailure::Unsupported ? Status::Unsupported
                                                           : Status::Failed,
            messages};
  std::vector<HostTensor> arguments;
  for (auto [i, name] : llvm::enumerate(imported.inputNames))
    if (!options.bindings.count(name) && i < inputs.size())
      arguments.push_back(*inputs[i]);
  std::vector<HostTensor> outputs;
  for (const std::optional<HostTensor> &output : givenOutputs)
    outputs.push_back(*output);
  int exitCode = kExitOk;
  std::unique_ptr<Program> program =
      target.compile(std::move(imported.module), exitCode);
  if (!program)
    return {exitCode == kExitUnsupported ? Status::Unsupported : Status::Failed,
            messages};
  if (arguments.size() != program->getInputs().size())
    return {Status::Failed, "the data has another number of inputs"};
  for (auto [argument, port] : llvm::zip(arguments, program->getInputs())) {
    restoreBFloat16(port, argument);
    // Such data say nothing about the compiler.
    if (argument.getType() != port.type ||
        argument.getShape() != ArrayRef(port.shape))
      return {Status::Unsupported,
              "the data contradict the model: input '" + port.name + "' is " +
                  describe(port.type, port.shape) + ", its data are " +
                  describe(argument.getType(), argument.getShape())};
  }
  for (auto [output, port] : llvm::zip(outputs, program->getOutputs()))
    restoreBFloat16(port, output);
  llvm::Expected<std::vector<HostTensor>> results = program->run(arguments);
  if (!results)
    return {Status::Failed, llvm::toString(results.takeError())};
  return checkResults(program->getOutputs(), outputs, *results);
}

static CaseResult runCase(StringRef folder, const RunTargetOptions &target) {
  llvm::SmallString<128> model(folder);
  path::append(model, "model.onnx");
  CaseResult result{Status::Failed, "there is no data set"};
  for (unsigned i = 0;; ++i) {
    llvm::SmallString<128> dataSet(folder);
    path::append(dataSet, "test_data_set_" + Twine(i));
    if (!fs::exists(dataSet))
      return result;
    result = runDataSet(model, dataSet, target);
    if (result.status != Status::Passed)
      return result;
  }
}

//===----------------------------------------------------------------------===//
// All cases, each in a process of its own: a crash fails one case only.
//===----------------------------------------------------------------------===//

namespace {
struct Worker {
  Case *job;
  pid_t pid;
  int pipe;
  std::string text;
};
} // namespace

static Worker startWorker(Case &job, unsigned timeout,
                          const RunTargetOptions &target) {
  int ends[2];
  if (pipe(ends) != 0)
    llvm::report_fatal_error("cannot make a pipe");
  llvm::outs().flush();
  pid_t pid = fork();
  if (pid < 0)
    llvm::report_fatal_error("cannot start a process");
  if (pid == 0) {
    close(ends[0]);
    // A group of its own: compilers and emulators that it starts end with it.
    setpgid(0, 0);
    alarm(timeout);
    signal(SIGALRM, SIG_DFL);
    CaseResult result = runCase(job.folder, target);
    std::string text = char(result.status) + result.reason;
    for (size_t at = 0; at < text.size();) {
      ssize_t written = write(ends[1], text.data() + at, text.size() - at);
      if (written <= 0)
        break;
      at += written;
    }
    _exit(0);
  }
  close(ends[1]);
  return {&job, pid, ends[0], ""};
}

static CaseResult finishWorker(Worker &worker) {
  close(worker.pipe);
  int status = 0;
  while (waitpid(worker.pid, &status, 0) < 0 && errno == EINTR) {
  }
  kill(-worker.pid, SIGKILL);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    return {Status::Failed, "timed out"};
  if (WIFSIGNALED(status))
    return {Status::Failed,
            std::string("crashed: ") + strsignal(WTERMSIG(status))};
  if (worker.text.empty())
    return {Status::Failed, "ended without a result"};
  return {Status(worker.text[0]), StringRef(worker.text).drop_front().str()};
}

void ConformanceCommand::runCases(std::vector<Case> &cases) {
  unsigned limit = jobs ? unsigned(jobs)
                        : llvm::hardware_concurrency().compute_thread_count();
  Progress progress;
  progress.phase("case");
  std::vector<Worker> workers;
  size_t next = 0, done = 0;
  while (next < cases.size() || !workers.empty()) {
    while (next < cases.size() && workers.size() < limit)
      workers.push_back(startWorker(cases[next++], timeout, target));
    std::vector<pollfd> polls;
    for (Worker &worker : workers)
      polls.push_back({worker.pipe, POLLIN, 0});
    poll(polls.data(), polls.size(), -1);
    for (size_t i = workers.size(); i-- > 0;) {
      if (!polls[i].revents)
        continue;
      char buffer[4096];
      ssize_t got = read(workers[i].pipe, buffer, sizeof buffer);
      if (got > 0) {
        workers[i].text.append(buffer, got);
        continue;
      }
      workers[i].job->result = finishWorker(workers[i]);
      workers.erase(workers.begin() + i);
      progress.update(++done, cases.size());
    }
  }
}

int ConformanceCommand::findCases(std::vector<Case> &cases) {
  llvm::Expected<llvm::GlobPattern> pattern =
      llvm::GlobPattern::create(filter, /*MaxSubPatterns=*/1024);
  if (!pattern)
    return reportError("--filter", llvm::toString(pattern.takeError()),
                       kExitUsage);
  bool found = false;
  auto addCase = [&](StringRef folder) {
    llvm::SmallString<128> model(folder);
    path::append(model, "model.onnx");
    if (!fs::exists(model))
      return false;
    found = true;
    StringRef name = path::filename(folder);
    if (pattern->match(name))
      cases.push_back({name.str(), folder.str(), {}});
    return true;
  };
  for (std::string &folder : folders) {
    while (folder.size() > 1 && folder.back() == '/')
      folder.pop_back();
    if (!fs::is_directory(folder))
      return reportError(folder, "not a folder", kExitFile);
    if (addCase(folder))
      continue;
    std::error_code error;
    std::vector<std::string> inside;
    for (fs::directory_iterator it(folder, error), end; it != end && !error;
         it.increment(error))
      inside.push_back(it->path());
    llvm::sort(inside);
    for (const std::string &one : inside)
      addCase(one);
  }
  if (cases.empty() && found)
    return reportError("--filter", "no case matches '" + filter + "'",
                       kExitUsage);
  if (cases.empty())
    return reportError(folders.front(), "there are no cases in it", kExitFile);
  return kExitOk;
}

int ConformanceCommand::keepShard(std::vector<Case> &cases) {
  size_t index = 0, count = 0;
  auto [first, second] = StringRef(shard).split('/');
  if (first.getAsInteger(10, index) || second.getAsInteger(10, count) ||
      index == 0 || index > count)
    return reportError("--shard",
                       "expected I/N with I from 1 to N, not '" + shard + "'",
                       kExitUsage);
  std::vector<Case> kept;
  for (size_t i = index - 1; i < cases.size(); i += count)
    kept.push_back(std::move(cases[i]));
  cases = std::move(kept);
  return kExitOk;
}

int ConformanceCommand::run() {
  if (int code = target.check())
    return code;
  std::vector<Case> cases;
  if (int code = findCases(cases))
    return code;
  if (int code = keepShard(cases))
    return code;
  runCases(cases);

  size_t counts[3] = {0, 0, 0};
  llvm::json::Array entries;
  for (const Case &one : cases) {
    StringRef status = one.result.status == Status::Passed   ? "passed"
                       : one.result.status == Status::Failed ? "failed"
                                                             : "unsupported";
    ++counts[status == "passed" ? 0 : status == "failed" ? 1 : 2];
    StringRef reason = StringRef(one.result.reason).trim();
    entries.push_back(llvm::json::Object{
        {"name", one.name}, {"status", status}, {"reason", reason}});
    if (one.result.status != Status::Passed && json != "-")
      llvm::outs() << status << ": " << one.name << ": "
                   << reason.split('\n').first << "\n";
  }
  if (!json.empty())
    if (int code =
            writeJson(json, llvm::json::Object{{"cases", std::move(entries)}}))
      return code;
  if (json != "-")
    llvm::outs() << counts[0] << " passed, " << counts[1] << " failed, "
                 << counts[2] << " unsupported\n";
  return counts[1] ? kExitDiffers : kExitOk;
}

std::unique_ptr<Command> lacuna::createConformanceCommand() {
  return std::make_unique<ConformanceCommand>();
}
