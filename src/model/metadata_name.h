#pragma once

#include <string>
#include <string_view>

#include "common/status.h"

namespace skald::model {

// Whether `name` may be stored as it is: letters, digits and single underscores, no digit first, a
// letter or digit somewhere; or the form __x__ of letters, digits and underscores.
bool IsMetadataName(std::string_view name);

// Appends what `name` becomes to be one: each run of other characters a single underscore, `key_`
// before a first digit, the outer underscores of __x__ stay. kInvalidArgument, with the underscores
// appended all the same, if that leaves no letter or digit.
Status AppendMetadataName(std::string_view name, std::string& out);

}  // namespace skald::model
