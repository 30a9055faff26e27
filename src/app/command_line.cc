#include "app/command_line.h"

#include <string_view>

namespace skald::app {
namespace {

// A flag: one of `on` and `text` is set.
struct Flag {
  std::string_view name;
  bool CommandLine::*on = nullptr;
  std::string CommandLine::*text = nullptr;
  std::string_view help;
};

constexpr Flag kFlags[] = {
    {.name = "config.file",
     .text = &CommandLine::config_files,
     .help = "YAML file to read; of several, separated by commas, the first that exists; if none "
             "is named, config.yaml or config/config.yaml if it is there"},
    {.name = "config.expand-env",
     .on = &CommandLine::expand_env,
     .help = "Expand ${VAR} and ${VAR:-default} in the file"},
    {.name = "verify-config",
     .on = &CommandLine::verify_config,
     .help = "Check the configuration and exit"},
    {.name = "print-config-stderr",
     .on = &CommandLine::print_config,
     .help = "Print the whole configuration to stderr at the start"},
    {.name = "log-config-reverse-order",
     .on = &CommandLine::log_config_reversed,
     .help = "Log the whole configuration, the last line first"},
    {.name = "list-targets",
     .on = &CommandLine::list_targets,
     .help = "Print the targets and exit"},
    {.name = "health",
     .on = &CommandLine::health,
     .help = "Ask a running server whether it is ready; exit with 0 or 1"},
    {.name = "health.url", .text = &CommandLine::health_url, .help = "Where -health asks"},
    {.name = "rules.check",
     .text = &CommandLine::rules_check,
     .help = "Rule files to check for errors and doubtful rules, separated by commas, * and ? in "
             "names; exit with 0 or 1"},
    {.name = "rules.test",
     .text = &CommandLine::rules_test,
     .help = "Files with tests of rules to run, likewise; exit with 0 or 1"},
    {.name = "version", .on = &CommandLine::version, .help = "Print the version and exit"},
    {.name = "help", .on = &CommandLine::help, .help = "Print this text and exit"},
    {.name = "help-config",
     .on = &CommandLine::help_config,
     .help = "Print a table of all settings, with their keys, flags and defaults, and exit"},
    {.name = "h", .on = &CommandLine::help, .help = "As -help"},
};

const Flag* Find(std::string_view name) {
  for (const Flag& flag : kFlags) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

Status SetOn(const Flag& flag, std::string_view value, CommandLine& out) {
  if (value != "true" && value != "false" && value != "1" && value != "0") {
    return InvalidArgument("invalid boolean value \"" + std::string(value) + "\" for -" +
                           std::string(flag.name));
  }
  out.*flag.on = value == "true" || value == "1";
  return Status();
}

}  // namespace

Result<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments) {
  CommandLine out;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    const bool dash = argument.starts_with("-");
    argument.remove_prefix(argument.starts_with("--") ? 2 : dash ? 1 : 0);
    const size_t equal = argument.find('=');
    const Flag* flag = dash ? Find(argument.substr(0, equal)) : nullptr;
    if (flag == nullptr) {
      out.settings.push_back(arguments[i]);
      continue;
    }
    if (flag->on != nullptr) {
      SKALD_RETURN_IF_ERROR(
          SetOn(*flag, equal == std::string_view::npos ? "true" : argument.substr(equal + 1), out));
    } else if (equal != std::string_view::npos) {
      out.*flag->text = argument.substr(equal + 1);
    } else if (i + 1 < arguments.size()) {
      out.*flag->text = arguments[++i];
    } else {
      return InvalidArgument("flag needs an argument: -" + std::string(flag->name));
    }
  }
  return out;
}

std::vector<std::string> CommandLineFlags() {
  std::vector<std::string> names;
  for (const Flag& flag : kFlags) names.emplace_back(flag.name);
  return names;
}

std::string CommandLineHelp() {
  std::string out;
  for (const Flag& flag : kFlags) {
    out += "  -" + std::string(flag.name) + "\n        " + std::string(flag.help) + "\n";
  }
  return out;
}

}  // namespace skald::app
