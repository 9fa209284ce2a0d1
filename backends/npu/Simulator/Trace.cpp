//===- Trace.cpp - A simulation, for Chrome and Perfetto -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Report.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace lacuna::npu {

static std::string getLayerName(const SimulationResult &result,
                                uint32_t layer) {
  if (layer >= result.layers.size())
    return "(none)";
  const std::string &name = result.layers[layer].name;
  return json::isUTF8(name) ? name : json::fixUTF8(name);
}

void writeTrace(const SimulationResult &result, raw_ostream &os) {
  json::OStream json(os);
  json.object([&] {
    // A clock is a microsecond there.
    json.attribute("displayTimeUnit", "ns");
    json.attributeArray("traceEvents", [&] {
      for (auto [index, name] : enumerate(getQueueNames()))
        json.object([&, index = index, name = name] {
          json.attribute("name", "thread_name");
          json.attribute("ph", "M");
          json.attribute("pid", 0);
          json.attribute("tid", int64_t(index));
          json.attributeObject("args", [&] { json.attribute("name", name); });
        });
      for (const SimulationEvent &event : result.events)
        json.object([&] {
          json.attribute("name", getLayerName(result, event.layer));
          json.attribute("cat", getName(event.operation));
          json.attribute("ph", "X");
          json.attribute("pid", 0);
          json.attribute("tid", int64_t(event.queue));
          json.attribute("ts", event.begin);
          json.attribute("dur", event.end - event.begin);
          json.attributeObject("args", [&] {
            json.attribute("operation", getName(event.operation));
            json.attribute("word", int64_t(event.offset));
          });
        });
    });
  });
  os << "\n";
}

} // namespace lacuna::npu
