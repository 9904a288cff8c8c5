# Black-box tests of the HTTP room. serve_fake is the real http and api over invented data; the same client and tables can be
# pointed at another server with PARCELA_HTTP_URL.
find_package(Threads REQUIRED)
add_executable(serve_fake http/serve_fake.c http/fake_store.c http/fake_tiles.c http/fake_registry.c)
target_link_libraries(serve_fake PRIVATE parcela_options api_core importers)
set_target_properties(serve_fake PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

foreach(name http api server upload roles)
    parcela_unit(NAME http_${name} LABEL http SOURCES http/test_${name}.c http/client.c LIBS PkgConfig::JANSSON)
    set_property(TEST http.http_${name} APPEND PROPERTY ENVIRONMENT "PARCELA_SERVE_FAKE=$<TARGET_FILE:serve_fake>")
    add_dependencies(test_http_${name} serve_fake)
endforeach()
