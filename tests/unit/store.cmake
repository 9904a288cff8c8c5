foreach(name store store_plots store_model store_kill store_threads)
    parcela_unit(NAME ${name} SOURCES unit/test_${name}.c unit/store_fixture.c LIBS store geo PkgConfig::SQLITE)
endforeach()
