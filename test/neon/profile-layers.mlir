// RUN: lacuna-opt %s --neon-profile-layers | FileCheck %s

// CHECK-LABEL: emitc.func @main(%arg0: !emitc.ptr<f32>, %arg1: !emitc.ptr<!emitc.opaque<"const Profile">>)
// CHECK-SAME: neon.profiled_layers = 2
// CHECK: call_opaque "layer_begins"(%arg1) {args = [0 : index, 0 : i32, #emitc.opaque<"\22first\22">]}
// CHECK-NEXT: call @first
// CHECK-NEXT: call_opaque "layer_ends"(%arg1) {args = [0 : index, 0 : i32, #emitc.opaque<"\22first\22">]}
// CHECK-NEXT: call_opaque "layer_begins"(%arg1) {args = [0 : index, 1 : i32, #emitc.opaque<"\22second\22">]}
emitc.func @first(%x: !emitc.ptr<f32>) {
  emitc.return
}
emitc.func @second(%x: !emitc.ptr<f32>) {
  emitc.return
}
emitc.func @main(%x: !emitc.ptr<f32>) {
  emitc.call @first(%x) : (!emitc.ptr<f32>) -> ()
  emitc.call @second(%x) : (!emitc.ptr<f32>) -> ()
  emitc.return
}
