#pragma once

#include <span>
#include <string_view>

namespace skald {

// A section of Loki's configuration file, or a piece that several sections share. `members` are
// separated by blanks:
//
//   name          a single value, or a list
//   name{shape}   a section, whose members the shape of that name has
//   name*         a section, or a value, of which anything is taken
//   +shape        all members of that shape
//
// The document itself is the shape without a name.
struct LokiShape {
  std::string_view name;
  std::string_view members;
};

// The settings of Loki's that mean nothing here. Those that do are registered (Settings), and need
// not be here as well. Keys that Loki had once, and which still stand in many files, are among
// them.
std::span<const LokiShape> LokiShapes();

// Flags of Loki's that mean nothing here and are not named as their keys.
std::span<const std::string_view> LokiFlags();

// What such flags begin with, where there are whole groups of them.
std::span<const std::string_view> LokiFlagGroups();

}  // namespace skald
