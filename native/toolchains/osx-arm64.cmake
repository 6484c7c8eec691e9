# Cross-links for macOS on Apple silicon; what it needs is told in osx.cmake. Nothing built with it can be run where it is built.
set(CNN_OSX_ARCHITECTURE arm64)
include(${CMAKE_CURRENT_LIST_DIR}/osx.cmake)
