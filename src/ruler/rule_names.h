#pragma once

#include <string>
#include <string_view>

#include "common/status.h"

namespace skald::ruler {

// Names of namespaces and groups as stores spell them: base64url (RFC 4648) with padding, so that
// any text is a file's name or a part of an object's key.
std::string SpellName(std::string_view name);
// False, with nothing in `name`, if `text` is not how SpellName spells anything.
bool UnspellName(std::string_view text, std::string& name);

// kInvalidArgument for a name that is too long to be spelled in a file's, or that no listing in
// YAML could show.
Status CheckNames(std::string_view name_space, std::string_view group);

// What clients know: kNotFound.
Status NoGroup();
Status NoNamespace();

}  // namespace skald::ruler
