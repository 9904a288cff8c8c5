# Black-box tests of the built binary with the sample data. They skip nothing silently: without the binary there is nothing to test.
if(TARGET parcela)
    foreach(name demo_numbers imports profile resolve options killed store held catalogue spanish hostile query slope milpa raster_layer batches frames layer_frames layer_order)
        add_test(NAME cli.${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/${name}.sh)
        set_tests_properties(cli.${name} PROPERTIES LABELS cli TIMEOUT 300
            ENVIRONMENT "PARCELA=$<TARGET_FILE:parcela>;SAMPLES=${CMAKE_SOURCE_DIR}/sample-data")
    endforeach()
endif()
if(TARGET parcela)
    add_test(NAME cli.torture COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/torture.sh)
    set_tests_properties(cli.torture PROPERTIES LABELS slow TIMEOUT 1800
        ENVIRONMENT "PARCELA=$<TARGET_FILE:parcela>;SAMPLES=${CMAKE_SOURCE_DIR}/sample-data;PARCELA_DATA=${CMAKE_SOURCE_DIR}/../shared/data")
    # hectares must start in milliseconds: nothing it uses may bring GDAL or GEOS along (service/cli/README.md)
    add_test(NAME cli.front COMMAND sh -c "ldd '$<TARGET_FILE:parcela>' | grep -q libsqlite3 && ! ldd '$<TARGET_FILE:parcela>' | grep -E 'libgdal|libgeos'")
    set_tests_properties(cli.front PROPERTIES LABELS "cli" TIMEOUT 60)
endif()
