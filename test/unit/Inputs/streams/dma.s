; lacuna compile net.onnxtxt --target=npu --machine=dma.yaml
.stream 1.1
.machine "dma" 0x6c7f45fce54d1df3
.features int8, run-length
.workspace 320
.tensor "x" float32 [1, 8, 4, 3] input0+0x0
.tensor "y" float32 [1, 3, 2, 3] output0+0x0
.layer "xq_0" "xq_0"
.layer "a_4" "a_4", "q_5"
.layer "p_7" "p_7"
.layer "p_7.2" "p_7"
.layer "p_7.3" "p_7"
.layer "y_8" "y_8"
.layer "y_8.2" "y_8"
.layer "y_8.3" "y_8"
.layer "y_8.4" "y_8"
.data 0300000000000000000000000000000000000000000000000000000000000000
.zeros 32
.data f401000059fffffff40100003200000000000000000000000000000000000000
.zeros 32
.data 0bd7a33c8fc2f53c0bd7233dcecc4c3d00000000000000000000000000000000
.zeros 32
.data 08e001ef0f000200db47000f787f000020d83e00000000800000000000000000
.zeros 32
.data 08e001ef0f000200db47000f787f000020d83e0000000080
.program "xq_0" vector registers 29 arguments 0
.operand f32 read 384
.operand i8 write 96
  %0 = const.i64 0
  %1 = const.i64 8
  %2 = const.i64 1
  %4 = const.i64 4
  %6 = const.i64 3
  %8 = const.i64 12
  %14 = const.f32 0x3d4ccccd
  %17 = const.f32 0x40400000
  %19 = const.f32 0xc3000000
  %21 = const.f32 0x42fe0000
  %3 = for %0, %1, %2
    %5 = for %0, %4, %2
      %7 = for %0, %6, %2
        %9 = muli.i64 %3, %8
        %10 = muli.i64 %5, %6
        %11 = addi.i64 %9, %10
        %12 = addi.i64 %11, %7
        %13 = load.f32 @0[%12]
        %15 = divf.f32 %13, %14
        %16 = roundeven.f32 %15
        %18 = addf.f32 %16, %17
        %20 = maxnumf.f32 %18, %19
        %22 = minnumf.f32 %20, %21
        %23 = fptosi.f32.i32 %22
        %24 = trunci.i32.i8 %23
        %25 = muli.i64 %3, %8
        %26 = muli.i64 %5, %6
        %27 = addi.i64 %25, %26
        %28 = addi.i64 %27, %7
        store.i8 %24, @1[%28]
      end
    end
  end
.end
.program "a_4" vector registers 26 arguments 3
.operand i32 read 192
.operand f32 read 16
.operand i8 read 1
.operand i8 write 48
  %0 = arg 0
  %1 = arg 1
  %2 = const.i64 0
  %3 = const.i64 1
  %17 = const.f32 0xc3000000
  %19 = const.f32 0x42fe0000
  %23 = arg 2
  %4 = for %2, %0, %3
    %5 = for %2, %1, %3
      %6 = muli.i64 %4, %1
      %7 = addi.i64 %6, %5
      %8 = load.i32 @0[%7]
      %9 = load.f32 @1[%4]
      %10 = load.i8 @2[%2]
      %11 = sitofp.i32.f32 %8
      %12 = mulf.f32 %11, %9
      %13 = roundeven.f32 %12
      %14 = extsi.i8.i32 %10
      %15 = sitofp.i32.f32 %14
      %16 = addf.f32 %13, %15
      %18 = maxnumf.f32 %16, %17
      %20 = minnumf.f32 %18, %19
      %21 = fptosi.f32.i32 %20
      %22 = trunci.i32.i8 %21
      %24 = muli.i64 %4, %23
      %25 = addi.i64 %24, %5
      store.i8 %22, @3[%25]
    end
  end
.end
.program "p_7" vector registers 14 arguments 0
.operand i8 write 24
  %0 = const.i64 0
  %1 = const.i64 4
  %2 = const.i64 1
  %4 = const.i64 2
  %6 = const.i64 3
  %8 = const.i8 -128
  %9 = const.i64 6
  %3 = for %0, %1, %2
    %5 = for %0, %4, %2
      %7 = for %0, %6, %2
        %10 = muli.i64 %3, %9
        %11 = muli.i64 %5, %6
        %12 = addi.i64 %10, %11
        %13 = addi.i64 %12, %7
        store.i8 %8, @0[%13]
      end
    end
  end
.end
.program "p_7.2" vector registers 28 arguments 0
.operand i8 read 48
.operand i8 read write 24
  %0 = const.i64 0
  %1 = const.i64 2
  %2 = const.i64 1
  %4 = const.i64 3
  %7 = const.i64 4
  %11 = const.i64 12
  %17 = const.i64 6
  %3 = for %0, %1, %2
    %5 = for %0, %4, %2
      %6 = for %0, %1, %2
        %8 = for %0, %7, %2
          %9 = muli.i64 %3, %1
          %10 = addi.i64 %9, %6
          %12 = muli.i64 %8, %11
          %13 = muli.i64 %10, %4
          %14 = addi.i64 %12, %13
          %15 = addi.i64 %14, %5
          %16 = load.i8 @0[%15]
          %18 = muli.i64 %8, %17
          %19 = muli.i64 %3, %4
          %20 = addi.i64 %18, %19
          %21 = addi.i64 %20, %5
          %22 = load.i8 @1[%21]
          %23 = maxsi.i8 %22, %16
          %24 = muli.i64 %8, %17
          %25 = muli.i64 %3, %4
          %26 = addi.i64 %24, %25
          %27 = addi.i64 %26, %5
          store.i8 %23, @1[%27]
        end
      end
    end
  end
.end
.program "p_7.3" vector registers 23 arguments 0
.operand i8 read 24
.operand f32 write 96
  %0 = const.i64 0
  %1 = const.i64 4
  %2 = const.i64 1
  %4 = const.i64 2
  %6 = const.i64 3
  %8 = const.i64 6
  %17 = const.f32 0x3d4ccccd
  %3 = for %0, %1, %2
    %5 = for %0, %4, %2
      %7 = for %0, %6, %2
        %9 = muli.i64 %3, %8
        %10 = muli.i64 %5, %6
        %11 = addi.i64 %9, %10
        %12 = addi.i64 %11, %7
        %13 = load.i8 @0[%12]
        %14 = extsi.i8.i32 %13
        %15 = subi.i32 %14, %6
        %16 = sitofp.i32.f32 %15
        %18 = mulf.f32 %16, %17
        %19 = muli.i64 %3, %8
        %20 = muli.i64 %5, %6
        %21 = addi.i64 %19, %20
        %22 = addi.i64 %21, %7
        store.f32 %18, @1[%22]
      end
    end
  end
.end
.program "y_8" vector registers 13 arguments 0
.operand i64 write 192
  %0 = const.i64 0
  %1 = const.i64 4
  %2 = const.i64 1
  %4 = const.i64 2
  %6 = const.i64 3
  %8 = const.i64 6
  %3 = for %0, %1, %2
    %5 = for %0, %4, %2
      %7 = for %0, %6, %2
        %9 = muli.i64 %3, %8
        %10 = muli.i64 %5, %6
        %11 = addi.i64 %9, %10
        %12 = addi.i64 %11, %7
        store.i64 %0, @0[%12]
      end
    end
  end
.end
.program "y_8.2" vector registers 42 arguments 0
.operand f32 read 96
.operand i64 read write 192
  %0 = const.i64 0
  %1 = const.i64 4
  %2 = const.i64 1
  %4 = const.i64 2
  %6 = const.i64 3
  %9 = const.i64 6
  %32 = const.i1 -1
  %3 = for %0, %1, %2
    %5 = for %0, %4, %2
      %7 = for %0, %6, %2
        %8 = for %0, %1, %2
          %10 = muli.i64 %3, %9
          %11 = muli.i64 %5, %6
          %12 = addi.i64 %10, %11
          %13 = addi.i64 %12, %7
          %14 = load.f32 @0[%13]
          %15 = muli.i64 %8, %9
          %16 = muli.i64 %5, %6
          %17 = addi.i64 %15, %16
          %18 = addi.i64 %17, %7
          %19 = load.f32 @0[%18]
          %20 = muli.i64 %3, %9
          %21 = muli.i64 %5, %6
          %22 = addi.i64 %20, %21
          %23 = addi.i64 %22, %7
          %24 = load.i64 @1[%23]
          %25 = cmpf.f32 ord %14, %14
          %26 = cmpf.f32 ugt %19, %14
          %27 = andi.i1 %26, %25
          %28 = cmpf.f32 ord %19, %19
          %29 = cmpf.f32 ugt %14, %19
          %30 = andi.i1 %29, %28
          %31 = cmpi.i64 ult %8, %3
          %33 = xori.i1 %30, %32
          %34 = andi.i1 %31, %33
          %35 = ori.i1 %27, %34
          %36 = extui.i1.i64 %35
          %37 = addi.i64 %24, %36
          %38 = muli.i64 %3, %9
          %39 = muli.i64 %5, %6
          %40 = addi.i64 %38, %39
          %41 = addi.i64 %40, %7
          store.i64 %37, @1[%41]
        end
      end
    end
  end
.end
.program "y_8.3" vector registers 12 arguments 0
.operand f32 write 72
  %0 = const.i64 0
  %1 = const.i64 3
  %2 = const.i64 1
  %4 = const.i64 2
  %7 = const.i64 6
  %3 = for %0, %1, %2
    %5 = for %0, %4, %2
      %6 = for %0, %1, %2
        %8 = muli.i64 %3, %7
        %9 = muli.i64 %5, %1
        %10 = addi.i64 %8, %9
        %11 = addi.i64 %10, %6
        store.f32 %0, @0[%11]
      end
    end
  end
.end
.program "y_8.4" vector registers 31 arguments 0
.operand f32 read 96
.operand i64 read 192
.operand f32 read write 72
  %0 = const.i64 0
  %1 = const.i64 3
  %2 = const.i64 1
  %4 = const.i64 2
  %7 = const.i64 4
  %9 = const.i64 6
  %3 = for %0, %1, %2
    %5 = for %0, %4, %2
      %6 = for %0, %1, %2
        %8 = for %0, %7, %2
          %10 = muli.i64 %8, %9
          %11 = muli.i64 %5, %1
          %12 = addi.i64 %10, %11
          %13 = addi.i64 %12, %6
          %14 = load.f32 @0[%13]
          %15 = muli.i64 %8, %9
          %16 = muli.i64 %5, %1
          %17 = addi.i64 %15, %16
          %18 = addi.i64 %17, %6
          %19 = load.i64 @1[%18]
          %20 = muli.i64 %3, %9
          %21 = muli.i64 %5, %1
          %22 = addi.i64 %20, %21
          %23 = addi.i64 %22, %6
          %24 = load.f32 @2[%23]
          %25 = cmpi.i64 eq %19, %3
          %26 = select %25, %14, %24
          %27 = muli.i64 %3, %9
          %28 = muli.i64 %5, %1
          %29 = addi.i64 %27, %28
          %30 = addi.i64 %29, %6
          store.f32 %26, @2[%30]
        end
      end
    end
  end
.end
.at 0 [] ; "xq_0" "xq_0"
vector.mark 0 ; 0
vector.set operand0=input0+0x0, operand1=chip0+0x0, operand2=none, operand3=none, operand4=none, operand5=none, operand6=none, operand7=none ; 2
vector.program ; 19
vector.signal 11, 1 ; 20
.at 1 [0, 0, 0, 0, 0, 0, 0] ; "a_4" "a_4" "q_5"
dma-in.mark 1 ; 22
dma-in.set source=constants+0xc0, destination=chip1+0x0, extent0=1, extent1=1, extent2=1, extent3=48 ; 24
dma-in.set destination_stride3=1, element_bytes=1, format=run-length, format_parameter=3 ; 33
dma-in.set stored_bytes=24 ; 38
dma-in.copy ; 41
dma-in.set source=constants+0x40, destination=chip1+0x40 ; 42
dma-in.set extent3=4 ; 47
dma-in.set source_stride3=4 ; 49
dma-in.set destination_stride3=4, element_bytes=4, format=dense, format_parameter=0 ; 51
dma-in.set stored_bytes=0 ; 56
dma-in.copy ; 59
dma-in.signal 1, 1 ; 60
dma-in.set source=constants+0x80, destination=chip0+0x180 ; 62
dma-in.copy ; 67
dma-in.set source=constants+0x0, destination=chip0+0x1c0 ; 68
dma-in.set extent3=1 ; 73
dma-in.set source_stride3=0 ; 75
dma-in.set destination_stride3=0, element_bytes=1 ; 77
dma-in.copy ; 80
array.mark 1 ; 81
array.wait 1, 1 ; 83
array.wait 11, 1 ; 85
array.set input=chip0+0x0, weights=chip1+0x0, bias=chip1+0x40, sums=chip0+0xc0, weight_zero_points=none ; 87
array.set batch=1, groups=1, channels=4, filters=4, input_d=1, input_h=4, input_w=3, output_d=1, output_h=4, output_w=3, kernel_d=1, kernel_h=3, kernel_w=1, stride_d=1, stride_h=1, stride_w=1, dilation_d=1, dilation_h=1, dilation_w=1 ; 98
array.set pad_h=1 ; 118
array.set input_stride_n=96, input_stride_c=12 ; 120
array.set input_stride_h=3, input_stride_w=1, weight_stride_f=12, weight_stride_c=3, weight_stride_d=3, weight_stride_h=1, weight_stride_w=1, sum_stride_n=48, sum_stride_f=12, sum_stride_d=12, sum_stride_h=3, sum_stride_w=1, input_zero_point=3 ; 123
array.conv ; 137
array.signal 5, 1 ; 138
.at 1 [0, 0, 0, 4, 0, 0, 0] ; "a_4" "a_4" "q_5"
dma-in.wait 5, 1 ; 140
dma-in.set source=constants+0x100, destination=chip1+0x0 ; 142
dma-in.set extent3=48 ; 147
dma-in.set destination_stride3=1 ; 149
dma-in.set format=run-length, format_parameter=3 ; 151
dma-in.set stored_bytes=24 ; 154
dma-in.copy ; 157
dma-in.signal 1, 1 ; 158
dma-in.set source=constants+0x40, destination=chip1+0x40 ; 160
dma-in.set extent3=4 ; 165
dma-in.set source_stride3=4 ; 167
dma-in.set destination_stride3=4, element_bytes=4, format=dense, format_parameter=0 ; 169
dma-in.set stored_bytes=0 ; 174
dma-in.copy ; 177
array.wait 1, 1 ; 178
array.set input=chip0+0x30 ; 180
array.set bias=none ; 183
array.set accumulate=yes ; 186
array.conv ; 188
array.signal 7, 1 ; 189
vector.mark 1 ; 191
vector.wait 7, 1 ; 193
vector.set program=1, operand0=chip0+0xc0, operand1=chip0+0x180, operand2=chip0+0x1c0, operand3=chip0+0x80 ; 195
vector.set bytes0=192, bytes1=16, bytes2=1, bytes3=48 ; 205
vector.set argument0=4, argument1=12, argument2=12 ; 214
vector.program ; 221
.at 2 [] ; "p_7" "p_7"
vector.mark 2 ; 222
vector.set program=2, operand0=chip0+0x0, operand1=none, operand2=none, operand3=none ; 224
vector.set bytes0=0, bytes1=0, bytes2=0, bytes3=0 ; 234
vector.set argument0=0, argument1=0, argument2=0 ; 243
vector.program ; 250
.at 3 [] ; "p_7.2" "p_7"
vector.mark 3 ; 251
vector.set program=3, operand0=chip0+0x80, operand1=chip0+0x0 ; 253
vector.program ; 259
.at 4 [] ; "p_7.3" "p_7"
vector.mark 4 ; 260
vector.set program=4, operand0=chip0+0x0, operand1=chip0+0xc0 ; 262
vector.program ; 268
.at 5 [] ; "y_8" "y_8"
vector.mark 5 ; 269
vector.set program=5 ; 271
vector.set operand1=none ; 273
vector.program ; 276
.at 6 [] ; "y_8.2" "y_8"
vector.mark 6 ; 277
vector.set program=6, operand0=chip0+0xc0, operand1=chip0+0x0 ; 279
vector.program ; 285
.at 7 [] ; "y_8.3" "y_8"
vector.mark 7 ; 286
vector.set program=7, operand0=output0+0x0, operand1=none ; 288
vector.program ; 294
.at 8 [] ; "y_8.4" "y_8"
vector.mark 8 ; 295
vector.set program=8, operand0=chip0+0xc0, operand1=chip0+0x0, operand2=output0+0x0 ; 297
vector.program ; 305
halt ; 306
