// inrgene: samples to gene maps from the command line. The work is the library's.
#include "subcommands.hpp"

int main(int argc, char** argv) {
  using namespace inrgene::program;
  Program program;
  for (const auto add : {add_demo, add_ahba, add_tissue, add_order, add_train, add_predict,
                         add_parcellate, add_compare, add_ablate}) {
    add(program);
  }
  return program.run(argc, argv);
}
