#pragma once

#include <string>
#include <vector>

#include "common/status.h"

namespace skald::app {

// The arguments of the server that are no settings.
//
// Threads: a value.
struct CommandLine {
  std::string config_files;  // Comma list; empty: none.
  bool expand_env = false;
  bool version = false;
  bool help = false;
  bool help_config = false;  // The table of all settings.
  bool list_targets = false;
  bool verify_config = false;
  bool print_config = false;         // To stderr, at the start.
  bool log_config_reversed = false;  // Line by line, the last first.
  bool health = false;               // Ask a running server and exit.
  std::string health_url = "http://localhost:3100/ready";
  std::string rules_check;  // Rule files to check, separated by commas; then exit.
  std::string rules_test;   // Files of tests to run, likewise.

  std::vector<std::string> settings;  // The rest, for Settings::ReadFlags.
};

// Takes `-name`, `--name`, `-name=value` and `-name value`. kInvalidArgument for a flag of the
// above whose value is missing or wrong.
Result<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments);

// The names of the flags above.
std::vector<std::string> CommandLineFlags();

// Usage of the flags above, a line each with help.
std::string CommandLineHelp();

}  // namespace skald::app
