// RUN: lacuna-opt %s --split-input-file --verify-diagnostics

func.func @shape(%x: tensor<1x8x16xf32>, %line: tensor<1x9x15xf32>) {
  // expected-error @+1 {{(C1) cannot push}}
  %0 = tconv.push %x, %line {axis = 1 : i64}
    : (tensor<1x8x16xf32>, tensor<1x9x15xf32>) -> tensor<1x9x15xf32>
  return
}

// -----

func.func @axis(%x: tensor<1x8x16xf32>, %line: tensor<1x9x16xf32>) {
  // expected-error @+1 {{(C1) expects frames and a line with dimension 3}}
  %0 = tconv.push %x, %line {axis = 3 : i64}
    : (tensor<1x8x16xf32>, tensor<1x9x16xf32>) -> tensor<1x9x16xf32>
  return
}

// -----

func.func @fill(%x: tensor<8x16xf32>, %line: tensor<9x16xf32>) {
  // expected-error @+1 {{(C2) expects bounds, row and fill together}}
  %0 = tconv.push %x, %line {axis = 0 : i64, fill = 0.0 : f32}
    : (tensor<8x16xf32>, tensor<9x16xf32>) -> tensor<9x16xf32>
  return
}

// -----

func.func @row(%x: tensor<8x16xf32>, %line: tensor<9x16xf32>, %b: tensor<4x2xi64>) {
  // expected-error @+1 {{(C2) expects two columns and row 4}}
  %0 = tconv.push %x, %line bounds %b {axis = 0 : i64, row = 4 : i64, fill = 0.0 : f32}
    : (tensor<8x16xf32>, tensor<9x16xf32>, tensor<4x2xi64>) -> tensor<9x16xf32>
  return
}

// -----

func.func @type(%x: tensor<8x16xf32>, %line: tensor<9x16xf32>, %b: tensor<4x2xi64>) {
  // expected-error @+1 {{(C3) cannot fill with}}
  %0 = tconv.push %x, %line bounds %b {axis = 0 : i64, row = 1 : i64, fill = 0 : i8}
    : (tensor<8x16xf32>, tensor<9x16xf32>, tensor<4x2xi64>) -> tensor<9x16xf32>
  return
}

// -----

func.func @keep(%h: tensor<4xf32>, %b: tensor<1x2xi64>) {
  // expected-error @+1 {{(C1) expects two columns and row 1}}
  %0 = tconv.keep %h, %h bounds %b {row = 1 : i64}
    : (tensor<4xf32>, tensor<4xf32>, tensor<1x2xi64>) -> tensor<4xf32>
  return
}

// -----

// expected-error @+1 {{tconv.stream has numbers that mean nothing}}
func.func @main() attributes {tconv.stream = #tconv.stream<frames = 0, clip = 1,
                                                           axis = 0, states = 0>} {
  return
}
