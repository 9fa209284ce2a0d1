//===- onnxruntime_session.c - A model in ONNX Runtime -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The npm package of ONNX Runtime has no header. Its C interface is a table of
// functions that only grows; the functions used are declared here, with their
// places in the table.
//
//===----------------------------------------------------------------------===//

#include "onnxruntime_session.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Object Object; // Any of the types of the interface.
typedef const void *const *Table;
typedef struct {
  Table (*getApi)(uint32_t version);
  const char *(*getVersionString)(void);
} ApiBase;
const ApiBase *OrtGetApiBase(void);

static Table api;

enum {
  GetErrorMessage = 2,
  CreateEnv = 3,
  CreateSession = 7,
  Run = 9,
  CreateSessionOptions = 10,
  SetSessionGraphOptimizationLevel = 23,
  SetIntraOpNumThreads = 24,
  SetInterOpNumThreads = 25,
  SessionGetInputCount = 30,
  SessionGetOutputCount = 31,
  SessionGetInputTypeInfo = 33,
  SessionGetInputName = 36,
  SessionGetOutputName = 37,
  CreateTensorWithDataAsOrtValue = 49,
  CastTypeInfoToTensorInfo = 55,
  GetTensorElementType = 60,
  GetDimensionsCount = 61,
  GetDimensions = 62,
  CreateCpuMemoryInfo = 69,
  GetAllocatorWithDefaultOptions = 78,
};

#define CALL(FUNCTION, TYPES, ...)                                             \
  check(((Object * (*)TYPES) api[FUNCTION])(__VA_ARGS__))

static void check(Object *status) {
  if (!status)
    return;
  fprintf(stderr, "ONNX Runtime: %s\n",
          ((const char *(*)(Object *))api[GetErrorMessage])(status));
  exit(1);
}

// How many bytes an element has, by ONNX's numbers of types.
static size_t elementSize(int type) {
  static const uint8_t sizes[] = {0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8};
  return type > 0 && type < (int)sizeof sizes ? sizes[type] : 0;
}

static Object *makeInput(Object *session, size_t index, Object *memory) {
  Object *info, *tensor, *value;
  int type;
  size_t rank, count = 1;
  int64_t shape[16];
  CALL(SessionGetInputTypeInfo, (Object *, size_t, Object **), session, index,
       &info);
  CALL(CastTypeInfoToTensorInfo, (Object *, Object **), info, &tensor);
  CALL(GetTensorElementType, (Object *, int *), tensor, &type);
  CALL(GetDimensionsCount, (Object *, size_t *), tensor, &rank);
  if (rank > 16 || !elementSize(type))
    exit(1);
  CALL(GetDimensions, (Object *, int64_t *, size_t), tensor, shape, rank);
  for (size_t i = 0; i < rank; ++i) {
    if (shape[i] < 1)
      shape[i] = 1;
    count *= (size_t)shape[i];
  }
  size_t bytes = count * elementSize(type);
  uint8_t *data = malloc(bytes);
  if (!data)
    exit(1);
  for (size_t i = 0; i < count; ++i)
    if (type == 1)
      ((float *)data)[i] = (float)(i * 7 % 256) / 64 - 2;
  for (size_t i = 0; type != 1 && i < bytes; ++i)
    data[i] = elementSize(type) == 1 ? (uint8_t)(i * 7) : 0;
  CALL(CreateTensorWithDataAsOrtValue,
       (Object *, void *, size_t, const int64_t *, size_t, int, Object **),
       memory, data, bytes, shape, rank, type, &value);
  return value;
}

enum { MAX = 16 };
static Object *session, *inputs[MAX], *outputs[MAX];
static char *inputNames[MAX], *outputNames[MAX];
static size_t numInputs, numOutputs;

void open_onnxruntime(const char *model, int threads) {
  Object *environment, *options, *memory, *allocator;
  api = OrtGetApiBase()->getApi(12);
  CALL(CreateEnv, (int, const char *, Object **), 3, "bench", &environment);
  CALL(CreateSessionOptions, (Object **), &options);
  CALL(SetSessionGraphOptimizationLevel, (Object *, int), options, 99);
  CALL(SetIntraOpNumThreads, (Object *, int), options, threads);
  CALL(SetInterOpNumThreads, (Object *, int), options, 1);
  CALL(CreateSession, (Object *, const char *, Object *, Object **),
       environment, model, options, &session);
  CALL(CreateCpuMemoryInfo, (int, int, Object **), 0, 0, &memory);
  CALL(GetAllocatorWithDefaultOptions, (Object **), &allocator);
  CALL(SessionGetInputCount, (Object *, size_t *), session, &numInputs);
  CALL(SessionGetOutputCount, (Object *, size_t *), session, &numOutputs);
  if (numInputs > MAX || numOutputs > MAX)
    exit(1);
  for (size_t i = 0; i < numInputs; ++i) {
    CALL(SessionGetInputName, (Object *, size_t, Object *, char **), session, i,
         allocator, &inputNames[i]);
    inputs[i] = makeInput(session, i, memory);
  }
  for (size_t i = 0; i < numOutputs; ++i)
    CALL(SessionGetOutputName, (Object *, size_t, Object *, char **), session,
         i, allocator, &outputNames[i]);
}

void run_onnxruntime(void) {
  CALL(Run,
       (Object *, Object *, char **, Object **, size_t, char **, size_t,
        Object **),
       session, NULL, inputNames, inputs, numInputs, outputNames, numOutputs,
       outputs);
}
