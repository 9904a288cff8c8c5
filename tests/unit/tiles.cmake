parcela_unit(NAME drawing SOURCES unit/test_drawing.c LIBS geo)
parcela_unit(NAME tiles SOURCES unit/test_tiles.c unit/fake_store_tiles.c LIBS tiles geo PkgConfig::JANSSON PkgConfig::DEFLATE)
