#pragma once

#include <string_view>

#include "logql/log_source.h"
#include "model/labels.h"
#include "model/matcher.h"

namespace skald::querier {

// Whether it is a label that only streams have that the system writes itself.
bool IsInternalLabel(std::string_view name);

// Whether a selector asks for streams that the system writes itself: patterns and aggregated
// metrics, which have labels of their own.
bool AsksForInternalStreams(const model::Matchers& matchers);

// Whether a stream has no labels but such. Those that the system writes have one.
bool IsInternalStream(const model::Labels& labels);

// A selector that does not ask for internal streams, but for those that it finds unasked.
Result<model::Matchers> WithoutUnasked(const model::Matchers& matchers);

// A source without the system's own streams. Compat: what a client has given such a label, and
// others, is found by those.
//
// Ownership: borrows `source`.
// Threads:   any thread may call.
class WithoutInternalStreams final : public logql::LogSource {
 public:
  explicit WithoutInternalStreams(logql::LogSource& source) : source_(source) {}

  // No stream at all for a selector that asks for internal ones; all others for one that every
  // stream matches.
  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override;

 private:
  logql::LogSource& source_;
};

}  // namespace skald::querier
