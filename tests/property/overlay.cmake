parcela_unit(NAME overlay_partition_properties LABEL property SOURCES property/test_overlay_partition_properties.c
    LIBS geo_overlay geo PkgConfig::GEOS Threads::Threads)
parcela_unit(NAME overlay_overlap_properties LABEL property SOURCES property/test_overlay_overlap_properties.c
    LIBS geo_overlay geo PkgConfig::GEOS)
parcela_unit(NAME grid_outline LABEL property SOURCES property/test_grid_outline.c LIBS geo_overlay geo)
parcela_unit(NAME clip_properties LABEL property SOURCES property/test_clip_properties.c LIBS geo_overlay geo PkgConfig::GEOS)
