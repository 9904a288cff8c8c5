# The helpers of tests/bench/run, and a small run of it, so that it cannot rot: it fails when a step fails or an answer differs, never
# because of a time.
add_executable(bench_workload bench/workload.c bench/workload_plots.c bench/workload_terrain.c)
target_link_libraries(bench_workload PRIVATE parcela_options PkgConfig::GDAL m)
add_executable(bench_measure bench/measure.c)
target_link_libraries(bench_measure PRIVATE parcela_options)
add_executable(bench_client bench/client.c)
target_link_libraries(bench_client PRIVATE parcela_options Threads::Threads)
# By itself: build/release/tests/bench_figures_speed prints what hectares cost a vertex and corridors a plot.
add_executable(bench_figures_speed bench/figures_speed.c)
target_link_libraries(bench_figures_speed PRIVATE parcela_options geo geo_overlay m)
add_executable(bench_area_alone bench/area_alone.c)
target_link_libraries(bench_area_alone PRIVATE parcela_options geo PkgConfig::GDAL m)
set_target_properties(bench_workload bench_measure bench_client bench_figures_speed bench_area_alone PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_custom_target(bench_helpers DEPENDS bench_workload bench_measure bench_client bench_area_alone)

if(TARGET parcela)
    add_test(NAME bench.smoke COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/bench/smoke.sh)
    set_tests_properties(bench.smoke PROPERTIES LABELS "bench;slow" TIMEOUT 1800
        ENVIRONMENT "PARCELA=$<TARGET_FILE:parcela>;HELPERS=${CMAKE_BINARY_DIR}/tests")
endif()
