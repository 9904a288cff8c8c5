# Who may include whom. The second test shows that the first can fail.
add_test(NAME layering COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/layering/includes.sh ${CMAKE_SOURCE_DIR})
add_test(NAME layering.can_fail COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/layering/self_test.sh)
set_tests_properties(layering layering.can_fail PROPERTIES LABELS layering TIMEOUT 60)
