# Reading outside files: the host program that can be a reader process, golden imports, and the torture run.
add_executable(reader_host golden/reader_host.c golden/dump.c)
target_link_libraries(reader_host PRIVATE parcela_options importers)
set_target_properties(reader_host PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

add_executable(test_golden_imports golden/test_imports.c golden/import_cases.c golden/make_files.c golden/dump.c)
target_link_libraries(test_golden_imports PRIVATE parcela_options importers)
set_target_properties(test_golden_imports PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME golden.imports COMMAND test_golden_imports WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(golden.imports PROPERTIES LABELS golden TIMEOUT 300)

parcela_unit(NAME reader_faults LABEL golden TIMEOUT 300
    SOURCES golden/test_reader_faults.c golden/make_files.c golden/dump.c LIBS importers)
add_executable(bad_reader golden/bad_reader.c)
target_link_libraries(bad_reader PRIVATE parcela_options importers m)
set_target_properties(bad_reader PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

parcela_unit(NAME import_torture LABEL slow TIMEOUT 1200 SOURCES golden/test_torture.c golden/dump.c LIBS importers)
parcela_unit(NAME real_frames LABEL golden TIMEOUT 300 SOURCES golden/test_real_frames.c LIBS importers)
