#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "model/ids.h"
#include "model/labels.h"
#include "model/push_batch.h"

namespace skald::patterns {

// Appends name=value to a line of logfmt, with quotes where the value needs them.
void AppendField(std::string& line, std::string_view name, std::string_view value);

// The service that entries about a stream are filed under.
std::string ServiceOf(const model::Labels& labels);

// Collects entries of the streams {<label>="<service>"} that the system writes itself.
//
// Order:     Add* Finish.
// Threads:   not synchronised.
class InternalEntries {
 public:
  // `label` must outlive it. Without `with_level` entries have no metadata, for tenants that may
  // have none.
  InternalEntries(std::string_view label, bool with_level)
      : label_(label), with_level_(with_level) {}

  void Add(const std::string& service, int64_t time_ns, std::string level, std::string line);
  // What was added, the entries of a service as one stream.
  model::PushBatch Finish();

 private:
  struct Entry {
    int64_t time_ns = 0;
    std::string level;
    std::string line;
  };

  const std::string_view label_;
  const bool with_level_;
  std::map<std::string, std::vector<Entry>> services_;
};

// Stores a batch whose streams have their labels.
using WriteEntries = std::function<Status(const model::TenantId& tenant, model::PushBatch batch)>;

enum class WriteOutcome {
  kWritten,
  kTryAgain,  // The same batch may be taken later: nothing of it is lost if it then comes again.
  kGivenUp,   // It never will be.
};

// Writes a batch down; what goes wrong is logged. `what` is what is written: "patterns".
WriteOutcome WriteDown(const WriteEntries& write, std::string_view what,
                       const model::TenantId& tenant, model::PushBatch batch);

}  // namespace skald::patterns
