parcela_unit(NAME registry_promises LABEL property TIMEOUT 300 SOURCES property/test_registry_promises.c LIBS registry PkgConfig::JANSSON PkgConfig::SODIUM)
parcela_unit(NAME query_model LABEL property TIMEOUT 300 SOURCES property/test_query_model.c property/query_model.c unit/store_fixture.c
    LIBS registry PkgConfig::SQLITE)
parcela_unit(NAME locality LABEL property TIMEOUT 600 SOURCES property/test_locality.c LIBS registry PkgConfig::SODIUM PkgConfig::SQLITE)
parcela_unit(NAME distinct LABEL property TIMEOUT 300 SOURCES property/test_distinct.c LIBS registry geo_overlay PkgConfig::GEOS PkgConfig::SODIUM)
