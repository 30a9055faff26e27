# skald_room(NAME x SRCS a.cc ... DEPS room ... LIBS library ... PUBLIC_LIBS library ...)
#
# A room: the static library skald_x of src/x. DEPS is the only list of rooms it may include;
# tools/check_layers.py reads it here and holds every #include against it. LIBS are third-party
# link targets and stay private, as no header of a room includes a third-party header. The one
# exception is PUBLIC_LIBS, for the hash maps of common/hash.h.
function(skald_room)
  cmake_parse_arguments(ROOM "" "NAME" "SRCS;DEPS;LIBS;PUBLIC_LIBS" ${ARGN})
  add_library(skald_${ROOM_NAME} STATIC ${ROOM_SRCS})
  target_include_directories(skald_${ROOM_NAME} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(skald_${ROOM_NAME} PUBLIC skald_compile Threads::Threads
                        ${ROOM_PUBLIC_LIBS})
  foreach(dep ${ROOM_DEPS})
    target_link_libraries(skald_${ROOM_NAME} PUBLIC skald_${dep})
  endforeach()
  target_link_libraries(skald_${ROOM_NAME} PRIVATE ${ROOM_LIBS})
endfunction()

# skald_test(NAME x SRCS a_test.cc ... DEPS room ... LIBS library ... [TIMEOUT s] [LABELS l ...])
#
# The test binary x_test of a folder under test/, run as one ctest entry. Labels: `threads` is run
# under ThreadSanitizer as well, `slow` is left out under the other sanitizers.
function(skald_test)
  cmake_parse_arguments(TEST "" "NAME;TIMEOUT" "SRCS;DEPS;LIBS;LABELS" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 600)
  endif()
  add_executable(${TEST_NAME}_test ${TEST_SRCS})
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
