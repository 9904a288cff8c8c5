# The built binary serving the sample data, asked with curl.
if(TARGET parcela)
    add_test(NAME http.served COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/http/served.sh)
    set_tests_properties(http.served PROPERTIES LABELS http TIMEOUT 300
        ENVIRONMENT "PARCELA=$<TARGET_FILE:parcela>;SAMPLES=${CMAKE_SOURCE_DIR}/sample-data")
endif()
# Imports over HTTP, and a server killed in the middle of one.
if(TARGET parcela)
    add_test(NAME http.uploads COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/http/uploads.sh)
    set_tests_properties(http.uploads PROPERTIES LABELS http TIMEOUT 900
        ENVIRONMENT "PARCELA=$<TARGET_FILE:parcela>;SAMPLES=${CMAKE_SOURCE_DIR}/sample-data")
endif()
# The process of a job: killed, crashed, cancelled, left alone; uploads that nobody decides about.
if(TARGET parcela)
    add_test(NAME http.job_process COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/http/job_process.sh)
    set_tests_properties(http.job_process PROPERTIES LABELS http TIMEOUT 900
        ENVIRONMENT "PARCELA=$<TARGET_FILE:parcela>;SAMPLES=${CMAKE_SOURCE_DIR}/sample-data")
endif()
# Mapping profiles and languages over HTTP.
if(TARGET parcela)
    add_test(NAME http.profiles COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/http/profiles.sh)
    set_tests_properties(http.profiles PROPERTIES LABELS http TIMEOUT 300
        ENVIRONMENT "PARCELA=$<TARGET_FILE:parcela>;SAMPLES=${CMAKE_SOURCE_DIR}/sample-data")
endif()
