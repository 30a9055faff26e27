#pragma once

#include <string>
#include <string_view>

#include "common/status.h"
#include "ruler/rule_group.h"

namespace skald::ruler {

// A group as the bytes of an object: the protobuf message in which Loki keeps one, so that either
// server reads what the other has written. The message is drawn in the .cc.
std::string EncodeGroup(std::string_view tenant, std::string_view name_space,
                        const RuleGroup& group);

// kDataLoss for bytes that are no group with a name whose rules each alert or record.
Result<RuleGroup> DecodeGroup(std::string_view bytes);

}  // namespace skald::ruler
