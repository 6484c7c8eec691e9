# Programs that the .NET tests run or load: the C compiler's view of the header, and a library of another ABI.
add_executable(cnn_layout layout.g.c)
target_include_directories(cnn_layout PRIVATE ${PROJECT_SOURCE_DIR}/native/include)

add_library(cnn_wrong_abi SHARED wrong_abi.c)
