# wardline_embed_migrations(PATH TARGET): compiles PATH/migrations/NNNN_title.sql into TARGET, as the function
# `migrations()` that the module declares in PATH/migrations.h:
#
#   std::span<const storage::Migration> migrations();   // in the namespace wardline::<last folder of PATH>

function(wardline_embed_migrations path target)
  set(directory "${PROJECT_SOURCE_DIR}/${path}/migrations")
  file(GLOB files CONFIGURE_DEPENDS "${directory}/*.sql")
  if(NOT files)
    return()
  endif()
  list(SORT files)
  get_filename_component(namespace "${path}" NAME)

  set(entries "")
  foreach(file ${files})
    get_filename_component(name "${file}" NAME_WE)
    if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
      message(FATAL_ERROR "${file}: a migration is called NNNN_title.sql")
    endif()
    set(title "${CMAKE_MATCH_2}")
    math(EXPR number "1${CMAKE_MATCH_1} - 10000")
    file(READ "${file}" sql)
    string(APPEND entries "    {${number}, \"${title}\", R\"__sql__(${sql})__sql__\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  endforeach()

  set(content "// Made by cmake/WardlineMigrations.cmake from ${path}/migrations/*.sql.
#include \"${path}/migrations.h\"

namespace wardline::${namespace} {
namespace {

constexpr storage::Migration kMigrations[] = {
${entries}};

}  // namespace

std::span<const storage::Migration> migrations() { return kMigrations; }

}  // namespace wardline::${namespace}
")
  set(generated "${CMAKE_BINARY_DIR}/generated/${path}/migrations.cpp")
  file(CONFIGURE OUTPUT "${generated}" CONTENT "@content@" @ONLY)
  target_sources(${target} PRIVATE "${generated}")
endfunction()
