// RUN: lacuna-opt %s --neon-select-lookups | FileCheck %s

#id = affine_map<(a, b) -> (a, b)>
#turned = affine_map<(a, b) -> (b, a)>

// Rows of a padded buffer too.
// CHECK-LABEL: @table
// CHECK: neon.lookup ins(%arg0, %arg1 : memref<3x20xi8>, memref<256xi8>) outs(%arg2 : memref<3x20xi8, strided<[24, 1], offset: 2>>)
func.func @table(%x: memref<3x20xi8>, %t: memref<256xi8>, %y: memref<3x20xi8, strided<[24, 1], offset: 2>>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<3x20xi8>) outs(%y : memref<3x20xi8, strided<[24, 1], offset: 2>>) {
  ^bb0(%in: i8, %out: i8):
    %at = arith.index_castui %in : i8 to index
    %found = memref.load %t[%at] : memref<256xi8>
    linalg.yield %found : i8
  }
  return
}

// What has steps, goes elsewhere or is computed with stays.
// CHECK-LABEL: @others
// CHECK-NOT: neon.lookup
func.func @others(%x: memref<4x4xi8>, %s: memref<4x4xi8, strided<[8, 2]>>, %t: memref<256xi8>, %y: memref<4x4xi8>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%s : memref<4x4xi8, strided<[8, 2]>>) outs(%y : memref<4x4xi8>) {
  ^bb0(%in: i8, %out: i8):
    %at = arith.index_castui %in : i8 to index
    %found = memref.load %t[%at] : memref<256xi8>
    linalg.yield %found : i8
  }
  linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<4x4xi8>) outs(%y : memref<4x4xi8>) {
  ^bb0(%in: i8, %out: i8):
    %at = arith.index_castui %in : i8 to index
    %found = memref.load %t[%at] : memref<256xi8>
    linalg.yield %found : i8
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<4x4xi8>) outs(%y : memref<4x4xi8>) {
  ^bb0(%in: i8, %out: i8):
    %at = arith.index_castui %in : i8 to index
    %found = memref.load %t[%at] : memref<256xi8>
    %sum = arith.addi %found, %in : i8
    linalg.yield %sum : i8
  }
  return
}
