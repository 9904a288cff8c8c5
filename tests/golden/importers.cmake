# Reading outside files: the host program that can be a reader process, golden imports, and the torture run.
add_executable(reader_host golden/reader_host.c golden/dump.c)
target_link_libraries(reader_host PRIVATE parcela_options importers)
set_target_properties(reader_host PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
