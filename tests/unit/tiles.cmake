parcela_unit(NAME drawing SOURCES unit/test_drawing.c LIBS geo)
