#pragma once

#include <span>
#include <string>
#include <string_view>

namespace skald::app {

// Whether `word`, the first argument of the program, asks for a tool and not for the server.
bool IsTool(std::string_view word);

// Runs the tool that arguments[0] names and returns the exit code: 0, 1 for faults that it found or
// an error, 2 for wrong arguments.
int RunTool(std::span<const std::string> arguments);

}  // namespace skald::app
