parcela_unit(NAME area_properties LABEL property SOURCES property/test_area_properties.c LIBS geo PkgConfig::PROJ)
parcela_unit(NAME coverage_properties LABEL property SOURCES property/test_coverage_properties.c LIBS geo)
# The same test twice: 1,000 walks per case every time, 10,000 under the label slow.
parcela_unit(NAME uncertainty_coverage LABEL property SOURCES property/test_uncertainty_coverage.c LIBS geo)
parcela_unit(NAME uncertainty_coverage_full LABEL slow TIMEOUT 900 SOURCES property/test_uncertainty_coverage.c LIBS geo)
target_compile_definitions(test_uncertainty_coverage_full PRIVATE COVERAGE_WALKS=10000)
parcela_unit(NAME piece_uncertainty LABEL property SOURCES property/test_piece_uncertainty.c LIBS geo)
