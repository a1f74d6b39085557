# The NIfTI-1 and -2 library of nifti_clib as the target Nifti2::Nifti2. Its own package file is not
# used: it demands the command-line tools of another Debian package.

find_path(Nifti2_INCLUDE_DIR nifti2_io.h PATH_SUFFIXES nifti)
find_library(Nifti2_LIBRARY nifti2)
find_library(Nifti2_ZNZ_LIBRARY znz)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Nifti2 REQUIRED_VARS Nifti2_LIBRARY Nifti2_ZNZ_LIBRARY
                                                       Nifti2_INCLUDE_DIR)
mark_as_advanced(Nifti2_INCLUDE_DIR Nifti2_LIBRARY Nifti2_ZNZ_LIBRARY)

if(Nifti2_FOUND AND NOT TARGET Nifti2::Nifti2)
  add_library(Nifti2::Nifti2 UNKNOWN IMPORTED)
  set_target_properties(
    Nifti2::Nifti2
    PROPERTIES IMPORTED_LOCATION "${Nifti2_LIBRARY}"
               INTERFACE_INCLUDE_DIRECTORIES "${Nifti2_INCLUDE_DIR}"
               INTERFACE_LINK_LIBRARIES "${Nifti2_ZNZ_LIBRARY}")
endif()
