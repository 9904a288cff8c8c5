parcela_unit(NAME wrong_frames LABEL property TIMEOUT 600 SOURCES property/test_wrong_frames.c property/wrong_frames.c
    LIBS importers geo_crs geo_overlay geo)
