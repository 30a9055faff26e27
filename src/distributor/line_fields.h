#pragma once

#include <cstddef>
#include <string_view>

#include "distributor/field_names.h"

namespace skald::distributor {

// Looks into lines for members that `fields` name, without parsing more than it must. What the
// lines say is not checked: damage ends the search. Values are views into the line, escapes as
// they are; empty when there is none.

// Whether the line may be a JSON object: its first character is '{', its last '}', blanks aside.
bool LooksLikeJsonObject(std::string_view line);

// The first string in document order whose key is one of `fields`, in objects nested up to
// `max_depth` deep (the outermost is 1; 0: no limit). Arrays are passed over.
std::string_view FindJsonField(std::string_view line, const FieldNames& fields, size_t max_depth);

// The value of the key that comes first in `fields`, whatever the case of its letters.
std::string_view FindLogfmtField(std::string_view line, const FieldNames& fields);

// The string or scalar at `path`, names of members joined by dots.
std::string_view FindJsonPath(std::string_view line, std::string_view path);

// The value of the first `key`, as it is written.
std::string_view FindLogfmtKey(std::string_view line, std::string_view key);

}  // namespace skald::distributor
