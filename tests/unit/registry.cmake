parcela_unit(NAME registry SOURCES unit/test_registry.c LIBS registry PkgConfig::JANSSON)
