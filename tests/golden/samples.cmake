# The sample data: made again and compared; and what they promise, computed by SpatiaLite.
add_subdirectory(${CMAKE_SOURCE_DIR}/sample-data ${CMAKE_BINARY_DIR}/sample-data)
add_test(NAME golden.samples COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/golden/samples.sh $<TARGET_FILE:make_samples> ${CMAKE_SOURCE_DIR}/sample-data)
add_test(NAME golden.samples_numbers COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/golden/samples_numbers.sh ${CMAKE_SOURCE_DIR}/sample-data)
set_tests_properties(golden.samples golden.samples_numbers PROPERTIES LABELS golden TIMEOUT 300)
