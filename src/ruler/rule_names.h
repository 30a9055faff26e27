#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skald::ruler {

// Names of namespaces and groups as stores spell them: base64url (RFC 4648) with padding, so that
// any text is a file's name or a part of an object's key.
std::string SpellName(std::string_view name);
// False, with nothing in `name`, if `text` is not how SpellName spells anything.
bool UnspellName(std::string_view text, std::string& name);

// A spelling as a path whose parts are names that files may have: all but the last have 240 of its
// bytes and end in a dot, which no spelling has. What is short is one part, as it is.
std::string InPieces(std::string_view spelled);
// Takes the spelling that `path` begins with, and the slash behind it if there is one. Nothing if
// the parts are not as InPieces makes them.
std::optional<std::string> TakePieces(std::string_view& path);
// Whether another part follows this one.
bool GoesOn(std::string_view piece);
inline constexpr size_t kMaxPieces = 6;  // Of a name that CheckNames takes.

// kInvalidArgument for a name that is too long, or that no listing in YAML could show.
Status CheckNames(std::string_view name_space, std::string_view group);

// What clients know: kNotFound.
Status NoGroup();
Status NoNamespace();

}  // namespace skald::ruler
