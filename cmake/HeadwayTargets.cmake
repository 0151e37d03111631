# One static library per folder of src/, with explicit dependencies.
# GUEST: it lives inside other people's programs, so it neither throws nor needs a C++ run-time library.
#   headway_library(NAME [GUEST] SOURCES ... DEPS ...)
function(headway_library name)
  cmake_parse_arguments(ARG "GUEST" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC
    ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE headway_flags)
  # Sanitizers need the type information, for example to check that an object is what a call takes it for.
  if(ARG_GUEST AND NOT HEADWAY_SANITIZE)
    target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
  endif()
endfunction()

# Lets a shared library export its C API and nothing else: templates of the C++ library and of LibTorch
# are instantiated in it with default visibility, and could be bound to from outside.
function(headway_export_c_api_only target)
  set(script ${PROJECT_SOURCE_DIR}/cmake/exports.map)
  target_link_options(${target} PRIVATE LINKER:--version-script=${script})
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${script})
endfunction()

# A GoogleTest program, registered as one ctest entry; exit status 77 means skipped. With the label
# "notsan" it is built but not run under ThreadSanitizer. `ctest --parallel` runs it by itself, unless
# PARALLEL says that nothing in it depends on when it gets a processor. TIMEOUT is there to end a hang:
# at least five times what the test takes on a slow, loaded machine.
#   headway_test(NAME [PARALLEL] SOURCES ... DEPS ... LABELS ... [TIMEOUT seconds])
function(headway_test name)
  cmake_parse_arguments(ARG "PARALLEL" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock_main headway_flags)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if("notsan" IN_LIST ARG_LABELS AND HEADWAY_SANITIZE STREQUAL "thread")
    return()
  endif()
  add_test(NAME ${name}${HEADWAY_TEST_SUFFIX} COMMAND ${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  set(serial ON)
  if(ARG_PARALLEL)
    set(serial OFF)
  endif()
  set_tests_properties(${name}${HEADWAY_TEST_SUFFIX} PROPERTIES
    LABELS "${ARG_LABELS}" SKIP_RETURN_CODE 77 TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${serial})
endfunction()

# A libFuzzer program and its short run over a copy of the checked-in corpus, as one ctest entry.
# Only in builds with HEADWAY_FUZZ. An input that breaks it stays in the build folder.
#   headway_fuzz(NAME SOURCES ... DEPS ... [CORPUS folder])
function(headway_fuzz name)
  cmake_parse_arguments(ARG "" "CORPUS" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} headway_flags)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  # New inputs go to the first folder; the checked-in ones are only read.
  set(found ${CMAKE_CURRENT_BINARY_DIR}/${name}-found)
  file(MAKE_DIRECTORY ${found})
  add_test(NAME ${name} COMMAND ${name} -max_total_time=${HEADWAY_FUZZ_SECONDS} -timeout=10
    -rss_limit_mb=1024 -artifact_prefix=${found}/ -verbosity=0 ${found} ${ARG_CORPUS})
  math(EXPR timeout "${HEADWAY_FUZZ_SECONDS} + 300")
  set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT ${timeout})
endfunction()
