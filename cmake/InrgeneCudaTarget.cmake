# The target inrgene::cuda, in this project and in an installed package: what a program links whose
# .cu files include backend/cuda/cuda.cuh.

# inrgene_find_cuda(REASON): finds the toolkit's parts; REASON is empty, or says what is missing.
# A macro: the targets that it finds are the caller's.
macro(inrgene_find_cuda reason)
  set(${reason} "")
  find_package(CUDAToolkit QUIET)
  if(NOT CUDAToolkit_FOUND OR NOT CUDAToolkit_NVCC_EXECUTABLE)
    set(${reason} "nvcc was not found (in PATH, /usr/local/cuda or CUDAToolkit_ROOT)")
  elseif(CUDAToolkit_VERSION VERSION_LESS 12.4)
    set(${reason} "CUDA ${CUDAToolkit_VERSION} is too old for C++20 as it is used here: 12.4 or newer")
  elseif(NOT TARGET CUDA::cublasLt)
    set(${reason} "the library cublasLt was not found")
  endif()
endmacro()

# inrgene_define_cuda(TARGET): gives an interface library what users of the backend need.
function(inrgene_define_cuda target)
  target_link_libraries(${target} INTERFACE inrgene::inrgene CUDA::cudart CUDA::cublasLt)
  # C++20 as an option, since CMake 3.22 to 3.25 know no feature cuda_std_20. std::array and the
  # like, constexpr on the host, are used by formulas on the device too.
  target_compile_options(
    ${target} INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:-std=c++20;--expt-relaxed-constexpr>")
  if(TARGET OpenMP::OpenMP_CXX AND OpenMP_CXX_FLAGS)
    # Threads as in the program's other files.
    target_compile_options(
      ${target} INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=${OpenMP_CXX_FLAGS}>")
  endif()
endfunction()
