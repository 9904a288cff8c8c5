# Reading outside files: the pieces that need no reader process.
parcela_unit(NAME import_text SOURCES unit/test_import_text.c LIBS importers)
parcela_unit(NAME import_formats SOURCES unit/test_import_formats.c LIBS importers)
parcela_unit(NAME import_frames SOURCES unit/test_import_frames.c LIBS importers)
parcela_unit(NAME import_guards SOURCES unit/test_import_guards.c golden/make_files.c LIBS importers)
parcela_unit(NAME import_export SOURCES unit/test_import_export.c LIBS importers PkgConfig::GDAL)
parcela_unit(NAME crs SOURCES unit/test_crs.c LIBS geo_crs)
parcela_unit(NAME ring_simple LABEL property SOURCES property/test_ring_simple.c LIBS importers)
