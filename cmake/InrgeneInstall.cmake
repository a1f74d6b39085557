# Install rules and the package files behind find_package(inrgene CONFIG).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/inrgene")

install(DIRECTORY include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT library)
install(TARGETS inrgene EXPORT inrgene)
install(EXPORT inrgene NAMESPACE inrgene:: FILE inrgeneTargets.cmake DESTINATION "${package_dir}"
        COMPONENT library)
configure_package_config_file(cmake/inrgeneConfig.cmake.in
                              "${CMAKE_CURRENT_BINARY_DIR}/inrgeneConfig.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/inrgeneConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(
  FILES "${CMAKE_CURRENT_BINARY_DIR}/inrgeneConfig.cmake"
        "${CMAKE_CURRENT_BINARY_DIR}/inrgeneConfigVersion.cmake" cmake/FindGifti.cmake
        cmake/FindNifti2.cmake cmake/InrgeneCudaTarget.cmake
  DESTINATION "${package_dir}"
  COMPONENT library)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT library)
if(TARGET inrgene_program)
  install(TARGETS inrgene_program COMPONENT program)
endif()
