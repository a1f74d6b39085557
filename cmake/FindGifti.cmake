# The GIFTI library of gifti_clib, with the XML parser it reads with, as the target Gifti::Gifti. Its
# header includes those of expat and of the NIfTI libraries without saying where they lie.

find_path(Gifti_INCLUDE_DIR gifti/gifti_io.h)
find_path(Gifti_EXPAT_INCLUDE_DIR expat.h)
find_path(Gifti_NIFTI_INCLUDE_DIR nifti1_io.h PATH_SUFFIXES nifti)
find_library(Gifti_LIBRARY giftiio)
find_library(Gifti_EXPAT_LIBRARY expat)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  Gifti REQUIRED_VARS Gifti_LIBRARY Gifti_EXPAT_LIBRARY Gifti_INCLUDE_DIR Gifti_EXPAT_INCLUDE_DIR
                      Gifti_NIFTI_INCLUDE_DIR)
mark_as_advanced(Gifti_INCLUDE_DIR Gifti_EXPAT_INCLUDE_DIR Gifti_NIFTI_INCLUDE_DIR Gifti_LIBRARY
                 Gifti_EXPAT_LIBRARY)

if(Gifti_FOUND AND NOT TARGET Gifti::Gifti)
  add_library(Gifti::Gifti UNKNOWN IMPORTED)
  set_target_properties(
    Gifti::Gifti
    PROPERTIES IMPORTED_LOCATION "${Gifti_LIBRARY}"
               INTERFACE_INCLUDE_DIRECTORIES
               "${Gifti_INCLUDE_DIR};${Gifti_EXPAT_INCLUDE_DIR};${Gifti_NIFTI_INCLUDE_DIR}"
               INTERFACE_LINK_LIBRARIES "${Gifti_EXPAT_LIBRARY}")
endif()
