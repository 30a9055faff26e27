# Compiler settings for every target: warnings are errors, ccache and a fast linker where present.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -DSKALD_DEBUG")

# Paths are hashed relative to the source folder, so that clones share what one of them compiled.
find_program(SKALD_CCACHE ccache)
if(SKALD_CCACHE)
  set(SKALD_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
                     ${SKALD_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${SKALD_LAUNCHER})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SKALD_LAUNCHER})
endif()

find_program(SKALD_MOLD mold)
find_program(SKALD_LLD ld.lld)
if(SKALD_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(SKALD_LLD)
  add_link_options(-fuse-ld=lld)
endif()

add_library(skald_compile INTERFACE)
# A designated initialiser leaves out on purpose what its comment gives a default.
target_compile_options(skald_compile INTERFACE -Wall -Wextra -Werror -fno-omit-frame-pointer
                       -Wno-missing-field-initializers)
# SSE4.2 and POPCNT are on every x86-64 server since 2009; wider code is chosen at run time.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(skald_compile INTERFACE -march=x86-64-v2)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(skald_compile INTERFACE -Wthread-safety -Wno-unused-command-line-argument)
else()
  # gcc 12 reports these wrongly through inlined std::string and std::variant.
  target_compile_options(skald_compile INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()

if(SKALD_SANITIZE)
  add_compile_options(-fsanitize=${SKALD_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SKALD_SANITIZE})
  if(SKALD_SANITIZE MATCHES thread)
    # ThreadSanitizer knows no stand-alone fences; Asio's queues are ordered by their mutex anyway.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()
if(SKALD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
