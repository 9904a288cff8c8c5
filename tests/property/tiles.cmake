parcela_unit(NAME tile_sums LABEL property SOURCES property/test_tile_sums.c LIBS tiles store importers geo PkgConfig::JANSSON)
