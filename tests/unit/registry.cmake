parcela_unit(NAME registry SOURCES unit/test_registry.c LIBS registry PkgConfig::JANSSON)
parcela_unit(NAME tokens SOURCES unit/test_tokens.c LIBS registry PkgConfig::SQLITE)
