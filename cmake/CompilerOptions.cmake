# One dialect, one warning level and one set of sanitizer flags for every target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

set(WARDLINE_SANITIZE "" CACHE STRING "Sanitizers to compile in, comma separated")
set(WARDLINE_FUZZ OFF CACHE BOOL "Declare the fuzz targets of tests/fuzz (clang)")
set(WARDLINE_FUZZ_COVERAGE OFF CACHE BOOL "Compile everything so that libFuzzer sees which inputs reach new code")

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

# Tests are built to be run once: compiling them takes longer than running them. What they test is optimised all the same.
set(WARDLINE_TEST_OPTIONS "$<$<CONFIG:Release>:-O0;-g0;-U_FORTIFY_SOURCE>")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror
                    -fstack-protector-strong -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wimplicit-fallthrough -Wthread-safety)
else()
  # g++ 12 reports these inside libstdc++ under sanitizers.
  add_compile_options(-Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict
                      -Wno-missing-field-initializers -Wno-dangling-pointer)
endif()
add_compile_definitions(BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
add_link_options(-fuse-ld=mold)

if(WARDLINE_SANITIZE)
  add_compile_options(-fsanitize=${WARDLINE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WARDLINE_SANITIZE})
  add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING WARDLINE_SANITIZED)
else()
  add_compile_definitions(_FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
  add_link_options(-Wl,-z,relro,-z,now)
endif()

if(WARDLINE_FUZZ_COVERAGE)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

# Beast translation units take up to 1.9 GB each: one at a time.
set_property(GLOBAL PROPERTY JOB_POOLS network=1)
