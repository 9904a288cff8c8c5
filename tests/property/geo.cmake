parcela_unit(NAME area_properties LABEL property SOURCES property/test_area_properties.c LIBS geo PkgConfig::PROJ)
parcela_unit(NAME coverage_properties LABEL property SOURCES property/test_coverage_properties.c LIBS geo)
