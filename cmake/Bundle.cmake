# Makes a folder, and a .tar.gz of it, that builds where no package can be installed: the sources,
# and the few libraries besides LibTorch, copied from this machine's Debian packages with their
# licences. Nothing third-party is kept in the repository.
#   cmake [-DBUNDLE=<folder>] -P cmake/Bundle.cmake
cmake_minimum_required(VERSION 3.25)
set(root ${CMAKE_CURRENT_LIST_DIR}/..)
cmake_path(NORMAL_PATH root)

file(STRINGS ${root}/CMakeLists.txt version REGEX "^project\\(headway VERSION ")
string(REGEX REPLACE ".*VERSION ([0-9.]+).*" "\\1" version "${version}")
if(NOT BUNDLE)
  set(BUNDLE ${root}/dist/headway-${version})
endif()
cmake_path(ABSOLUTE_PATH BUNDLE BASE_DIRECTORY ${root} NORMALIZE)
cmake_path(GET BUNDLE FILENAME name)
cmake_path(GET BUNDLE PARENT_PATH parent)
if(EXISTS ${BUNDLE} AND NOT EXISTS ${BUNDLE}/build-here)
  message(FATAL_ERROR "${BUNDLE} exists and is not a bundle; choose another folder")
endif()

# --- sources ---
find_package(Git QUIET)
set(git_failed 1)
if(Git_FOUND AND EXISTS ${root}/.git)
  execute_process(COMMAND ${GIT_EXECUTABLE} ls-files --cached --others --exclude-standard
    WORKING_DIRECTORY ${root} OUTPUT_VARIABLE files RESULT_VARIABLE git_failed ERROR_QUIET)
  execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty --abbrev=12
    WORKING_DIRECTORY ${root} OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(git_failed)
  file(GLOB_RECURSE files RELATIVE ${root} ${root}/*)
  list(FILTER files EXCLUDE REGEX "^(build|dist|\\.git)/")
else()
  string(REGEX REPLACE "\n" ";" files "${files}")
endif()

file(REMOVE_RECURSE ${BUNDLE})
foreach(file IN LISTS files)
  if(file AND EXISTS ${root}/${file})
    cmake_path(GET file PARENT_PATH folder)
    file(COPY ${root}/${file} DESTINATION ${BUNDLE}/${folder})
  endif()
endforeach()
if(commit)
  file(WRITE ${BUNDLE}/COMMIT "${commit}\n")
endif()

# --- libraries ---
function(copy_dependency package)
  foreach(item IN LISTS ARGN)
    file(GLOB found ${item})
    if(NOT found)
      message(FATAL_ERROR "${item} was not found; install ${package}")
    endif()
    file(COPY ${found} DESTINATION ${BUNDLE}/deps/${to} FOLLOW_SYMLINK_CHAIN)
  endforeach()
  file(COPY_FILE /usr/share/doc/${package}/copyright ${BUNDLE}/deps/copyright.${package})
endfunction()

set(to include)
copy_dependency(libcli11-dev /usr/include/CLI)
copy_dependency(libfmt-dev /usr/include/fmt)
copy_dependency(nlohmann-json3-dev /usr/include/nlohmann)
copy_dependency(libtomlplusplus-dev /usr/include/toml++)
set(to .)
copy_dependency(libjs-chart.js /usr/share/javascript/chart.js/chart.min.js)
# The one library here that is not only headers. Used where the machine has no OpenSSL headers.
set(to openssl/include)
copy_dependency(libssl-dev /usr/include/openssl)
set(to openssl/include/openssl)
copy_dependency(libssl-dev /usr/include/*-linux-gnu/openssl/*.h)
set(to openssl/lib)
copy_dependency(libssl-dev /usr/lib/*-linux-gnu/libcrypto.a)

# write_package(NAME VERSION TARGET [DEFINITION...]): what find_package(NAME) finds in the bundle.
function(write_package name version target)
  set(folder ${BUNDLE}/deps/lib/cmake/${name})
  file(WRITE ${folder}/${name}Config.cmake
    "if(NOT TARGET ${target})\n"
    "  add_library(${target} INTERFACE IMPORTED)\n"
    "  set_target_properties(${target} PROPERTIES\n"
    "    INTERFACE_INCLUDE_DIRECTORIES \"\${CMAKE_CURRENT_LIST_DIR}/../../../include\"\n"
    "    INTERFACE_COMPILE_DEFINITIONS \"${ARGN}\")\n"
    "endif()\n")
  file(WRITE ${folder}/${name}ConfigVersion.cmake
    "set(PACKAGE_VERSION ${version})\n"
    "if(NOT PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)\n"
    "  set(PACKAGE_VERSION_COMPATIBLE TRUE)\n"
    "endif()\n")
endfunction()
# The versions are Debian 12's.
write_package(CLI11 2.1.2 CLI11::CLI11)
write_package(fmt 9.1.0 fmt::fmt FMT_HEADER_ONLY=1)
write_package(nlohmann_json 3.11.2 nlohmann_json::nlohmann_json)
write_package(tomlplusplus 3.3.0 tomlplusplus::tomlplusplus TOML_HEADER_ONLY=1)

# --- how to build it ---
file(WRITE ${BUNDLE}/build-here [[#!/bin/sh
# Builds Headway from this folder alone. Needs g++ 12 or clang 14, cmake 3.25, ninja or make, and for
# the models a LibTorch: Debian's libtorch-dev, or the one inside python3's torch package.
# Arguments go to cmake, for example: ./build-here -DHEADWAY_TORCH=OFF
set -eu
cd "$(dirname "$0")"
generator="Unix Makefiles"
if command -v ninja >/dev/null; then generator=Ninja; fi
if ! echo '#include <openssl/evp.h>' | "${CXX:-c++}" -E -x c++ - >/dev/null 2>&1; then
    set -- "-DOPENSSL_ROOT_DIR=$PWD/deps/openssl" -DOPENSSL_USE_STATIC_LIBS=TRUE "$@"
fi
cmake -S . -B build/here -G "$generator" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    "-DCMAKE_PREFIX_PATH=$PWD/deps" "-DHEADWAY_CHARTJS_FILE=$PWD/deps/chart.min.js" \
    -DHEADWAY_TORCH=ON -DHEADWAY_BUILD_TESTS=OFF "$@"
cmake --build build/here --parallel "$(nproc)"
echo "built: $PWD/build/here/bin"
]])
file(CHMOD ${BUNDLE}/build-here PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

execute_process(COMMAND ${CMAKE_COMMAND} -E tar czf ${name}.tar.gz ${name}
  WORKING_DIRECTORY ${parent} COMMAND_ERROR_IS_FATAL ANY)
file(SIZE ${BUNDLE}.tar.gz bytes)
math(EXPR kib "${bytes} / 1024")
message("bundle: ${BUNDLE}")
message("packed: ${BUNDLE}.tar.gz (${kib} KiB)")
message("on the other machine: tar xf ${name}.tar.gz && ${name}/build-here")
