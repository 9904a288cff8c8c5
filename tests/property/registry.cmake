parcela_unit(NAME registry_promises LABEL property TIMEOUT 300 SOURCES property/test_registry_promises.c LIBS registry PkgConfig::JANSSON PkgConfig::SODIUM)
