# fuzz_http_target: request targets, choosing headers, parameters. With the fuzz preset libFuzzer drives it; elsewhere the corpus is
# replayed as a test.
#   build/fuzz/tests/fuzz_http_target -max_total_time=60 tests/fuzz/corpus/http_target
add_executable(fuzz_http_target fuzz/fuzz_http_target.c)
target_link_libraries(fuzz_http_target PRIVATE parcela_options api_core importers)
set_target_properties(fuzz_http_target PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
if(PARCELA_FUZZ)
    target_link_options(fuzz_http_target PRIVATE -fsanitize=fuzzer)
    set(replay fuzz_http_target -runs=0)
else()
    target_sources(fuzz_http_target PRIVATE fuzz/http_replay.c)
    set(replay fuzz_http_target)
endif()
add_test(NAME fuzz-replay.http_target COMMAND ${replay} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/http_target)
set_tests_properties(fuzz-replay.http_target PROPERTIES LABELS fuzz-replay TIMEOUT 60)
