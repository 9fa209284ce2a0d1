// RUN: lacuna-opt %s --neon-place-weights | FileCheck %s
// RUN: lacuna-opt %s --neon-place-weights=alignment=16 | FileCheck %s --check-prefix=NARROW

// Each constant has a place, a multiple of 64, in a block that main is given.
// CHECK: memref.global "private" constant @a {{.*}}{neon.offset = 0 : i64}
// CHECK: memref.global "private" constant @b {{.*}}{neon.offset = 64 : i64}
// CHECK: memref.global "private" constant @c {{.*}}{neon.offset = 192 : i64}
// CHECK: func.func @main(%{{.*}}: memref<3xi8>, %[[ALL:.*]]: memref<256xi8>) attributes {neon.weight_bytes = 256 : i64}
// CHECK: %[[AT:.*]] = arith.constant 192 : index
// CHECK: %[[C:.*]] = memref.view %[[ALL]][%[[AT]]][] : memref<256xi8> to memref<3xi8>
// CHECK: memref.copy %[[C]]
// NARROW: memref.global "private" constant @b {{.*}}{neon.offset = 16 : i64}
// NARROW: memref.global "private" constant @c {{.*}}{neon.offset = 96 : i64}
memref.global "private" constant @a : memref<1xi1> = dense<true>
memref.global "private" constant @b : memref<17xf32> = dense<1.0>
memref.global "private" constant @c : memref<3xi8> = dense<[1, 2, 3]>
func.func @main(%y: memref<3xi8>) {
  %c = memref.get_global @c : memref<3xi8>
  memref.copy %c, %y : memref<3xi8> to memref<3xi8>
  return
}
