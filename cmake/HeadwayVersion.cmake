# The commit of this build, for result files: from git, or from the file COMMIT of a bundle, or "unknown".
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
configure_file(${PROJECT_SOURCE_DIR}/src/base/version.h.in
  ${PROJECT_BINARY_DIR}/generated/base/version.h @ONLY)
