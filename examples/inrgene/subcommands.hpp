// The subcommands: one file each, one line here. Each function adds its own to the program.
#pragma once

#include "program.hpp"

namespace inrgene::program {

void add_demo(Program& program);
void add_ahba(Program& program);
void add_tissue(Program& program);
void add_order(Program& program);
void add_train(Program& program);
void add_predict(Program& program);
void add_parcellate(Program& program);
void add_compare(Program& program);
void add_ablate(Program& program);

}  // namespace inrgene::program
