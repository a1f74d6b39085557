// SIGINT and SIGTERM as a flag that long work looks at.
#pragma once

namespace inrgene::program {

/// From now on the first SIGINT or SIGTERM only sets the flag; a second one ends the program.
void catch_interrupts();

/// Whether one came.
[[nodiscard]] bool interrupted();

}  // namespace inrgene::program
