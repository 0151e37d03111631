# Runs as a ctest entry: install, move, build the consumer against it, run the consumer.
# Moving the tree proves that nothing in it names the place where it was built.
function(must_run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed with ${result}: ${command}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
must_run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${WORK}/tree)

must_run(${CMAKE_COMMAND} -S ${CONSUMER} -B ${WORK}/build -G ${GENERATOR}
  -DCMAKE_PREFIX_PATH=${WORK}/tree
  -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER})
must_run(${CMAKE_COMMAND} --build ${WORK}/build)

# A board folder of its own: the test must not meet the lanes of this machine's user.
file(MAKE_DIRECTORY ${WORK}/boards)
file(CHMOD ${WORK}/boards PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
set(ENV{HEADWAY_BOARD_DIR} ${WORK}/boards)
foreach(consumer consumer_c consumer_cpp)
  must_run(${WORK}/build/${consumer})
endforeach()
if(EXISTS ${WORK}/tree/bin/headway)
  must_run(${WORK}/tree/bin/headway --version)
endif()
