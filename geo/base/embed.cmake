# embed_file(TARGET FILE SYMBOL): compiles FILE into TARGET as
#   const unsigned char SYMBOL[]; const size_t SYMBOL_len;   (NUL-terminated, the NUL not counted)
# so that the built program needs no data folder at run time.
function(embed_file target file symbol)
    get_filename_component(path ${file} ABSOLUTE)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.c)
    add_custom_command(OUTPUT ${out}
        COMMAND ${CMAKE_COMMAND} -DIN=${path} -DOUT=${out} -DSYMBOL=${symbol}
                -P ${CMAKE_SOURCE_DIR}/geo/base/embed_one.cmake
        DEPENDS ${path} ${CMAKE_SOURCE_DIR}/geo/base/embed_one.cmake VERBATIM)
    target_sources(${target} PRIVATE ${out})
endfunction()
