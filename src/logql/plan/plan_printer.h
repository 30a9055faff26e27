#pragma once

#include <string>

#include "common/json_writer.h"
#include "logql/plan/query_plan.h"

namespace skald::logql {

// Appends the plan as one JSON value.
void AppendPlanJson(const QueryPlan& plan, JsonWriter& json);

// The plan for people to read: lines of text.
std::string PrintPlan(const QueryPlan& plan);

}  // namespace skald::logql
