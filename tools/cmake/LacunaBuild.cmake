# How everything is compiled: standards, warnings, sanitizers, ccache, lld, and
# where LLVM comes from.

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# LLVM's own choice of -O3 costs compile time and buys a compiler little.
if(NOT LACUNA_SANITIZE)
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
endif()

add_compile_options(-Wall -Wextra -Wno-unused-parameter)
if(LACUNA_WERROR)
  add_compile_options(-Werror)
endif()
if(LACUNA_SANITIZE)
  # libMLIR is built without sanitizers, so vptr checks on its classes cannot
  # work; everything else of ASan and UBSan does.
  add_compile_options(-fsanitize=${LACUNA_SANITIZE} -fno-sanitize=vptr
                      -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g1)
  # Instrumented, GCC takes addresses that LLVM's headers mark for reads.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
  add_link_options(-fsanitize=${LACUNA_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

find_program(LLD_PROGRAM NAMES ld.lld ld.lld-22)
if(LLD_PROGRAM)
  get_filename_component(LLD_DIR "${LLD_PROGRAM}" REALPATH)
  get_filename_component(LLD_DIR "${LLD_DIR}" DIRECTORY)
  add_link_options(-fuse-ld=lld -B${LLD_DIR})
endif()

macro(lacuna_find_llvm)
  if(NOT MLIR_DIR AND EXISTS "/usr/lib/llvm-22/lib/cmake/mlir")
    set(MLIR_DIR "/usr/lib/llvm-22/lib/cmake/mlir")
  endif()
  # MLIR's version file accepts exact versions only.
  find_package(MLIR REQUIRED CONFIG)
  if(NOT LLVM_VERSION_MAJOR EQUAL 22)
    message(FATAL_ERROR "Lacuna needs LLVM 22, found ${LLVM_PACKAGE_VERSION}")
  endif()
  list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
  set(LLVM_RUNTIME_OUTPUT_INTDIR "${PROJECT_BINARY_DIR}/bin")
  set(LLVM_LIBRARY_OUTPUT_INTDIR "${PROJECT_BINARY_DIR}/lib")
  set(MLIR_BINARY_DIR "${PROJECT_BINARY_DIR}")
  # Without the shared library every tool weighs 100 MB and links for ages.
  set(MLIR_LINK_MLIR_DYLIB ON)
  set(LLVM_EXTERNAL_LIT "${LLVM_TOOLS_BINARY_DIR}/lit" CACHE FILEPATH "")
  separate_arguments(LLVM_DEFINITIONS_LIST NATIVE_COMMAND "${LLVM_DEFINITIONS}")
  add_definitions(${LLVM_DEFINITIONS_LIST})
  # What TableGen writes is not ours to keep free of warnings.
  include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS}
                      "${PROJECT_BINARY_DIR}")
  include_directories("${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}")
  include(TableGen)
  include(AddLLVM)
  include(AddMLIR)
endmacro()
