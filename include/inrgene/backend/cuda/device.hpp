// The GPU backend's type. Needs no CUDA toolkit: what runs it is in cuda.cuh, for nvcc.
#pragma once

#include "inrgene/backend/cuda/precision.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// Runs on an NVIDIA GPU in precision T, products rounded as Precision says.
///
/// Include backend/cuda/cuda.cuh in a file that nvcc compiles to use it; link inrgene::cuda.
template <class T = float, CudaPrecision<T> Precision = DefaultPrecision<T>>
struct Cuda {
  int device = 0;  ///< by the CUDA runtime's count
  /// Samples taken at a time. A constant, so that results do not depend on the card's memory; a
  /// training step of 12 layers of 512 features in float keeps 1.6 GB for as many.
  Index tile_samples = 32768;
};

}  // namespace inrgene
