parcela_unit(NAME overlay_repair SOURCES unit/test_overlay_repair.c LIBS geo_overlay geo)
parcela_unit(NAME overlay_partition SOURCES unit/test_overlay_partition.c LIBS geo_overlay geo)
parcela_unit(NAME overlay_overlap SOURCES unit/test_overlay_overlap.c LIBS geo_overlay geo)
parcela_unit(NAME overlay_reach SOURCES unit/test_overlay_reach.c LIBS geo_overlay geo)
