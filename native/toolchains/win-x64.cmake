# Cross-compiles for Windows on x64 with MinGW-w64, which Debian packages as gcc-mingw-w64-x86-64; tests run under Wine.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

find_program(CNN_WINE NAMES wine64 wine)
if(CNN_WINE)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${CNN_WINE})
endif()
