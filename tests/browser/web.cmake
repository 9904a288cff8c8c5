# The page in a headless Chromium: against a stand-in server with made-up data, and against the built program where there is one.
# Both skip (77) where Chromium is missing.
if(TARGET web AND NODE_EXECUTABLE)
    add_test(NAME browser.page_mock COMMAND ${NODE_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/browser/page.test.mjs)
    add_test(NAME browser.page_served COMMAND ${NODE_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/browser/page.test.mjs --serve)
    set_tests_properties(browser.page_mock browser.page_served PROPERTIES LABELS browser TIMEOUT 300 SKIP_RETURN_CODE 77 RUN_SERIAL ON
        ENVIRONMENT "PARCELA=${CMAKE_BINARY_DIR}/parcela;PARCELA_SITE=${CMAKE_BINARY_DIR}/service/web/site")
endif()
