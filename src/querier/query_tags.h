#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skald::querier {

// What X-Query-Tags says of a query's origin: names in lower case and values, in order.
using QueryTags = std::vector<std::pair<std::string, std::string>>;

// Reads `k=v,k2=v2`. Runs of characters that have no place in a log line become one `_`; what is
// no pair is left out.
QueryTags ParseQueryTags(std::string_view header);

// Whether `tags` holds the pair; letter case is free.
bool HasTag(const QueryTags& tags, std::string_view name, std::string_view value);

// Whether Grafana's Logs Drilldown has sent the query.
bool FromDrilldown(const QueryTags& tags);

}  // namespace skald::querier
