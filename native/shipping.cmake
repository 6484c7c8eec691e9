# What makes of the library the file that is shipped: the same bytes wherever it is built, symbols in a file beside it, and the
# version that the packages have. The presets named after .NET's runtime identifiers ask for it by CNN_SHIP.

# Called before the target is made: no path of this machine gets into the objects.
function(cnn_ship_objects target)
  if(MSVC)
    return()
  endif()
  target_compile_options(${target} PRIVATE -g1 -ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -ffile-prefix-map=${PROJECT_BINARY_DIR}=.)
endfunction()

# An ELF or PE file: the symbols go into FILE.dbg, which debuggers find by the link that stays behind.
function(cnn_split_symbols target)
  set(file $<TARGET_FILE:${target}>)
  # In a PE file these tools write down when they ran, but for a time that is named.
  set(at_no_time ${CMAKE_COMMAND} -E env SOURCE_DATE_EPOCH=0)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${at_no_time} ${CMAKE_OBJCOPY} --only-keep-debug ${file} ${file}.dbg
    COMMAND ${at_no_time} ${CMAKE_STRIP} --strip-unneeded ${file}
    COMMAND ${CMAKE_COMMAND} -E chdir $<TARGET_FILE_DIR:${target}>
      ${at_no_time} ${CMAKE_OBJCOPY} --add-gnu-debuglink=$<TARGET_FILE_NAME:${target}>.dbg $<TARGET_FILE_NAME:${target}>
    VERBATIM)
endfunction()

# A Mach-O file: dsymutil collects what the objects know. The signature that every binary for Apple silicon has to bear is
# renewed by llvm-strip.
function(cnn_split_symbols_macos target)
  set(file $<TARGET_FILE:${target}>)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CNN_DSYMUTIL} --flat --oso-prepend-path=${PROJECT_BINARY_DIR} ${file} -o ${file}.dwarf
    COMMAND ${CMAKE_STRIP} -x -S ${file}
    VERBATIM)
  target_link_options(${target} PRIVATE -Wl,-oso_prefix,${PROJECT_BINARY_DIR})
endfunction()

# The same objects as an archive, for programs that Native AOT links into one file. Their debugging information stays outside.
function(cnn_ship_archive)
  add_library(cnn_archive STATIC $<TARGET_OBJECTS:cnn_objects>)
  set_target_properties(cnn_archive PROPERTIES OUTPUT_NAME cnnnative LINKER_LANGUAGE C)
  add_custom_command(TARGET cnn_archive POST_BUILD COMMAND ${CMAKE_STRIP} --strip-debug $<TARGET_FILE:cnn_archive> VERBATIM)
endfunction()

function(cnn_ship_library target)
  if(WIN32 AND NOT MSVC)
    target_link_options(${target} PRIVATE -Wl,--no-insert-timestamp)
    cnn_split_symbols(${target})
  elseif(APPLE AND CNN_DSYMUTIL)
    cnn_split_symbols_macos(${target})
  elseif(NOT APPLE AND NOT MSVC)
    target_link_options(${target} PRIVATE -Wl,--build-id=sha1)
    cnn_split_symbols(${target})
    cnn_ship_archive()
  endif()
endfunction()
