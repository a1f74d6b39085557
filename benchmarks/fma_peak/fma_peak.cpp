// fma_peak [THREADS]: multiplications and additions a second of 1 … THREADS workers (all cores).
#include "../support/fma_peak.hpp"

#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>

using namespace inrgene;

int main(int argc, char** argv) try {
  const int threads = argc > 1 ? std::stoi(argv[1]) : Threads{}.resolved();
  std::cout << bench::vector_name() << "\n\n| threads | float, GFLOP/s | double, GFLOP/s |\n"
            << "| ---: | ---: | ---: |\n"
            << std::fixed << std::setprecision(0);
  for (int n = 1; n <= threads; ++n) {
    std::cout << "| " << n << " | " << 1e-9 * bench::fma_peak<float>(n, 0.5) << " | "
              << 1e-9 * bench::fma_peak<double>(n, 0.5) << " |" << std::endl;
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "benchmark: " << error.what() << '\n';
  return 1;
}
