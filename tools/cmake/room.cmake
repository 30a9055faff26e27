# skald_room(NAME x SRCS a.cc ... [VECTORIZED a.cc ...] DEPS room ... LIBS library ... PUBLIC_LIBS library ...)
#
# A room: the static library skald_x of src/x. DEPS is the only list of rooms it may include;
# tools/check_layers.py reads it here and holds every #include against it. LIBS are third-party
# link targets and stay private, as no header of a room includes a third-party header. The one
# exception is PUBLIC_LIBS, for the hash maps of common/hash.h. VECTORIZED are those of SRCS whose
# loops run over columns: gcc leaves such loops as they are at -O2, unless it is told what clang does
# anyway.
function(skald_room)
  cmake_parse_arguments(ROOM "" "NAME" "SRCS;VECTORIZED;DEPS;LIBS;PUBLIC_LIBS" ${ARGN})
  foreach(file ${ROOM_VECTORIZED})
    if(NOT file IN_LIST ROOM_SRCS)
      message(FATAL_ERROR "room ${ROOM_NAME}: ${file} is VECTORIZED, but none of its SRCS")
    endif()
  endforeach()
  set_source_files_properties(${ROOM_VECTORIZED} PROPERTIES
                              COMPILE_OPTIONS $<$<CXX_COMPILER_ID:GNU>:-fvect-cost-model=dynamic>)
  add_library(skald_${ROOM_NAME} STATIC ${ROOM_SRCS})
  target_include_directories(skald_${ROOM_NAME} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(skald_${ROOM_NAME} PUBLIC skald_compile Threads::Threads
                        ${ROOM_PUBLIC_LIBS})
  foreach(dep ${ROOM_DEPS})
    target_link_libraries(skald_${ROOM_NAME} PUBLIC skald_${dep})
  endforeach()
  target_link_libraries(skald_${ROOM_NAME} PRIVATE ${ROOM_LIBS})
endfunction()

set(SKALD_TEST_BATCH 10 CACHE STRING "How many files of a test binary are compiled as one; 1: each by itself")

# skald_batch(NAME OUT-VARIABLE file.cc ...)
#
# The files, those named *_test.cc joined into as few as SKALD_TEST_BATCH allows, of about the same
# number each: to parse gtest and instantiate its matchers is most of what a test file costs. Parts
# are named by their path under test/, so that clones of the project share what one has compiled.
function(skald_batch NAME OUT)
  set(parts ${ARGN})
  list(FILTER parts INCLUDE REGEX "_test\\.cc$")
  list(LENGTH parts count)
  math(EXPR batches "(${count} + ${SKALD_TEST_BATCH} - 1) / ${SKALD_TEST_BATCH}")
  if(count EQUAL batches)
    set(${OUT} ${ARGN} PARENT_SCOPE)
    return()
  endif()
  set(files ${ARGN})
  list(REMOVE_ITEM files ${parts})
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR}/test ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(batch RANGE 1 ${batches})
    math(EXPR begin "${count} * (${batch} - 1) / ${batches}")
    math(EXPR size "${count} * ${batch} / ${batches} - ${begin}")
    list(SUBLIST parts ${begin} ${size} includes)
    list(TRANSFORM includes REPLACE "(.+)" "#include \"${folder}/\\1\"\n")
    string(JOIN "" text ${includes})
    set(file ${CMAKE_CURRENT_BINARY_DIR}/${NAME}_${batch}.cc)
    file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
    list(APPEND files ${file})
  endforeach()
  set(${OUT} ${files} PARENT_SCOPE)
endfunction()

# skald_test(NAME x SRCS a_test.cc ... DEPS room ... LIBS library ... [TIMEOUT s] [LABELS l ...])
#
# The test binary x_test of a folder under test/, run as one ctest entry. TIMEOUT (600), after which
# it counts as hanging, is three times as long under sanitizers. Labels: `threads` is run under
# ThreadSanitizer as well, `slow` is left out under the other sanitizers.
function(skald_test)
  cmake_parse_arguments(TEST "" "NAME;TIMEOUT" "SRCS;DEPS;LIBS;LABELS" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 600)
  endif()
  if(SKALD_SANITIZE)
    math(EXPR TEST_TIMEOUT "3 * ${TEST_TIMEOUT}")
  endif()
  skald_batch(${TEST_NAME}_test sources ${TEST_SRCS})
  add_executable(${TEST_NAME}_test ${sources})
  target_include_directories(${TEST_NAME}_test PRIVATE ${PROJECT_SOURCE_DIR}/test)
  target_link_libraries(${TEST_NAME}_test PRIVATE skald_test_support GTest::gmock GTest::gtest_main)
  foreach(dep ${TEST_DEPS})
    target_link_libraries(${TEST_NAME}_test PRIVATE skald_${dep})
  endforeach()
  target_link_libraries(${TEST_NAME}_test PRIVATE ${TEST_LIBS})
  add_test(NAME ${TEST_NAME} COMMAND ${TEST_NAME}_test)
  set_tests_properties(${TEST_NAME} PROPERTIES TIMEOUT ${TEST_TIMEOUT}
                       LABELS "${TEST_LABELS}")
endfunction()
