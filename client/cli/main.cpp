#include <iostream>
#include <string>
#include <vector>

#include "client/cli/command_line.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  wardline::cli::Console console{std::cout, std::cerr};
  return static_cast<int>(wardline::cli::run_command_line(arguments, console));
}
