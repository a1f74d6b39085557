#include "interrupt.hpp"

#include <csignal>

namespace inrgene::program {

namespace {

// A signal handler can reach nothing but a static object.
volatile std::sig_atomic_t interrupt_flag = 0;

extern "C" void set_interrupt_flag(int /*signal*/) {
  interrupt_flag = 1;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = set_interrupt_flag;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return interrupt_flag != 0;
}

}  // namespace inrgene::program
