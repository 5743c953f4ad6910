# wardline_module(PATH [USES module...] [THIRD_PARTY name...] [TEST_USES module...] [TEST_THIRD_PARTY name...]
#                 [WRAPS function...] [NETWORK])
#
# Makes the library target of the module that lives in PATH, one GoogleTest program of its *_test.cpp files, and one
# Google Benchmark program, TARGET_bench, of its *_bench.cpp files (not part of `all`; build it with the release preset).
# Each folder below PATH that is not itself a module belongs to PATH. The same call is what script/lint-modules reads: an
# #include that crosses modules without being declared here fails the lint.
#
# WRAPS: C functions whose calls in the benchmark program come to the module's own __wrap_NAME (the linker's --wrap).
#
# Left out of the library: *_test.cpp, *_bench.cpp, *_fuzz.cpp, main.cpp and *_main.cpp, and what lies in host/ (the
# WebAssembly side).

include(PrecompiledHeaders)
include(WardlineMigrations)

set(WARDLINE_MODULE_PATHS "" CACHE INTERNAL "")

function(wardline_target_of path out)
  string(REPLACE "/" "_" target "wardline_${path}")
  set(${out} ${target} PARENT_SCOPE)
endfunction()

function(wardline_module path)
  cmake_parse_arguments(ARG "NETWORK" "" "USES;THIRD_PARTY;TEST_USES;TEST_THIRD_PARTY;WRAPS" ${ARGN})
  wardline_target_of(${path} target)
  set(directory "${PROJECT_SOURCE_DIR}/${path}")
  if(NOT IS_DIRECTORY "${directory}")
    return()
  endif()

  # The folders of a module are its own directory and those below it that modules.cmake does not name as modules.
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${directory}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/host/")
  set(benches ${sources})
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_fuzz|_main|/main)\\.cpp$")

  if(sources)
    add_library(${target} STATIC ${sources})
    wardline_precompile(${target})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} "${PROJECT_SOURCE_DIR}")
  wardline_embed_migrations(${path} ${target})
  foreach(module ${ARG_USES})
    wardline_target_of(${module} used)
    if(TARGET ${used})  # A module that is declared ahead of its first file has none yet.
      target_link_libraries(${target} ${scope} ${used})
    endif()
  endforeach()
  foreach(name ${ARG_THIRD_PARTY})
    target_link_libraries(${target} ${scope} third_party_${name})
  endforeach()
  if(ARG_NETWORK AND sources)
    set_target_properties(${target} PROPERTIES JOB_POOL_COMPILE network)
  endif()

  if(tests)
    add_executable(${target}_test ${tests})
    target_compile_options(${target}_test PRIVATE ${WARDLINE_TEST_OPTIONS})
    target_link_libraries(${target}_test PRIVATE ${target} GTest::gmock_main GTest::gtest)
    foreach(module ${ARG_TEST_USES})
      wardline_target_of(${module} used)
      target_link_libraries(${target}_test PRIVATE ${used})
    endforeach()
    foreach(name ${ARG_TEST_THIRD_PARTY})
      target_link_libraries(${target}_test PRIVATE third_party_${name})
    endforeach()
    # Tests read official vectors from ../shared where it exists and say so where it does not.
    target_compile_definitions(${target}_test PRIVATE
      WARDLINE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" WARDLINE_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared")
    if(CMAKE_BUILD_TYPE STREQUAL "Release")
      # What ships is built with `release`; tests run under sanitizers, in the other presets.
      set_target_properties(${target}_test PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
    add_test(NAME ${path} COMMAND ${target}_test --gtest_brief=1 WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${path} PROPERTIES TIMEOUT 900)
  endif()

  if(benches)
    add_executable(${target}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${target}_bench PRIVATE ${target} benchmark::benchmark_main GTest::gtest)
    foreach(module ${ARG_TEST_USES})
      wardline_target_of(${module} used)
      target_link_libraries(${target}_bench PRIVATE ${used})
    endforeach()
    foreach(name ${ARG_WRAPS})
      target_link_options(${target}_bench PRIVATE "LINKER:--wrap=${name}")
    endforeach()
  endif()
endfunction()

# wardline_program(NAME SOURCE main.cpp USES module... [THIRD_PARTY name...]): a program in build/<preset>/bin.
function(wardline_program name)
  cmake_parse_arguments(ARG "" "" "SOURCE;USES;THIRD_PARTY" ${ARGN})
  add_executable(${name} ${ARG_SOURCE})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  foreach(module ${ARG_USES})
    wardline_target_of(${module} used)
    target_link_libraries(${name} PRIVATE ${used})
  endforeach()
  foreach(third ${ARG_THIRD_PARTY})
    target_link_libraries(${name} PRIVATE third_party_${third})
  endforeach()
endfunction()

# wardline_fuzzer(NAME USES module... [THIRD_PARTY name...]): the libFuzzer program tests/fuzz/NAME_fuzz.cpp, and its seeds in
# tests/fuzz/corpus/NAME. It may use tests/fuzz as well as what it names. The fuzz preset builds it with coverage of
# everything, for script/fuzz to find new inputs; the dev preset on top of its own libraries, to play the inputs that are known.
function(wardline_fuzzer name)
  if(NOT WARDLINE_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "USES;THIRD_PARTY" ${ARGN})
  set(target "${name}_fuzz")
  add_executable(${target} EXCLUDE_FROM_ALL "${PROJECT_SOURCE_DIR}/tests/fuzz/${name}_fuzz.cpp")
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  foreach(module tests/fuzz ${ARG_USES})
    wardline_target_of(${module} used)
    target_link_libraries(${target} PRIVATE ${used})
  endforeach()
  foreach(third ${ARG_THIRD_PARTY})
    target_link_libraries(${target} PRIVATE third_party_${third})
  endforeach()
  target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET wardline_fuzzers)
    add_custom_target(wardline_fuzzers)
  endif()
  add_dependencies(wardline_fuzzers ${target})
endfunction()
