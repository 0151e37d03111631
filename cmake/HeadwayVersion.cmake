# The commit of this build, for result files: from git, or from the file COMMIT of a bundle, or "unknown".
# Included when the project is configured, and run as a script at each build: commits are made in between.
if(CMAKE_SCRIPT_MODE_FILE)
  cmake_policy(VERSION 3.25)
  get_filename_component(PROJECT_SOURCE_DIR ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
endif()

set(HEADWAY_COMMIT unknown)
if(EXISTS ${PROJECT_SOURCE_DIR}/COMMIT)
  file(STRINGS ${PROJECT_SOURCE_DIR}/COMMIT HEADWAY_COMMIT LIMIT_COUNT 1)
endif()
find_package(Git QUIET)
if(Git_FOUND AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
  execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty --abbrev=12
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE headway_commit
    OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE headway_no_commit ERROR_QUIET)
  if(headway_no_commit EQUAL 0)
    set(HEADWAY_COMMIT ${headway_commit})
  endif()
endif()

# Left alone if nothing in it changes, so that nothing is built again.
set(headway_version_header ${PROJECT_BINARY_DIR}/generated/base/version.h)
configure_file(${PROJECT_SOURCE_DIR}/src/base/version.h.in ${headway_version_header} @ONLY)

if(NOT CMAKE_SCRIPT_MODE_FILE)
  add_custom_target(headway_version
    COMMAND ${CMAKE_COMMAND} -D PROJECT_BINARY_DIR=${PROJECT_BINARY_DIR}
      -D PROJECT_VERSION=${PROJECT_VERSION} -P ${CMAKE_CURRENT_LIST_FILE}
    BYPRODUCTS ${headway_version_header}
    COMMENT "" VERBATIM)
endif()
