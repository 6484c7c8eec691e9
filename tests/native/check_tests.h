/* check_tests.h - the names of the tests, one a line: CMake reads them for CTest, and the program for its table. */
NAME(buffers)
NAME(conv2d)
NAME(conv2d_layers)
NAME(elementwise)
NAME(hostile)
NAME(misuse)
NAME(pool2d)
NAME(threads)
