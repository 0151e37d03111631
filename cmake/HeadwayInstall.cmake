# What `cmake --install` puts where, and the package that find_package(headway) finds:
# headway::headway (the C API), and headway::torch where LibTorch was there at build time.
include(CMakePackageConfigHelpers)

set(headway_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/headway)

# headway_install_library(TARGET EXPORTED_NAME HEADER...)
function(headway_install_library target exported_name)
  if(NOT TARGET ${target})
    return()
  endif()
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${exported_name} INSTALL_RPATH "$ORIGIN")
  install(TARGETS ${target} EXPORT headway-targets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} NAMELINK_SKIP COMPONENT runtime
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(TARGETS ${target}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} NAMELINK_ONLY COMPONENT development)
  install(FILES ${ARGN} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/headway COMPONENT development)
endfunction()

headway_install_library(headway headway include/headway/headway.h include/headway/headway.hpp)
headway_install_library(headway_torch torch include/headway/torch.h)

# Programs find the libraries by their own place, so an installed tree can be moved.
file(RELATIVE_PATH headway_bin_to_lib
  ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
foreach(program headway_cli headway-bench)
  if(TARGET ${program})
    set_target_properties(${program} PROPERTIES INSTALL_RPATH "$ORIGIN/${headway_bin_to_lib}")
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
  endif()
endforeach()

if(TARGET headway)
  install(EXPORT headway-targets NAMESPACE headway:: DESTINATION ${headway_package_dir}
    COMPONENT development)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/headway-config-version.cmake
    COMPATIBILITY SameMinorVersion)
  configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/headway-config.cmake.in
    ${PROJECT_BINARY_DIR}/headway-config.cmake INSTALL_DESTINATION ${headway_package_dir})
  install(FILES ${PROJECT_BINARY_DIR}/headway-config.cmake
    ${PROJECT_BINARY_DIR}/headway-config-version.cmake
    DESTINATION ${headway_package_dir} COMPONENT development)
endif()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
