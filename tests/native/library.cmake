# Looks at the shared library as a stranger would: what it exports, what it needs, and how large it is.
# Run as: cmake -DLIBRARY=libcnnnative.so -DOBJDUMP=objdump -P library.cmake
execute_process(COMMAND ${OBJDUMP} -T ${LIBRARY} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${OBJDUMP} -p ${LIBRARY} OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)

# Exported functions are those of cnn.h.
string(REGEX MATCHALL "[^\n]*[ \t]\\.text[^\n]*" defined "${symbols}")
set(count 0)
foreach(line IN LISTS defined)
  string(REGEX REPLACE ".*[ \t]" "" name "${line}")
  math(EXPR count "${count} + 1")
  if(NOT name MATCHES "^cnn_")
    message(SEND_ERROR "exports '${name}', expected names that begin with cnn_")
  endif()
endforeach()
if(count LESS 20)
  message(SEND_ERROR "exports ${count} functions, expected those of cnn.h")
endif()

# It needs the C library and nothing else.
string(REGEX MATCHALL "NEEDED +[^\n]+" needed "${headers}")
foreach(line IN LISTS needed)
  string(REGEX REPLACE "NEEDED +" "" name "${line}")
  if(NOT name MATCHES "^(libc\\.so|libm\\.so|libpthread\\.so|ld-linux)")
    message(SEND_ERROR "needs ${name}, expected libc and libm only")
  endif()
endforeach()

# No symbol is newer than glibc 2.17, the version of the oldest systems that .NET supports.
string(REGEX MATCHALL "GLIBC_2\\.[0-9]+[^\n]*" versions "${symbols}")
foreach(line IN LISTS versions)
  string(REGEX REPLACE "GLIBC_2\\.([0-9]+).*" "\\1" minor "${line}")
  if(minor GREATER 17)
    message(SEND_ERROR "needs ${line}, expected nothing above GLIBC_2.17")
  endif()
endforeach()

file(SIZE ${LIBRARY} bytes)
if(bytes GREATER 1048576)
  message(SEND_ERROR "has ${bytes} bytes, expected at most 1 MiB")
endif()
message(STATUS "${count} functions, ${bytes} bytes")
