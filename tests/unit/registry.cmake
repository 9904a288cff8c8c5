parcela_unit(NAME registry SOURCES unit/test_registry.c LIBS registry PkgConfig::JANSSON)
parcela_unit(NAME tokens SOURCES unit/test_tokens.c LIBS registry PkgConfig::SQLITE)
parcela_unit(NAME cql2 SOURCES unit/test_cql2.c LIBS registry)
parcela_unit(NAME upload_pack SOURCES unit/test_upload_pack.c LIBS registry)
