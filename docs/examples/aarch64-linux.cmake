# For `cmake -DCMAKE_TOOLCHAIN_FILE=...`: AArch64 Linux with Debian's cross compiler.
# An NDK's toolchain file takes its place for Android.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
