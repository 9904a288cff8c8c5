parcela_unit(NAME base SOURCES unit/test_base.c LIBS geo)
