parcela_unit(NAME http SOURCES unit/test_http.c LIBS http)
parcela_unit(NAME api SOURCES unit/test_api.c http/fake_store.c http/fake_tiles.c http/fake_registry.c LIBS api_core importers PkgConfig::JANSSON)
