/* check_tests.h - the names of the tests, one a line: CMake reads them for CTest, and the program for its table. */
NAME(buffers)
NAME(conv2d)
NAME(conv2d_layers)
NAME(transpose)
NAME(slice)
NAME(pad)
NAME(gather)
NAME(fill)
