# How our own programs, tests and benchmarks are compiled: the target inrgene_own. Users of the
# library get none of these flags.

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Kind of build" FORCE)
endif()

add_library(inrgene_own INTERFACE)
target_link_libraries(inrgene_own INTERFACE inrgene::inrgene)
target_compile_options(
  inrgene_own INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                        # Nobody reads errno; NaN and infinity keep their meaning.
                        -fno-math-errno)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # Seen with AVX-512: GCC 12 blames its own headers, which start a vector from itself (GCC bug
  # 105593), and code for vectors longer than a fixed-size Eigen matrix, which never runs. clang++
  # and the sanitizers look for such reads too. -Wrestrict and
  # -Wstringop-overflow misread joined strings (bugs 105651, 105329).
  target_compile_options(inrgene_own INTERFACE -Wno-maybe-uninitialized -Wno-uninitialized
                                               -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
endif()
if(INRGENE_WARNINGS_AS_ERRORS)
  target_compile_options(inrgene_own INTERFACE -Werror)
endif()

# A target with the property INRGENE_MARCH is compiled for that processor instead.
set(own_march "$<TARGET_PROPERTY:INRGENE_MARCH>")
target_compile_options(inrgene_own INTERFACE "$<$<BOOL:${own_march}>:-march=${own_march}>")
if(INRGENE_NATIVE)
  include(CheckCXXCompilerFlag)
  check_cxx_compiler_flag(-march=native inrgene_has_march_native)
  if(inrgene_has_march_native)
    target_compile_options(inrgene_own INTERFACE "$<$<NOT:$<BOOL:${own_march}>>:-march=native>")
  endif()
endif()

# Our own .cu files, whose compiler has other options: the target inrgene_own_cuda.
if(TARGET inrgene_cuda)
  add_library(inrgene_own_cuda INTERFACE)
  target_link_libraries(inrgene_own_cuda INTERFACE inrgene::cuda)
  # Of no use in generic code: a loop over no parameters compares with 0 (186), a lambda's template
  # parameter stands in its body alone (445), a variable may be called module (3189).
  target_compile_options(inrgene_own_cuda
                         INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:-diag-suppress=186,445,3189>")
  if(INRGENE_WARNINGS_AS_ERRORS)
    target_compile_options(inrgene_own_cuda
                           INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings>")
  endif()
endif()

# Tests run beside each other: idle threads sleep instead of holding a core that another test wants.
set(inrgene_test_environment "OMP_WAIT_POLICY=passive")
set(inrgene_test_launcher "")
if(INRGENE_SANITIZE)
  # The address sanitizer sees null and too small objects too; the code has no vptr worth checking.
  # Without these three, Eigen-heavy tests compile in half the time.
  set(flags -fsanitize=${INRGENE_SANITIZE} -fno-sanitize=null,object-size,vptr
            -fno-sanitize-recover=all -fno-omit-frame-pointer)
  list(APPEND inrgene_test_environment "UBSAN_OPTIONS=print_stacktrace=1")
  target_compile_options(inrgene_own INTERFACE ${flags})
  target_link_options(inrgene_own INTERFACE ${flags})
endif()
if(INRGENE_SANITIZE MATCHES "address")
  # The OpenMP runtime of clang++ never frees its teams.
  list(APPEND inrgene_test_environment
       "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/tools/leaks.supp:print_suppressions=0")
endif()
if(INRGENE_SANITIZE MATCHES "thread")
  # Tried on a race-free OpenMP loop (Debian 12): g++ with libgomp reports 14 races, since the runtime
  # is not instrumented; clang++ with libomp reports 1, and none when uninstrumented modules are
  # ignored (libomp loads its Archer tool, which tells the sanitizer what OpenMP synchronises). A
  # planted race is still found. setarch -R: the sanitizer cannot map its memory where the kernel
  # randomises addresses by more than 28 bits.
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "INRGENE_SANITIZE=thread needs clang++: GNU OpenMP hides its "
                        "synchronisation from the thread sanitizer")
  endif()
  list(APPEND inrgene_test_environment "TSAN_OPTIONS=ignore_noninstrumented_modules=1")
  find_program(inrgene_setarch setarch)
  if(inrgene_setarch)
    execute_process(COMMAND "${inrgene_setarch}" -R true RESULT_VARIABLE refused OUTPUT_QUIET ERROR_QUIET)
    if(refused EQUAL 0)
      set(inrgene_test_launcher "${inrgene_setarch}" -R)
    endif()
  endif()
endif()
