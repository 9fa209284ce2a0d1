//===- Passes.td - Passes that place data in memory --------*- tablegen -*-===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_SCHEDULE_PASSES_TD
#define LACUNA_SCHEDULE_PASSES_TD

include "mlir/Pass/PassBase.td"

def ScheduleCopyToLinalg
    : Pass<"schedule-copy-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "Turn memref.copy into linalg.copy";
  let description = [{
    Upstream lowers a `memref.copy` between layouts to a call of a runtime
    library. A `linalg.copy` becomes loops instead, and the compiled function
    needs nothing but itself.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def ScheduleSeparateResults
    : Pass<"schedule-separate-results", "::mlir::func::FuncOp"> {
  let summary = "Give each operation a tensor of its own to write its result to";
  let description = [{
    Where several operations write into one `tensor.empty`, as after CSE, each gets
    its own: bufferization makes one buffer of each, and one that serves all would
    live from the first of them to the last.

    Before:

    ```mlir
    %e = tensor.empty() : tensor<16xf32>
    %a = linalg.exp ins(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) -> tensor<16xf32>
    %b = linalg.exp ins(%a : tensor<16xf32>) outs(%e : tensor<16xf32>) -> tensor<16xf32>
    ```

    After, `%b` has a `tensor.empty` of its own.

    A value that the function returns twice, or once whole and once in part, is
    copied: each result of the function is a buffer of the caller.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def ScheduleFuseElementwise : Pass<"schedule-fuse-elementwise"> {
  let summary = "Make one loop of elementwise operations that follow each other";
  let description = [{
    An elementwise `linalg.generic` with one user, elementwise too, becomes part
    of it. Into reductions nothing is fused: they would compute it over and over.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def ScheduleKeepLoopState : Pass<"schedule-keep-loop-state"> {
  let summary = "Let loops carry their state in one place";
  let description = [{
    A tensor that a loop hands on, and that is not the one it was given, changed
    in place, is copied into that one: memory is planned before the program
    runs, so a loop cannot hand on a new buffer each time.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def ScheduleOutlineLoops
    : Pass<"schedule-outline-loops", "::mlir::ModuleOp"> {
  let summary = "Make a function of each loop nest";
  let description = [{
    For networks that LLVM compiles: much of what it does for a function takes
    time by the square of the number of loops in a row, of which a network has
    hundreds. Loops that give results stay where they are.

    Before:

    ```mlir
    func.func @main(%x: memref<16xf32>, %y: memref<16xf32>) {
      scf.for %i = %c0 to %c16 step %c1 { ... }
      return
    }
    ```

    After:

    ```mlir
    func.func @main(%x: memref<16xf32>, %y: memref<16xf32>) {
      call @main_loop0(%x, %y) : (memref<16xf32>, memref<16xf32>) -> ()
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"outlined", "outlined", "Number of functions made">
  ];
}

def SchedulePlanMemory : Pass<"schedule-plan-memory", "::mlir::func::FuncOp"> {
  let summary = "Place every buffer in one arena that the caller gives";
  let description = [{
    Each `memref.alloc` of the function becomes a `memref.view` of a new last
    argument, a block of bytes. A buffer lives from the first operation of the
    function's body that touches it, by any view, to the last; buffers that live
    at the same time do not overlap. A buffer made inside a loop has its place
    for as long as the loop runs.

    The function gets the attributes `schedule.arena_bytes` and
    `schedule.arena_lower_bound` (the most that is alive at once: no placement
    is smaller), and `schedule.buffers`: name, bytes, offset, first and last step
    of each.

    Before:

    ```mlir
    func.func @main(%x: memref<16xf32>, %y: memref<16xf32>) {
      %t = memref.alloc() : memref<16xf32>
      linalg.exp ins(%x : memref<16xf32>) outs(%t : memref<16xf32>)
      linalg.exp ins(%t : memref<16xf32>) outs(%y : memref<16xf32>)
      return
    }
    ```

    After, `%t` is
    `memref.view %arena[%c0][] : memref<64xi8> to memref<16xf32>`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
  let options = [
    Option<"alignment", "alignment", "int64_t", "64",
           "Offsets are multiples of this power of two">
  ];
  let statistics = [
    Statistic<"arenaBytes", "arena-bytes", "Size of the arena">,
    Statistic<"lowerBound", "lower-bound", "The most that is alive at once">
  ];
}

#endif // LACUNA_SCHEDULE_PASSES_TD
