#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "logql/ast.h"

// What planning knows of each kind of stage. A kind that is not named here is taken to do anything:
// nothing is moved past it, and nothing is concluded from what stands behind it.

namespace skald::logql {

inline bool IsLineFilter(const Stage& stage) { return std::holds_alternative<LineFilter>(stage); }

// Whether the line may be another one behind the stage.
bool ChangesLine(const Stage& stage);

// Whether labels are read from the line.
bool ParsesLine(const Stage& stage);

// Whether each row is treated by itself, so that dropping a row earlier changes no other row.
bool IsRowByRow(const Stage& stage);

// What a stage may set a label to. Ascending: a later one allows for the ones before it.
enum class Setting {
  kNever,      // It leaves the label, or takes it away.
  kKeyedText,  // Text of the line, escapes of JSON resolved, beside a key with the label's name.
  kText,       // Text of the line, escapes of JSON resolved.
  kAnything,
};
// Requires: `name` is no error label and does not end in `_extracted`.
Setting SettingOf(const Stage& stage, std::string_view name);

// Whether a filter may stand before the stage instead of behind it. `stream_labels`: sorted names
// that all streams of the selector have, so that no parser sets them.
// Only filters by text move: others may give rows an error, which stages after them see.
bool MayPass(const LabelFilter& filter, const Stage& stage,
             const std::vector<std::string>& stream_labels);

// Names that the condition looks at.
std::vector<std::string> NamesOf(const LabelFilter& filter);

// Labels that are made by the query itself or have two possible origins: what they hold says
// nothing about what was stored.
bool IsSpecialName(std::string_view name);

}  // namespace skald::logql
