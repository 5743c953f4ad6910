# The standard library parsed once, and not by each of 400 translation units: a fifth of what a clean build costs. What ships is
# compiled so, and what ThreadSanitizer runs; the other presets compile without, so that each file goes on including what it uses.
option(WARDLINE_PRECOMPILE "Precompile the standard library's headers" OFF)
if(WARDLINE_PRECOMPILE)
  file(WRITE "${CMAKE_BINARY_DIR}/precompiled.cpp" "// Carries the precompiled header.\n")
  add_library(wardline_precompiled OBJECT "${CMAKE_BINARY_DIR}/precompiled.cpp")
  # Without its time in it, so that the compiler cache knows it again.
  target_compile_options(wardline_precompiled PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(wardline_precompiled PRIVATE
    <algorithm> <array> <atomic> <chrono> <cstdint> <cstring> <deque> <expected> <filesystem> <functional> <map> <memory>
    <mutex> <optional> <set> <span> <string> <string_view> <thread> <tuple> <unordered_map> <utility> <variant> <vector>)
endif()

# wardline_precompile(TARGET)
function(wardline_precompile target)
  if(WARDLINE_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM wardline_precompiled)
  endif()
endfunction()
