# Finds what the headers need and names every missing Debian package in one message.
# Sets inrgene_dependency_targets; InrgeneConfig finds the same list for an installed copy.

set(inrgene_dependency_targets "")
set(inrgene_missing "")

# inrgene_need(<package> <target> <Debian package> [arguments of find_package...])
macro(inrgene_need package target debian)
  find_package(${package} ${ARGN} QUIET)
  if(TARGET ${target})
    list(APPEND inrgene_dependency_targets ${target})
  else()
    list(APPEND inrgene_missing "  ${package} (Debian, Ubuntu: ${debian})")
  endif()
endmacro()

inrgene_need(Threads Threads::Threads libc6-dev)
inrgene_need(Eigen3 Eigen3::Eigen libeigen3-dev CONFIG)
inrgene_need(xtensor xtensor "libxtensor-dev, xtl-dev" CONFIG)
inrgene_need(nlohmann_json nlohmann_json::nlohmann_json nlohmann-json3-dev CONFIG)
inrgene_need(nanoflann nanoflann::nanoflann libnanoflann-dev CONFIG)
inrgene_need(ZLIB ZLIB::ZLIB zlib1g-dev)
inrgene_need(PNG PNG::PNG libpng-dev)
inrgene_need(Nifti2 Nifti2::Nifti2 libnifti-dev)
inrgene_need(Gifti Gifti::Gifti "libgiftiio-dev, libexpat1-dev")
if(INRGENE_OPENMP)
  inrgene_need(OpenMP OpenMP::OpenMP_CXX "libgomp1 for g++, libomp-dev for clang++" COMPONENTS CXX)
endif()

if(inrgene_missing)
  string(REPLACE ";" "\n" inrgene_missing "${inrgene_missing}")
  message(
    FATAL_ERROR
      "inrgene needs libraries that were not found:\n${inrgene_missing}\n"
      "tools/setup.sh installs all of them on Debian and Ubuntu; elsewhere install them by hand and "
      "point CMAKE_PREFIX_PATH at their folders."
      " Without OpenMP the library runs on one thread: -DINRGENE_OPENMP=OFF.")
endif()
