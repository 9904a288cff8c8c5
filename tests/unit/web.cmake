if(TARGET web)
    parcela_unit(NAME web SOURCES unit/test_web.c LIBS web PkgConfig::DEFLATE)
endif()
