#pragma once

#include <string>

#include "common/status.h"
#include "model/push_batch.h"

namespace skald::wire {

// Decodes the JSON of a push: {"streams":[{"stream":{"app":"a"},"values":[["<ns>","line",
// {"name":"value"}], ...]}]}. The first JSON value counts, what follows it is ignored. Bytes that
// are not UTF-8 become U+FFFD. Each stream gets a canonical label text.
//
// kInvalidArgument if the text is not of that shape.
Result<model::PushBatch> DecodePushJson(std::string text);

// As above for the older shape: {"streams":[{"labels":"{app=\"a\"}","entries":[{"ts":"<RFC 3339>",
// "line":"line","structuredMetadata":{"name":"value"}}, ...]}]}. Letter case of keys is free,
// and null is a stream without labels and entries.
Result<model::PushBatch> DecodeLegacyPushJson(std::string text);

}  // namespace skald::wire
