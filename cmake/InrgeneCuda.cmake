# Whether the GPU backend is part of this build: INRGENE_CUDA=AUTO (where the toolkit is found), ON
# (an error where it is not) or OFF. Defines inrgene::cuda and enables the language CUDA.

set(INRGENE_CUDA AUTO CACHE STRING "Build what runs on NVIDIA GPUs: AUTO, ON or OFF")
set_property(CACHE INRGENE_CUDA PROPERTY STRINGS AUTO ON OFF)

include(InrgeneCudaTarget)
if(NOT INRGENE_CUDA)
  set(inrgene_without_cuda "INRGENE_CUDA is ${INRGENE_CUDA}")
elseif(INRGENE_SANITIZE AND INRGENE_CUDA STREQUAL "AUTO")
  set(inrgene_without_cuda "sanitizers of the host do not go with it")
elseif(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND INRGENE_CUDA STREQUAL "AUTO")
  set(inrgene_without_cuda "nvcc is tried with g++ alone; INRGENE_CUDA=ON takes ${CMAKE_CXX_COMPILER}")
else()
  inrgene_find_cuda(inrgene_without_cuda)
  if(inrgene_without_cuda AND NOT INRGENE_CUDA STREQUAL "AUTO")
    message(FATAL_ERROR "INRGENE_CUDA=${INRGENE_CUDA}: ${inrgene_without_cuda}. "
                        "-DINRGENE_CUDA=OFF builds without the GPU backend.")
  endif()
endif()

if(inrgene_without_cuda)
  message(STATUS "GPU backend (CUDA): left out, ${inrgene_without_cuda}")
else()
  if(NOT CMAKE_CUDA_COMPILER)
    set(CMAKE_CUDA_COMPILER "${CUDAToolkit_NVCC_EXECUTABLE}")
  endif()
  if(NOT CMAKE_CUDA_HOST_COMPILER)
    set(CMAKE_CUDA_HOST_COMPILER "${CMAKE_CXX_COMPILER}")
  endif()
  if(NOT CMAKE_CUDA_ARCHITECTURES)
    # Ampere and Hopper, and code that the driver translates for what comes after them.
    set(CMAKE_CUDA_ARCHITECTURES 80-real 90-real 90-virtual)
  endif()
  enable_language(CUDA)
  add_library(inrgene_cuda INTERFACE)
  add_library(inrgene::cuda ALIAS inrgene_cuda)
  inrgene_define_cuda(inrgene_cuda)
  message(STATUS "GPU backend (CUDA): toolkit ${CUDAToolkit_VERSION}, "
                 "code for ${CMAKE_CUDA_ARCHITECTURES}")
endif()
