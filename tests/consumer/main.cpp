// What a project that uses the library starts with: including, compiling and linking it works.
#include <iostream>

#include "inrgene/core/random.hpp"
#include "inrgene/core/version.hpp"

int main() {
  inrgene::Random random(0);
  const double draw = random.uniform();
  std::cout << "inrgene " << inrgene::version << ", a draw: " << draw << '\n';
  return draw >= 0.0 && draw < 1.0 ? 0 : 1;
}
