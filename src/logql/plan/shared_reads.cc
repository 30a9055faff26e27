#include "logql/plan/shared_reads.h"

#include <algorithm>
#include <string>
#include <utility>

#include "logql/plan/wide_request.h"

namespace skald::logql {
namespace {

struct Read {
  SharedRead shared;
  std::vector<std::string> matchers;  // Sorted: many requests are compared with many.
};

bool HasMetadata(const model::ColumnSet& columns) {
  return columns.all_metadata || !columns.metadata.empty();
}

// Whether there is something to skip blocks by.
bool IsSelective(const model::ScanRequest& request) {
  return !request.literals.empty() || !request.label_literals.empty() || !request.labels.empty();
}

bool Meet(model::TimeRange a, model::TimeRange b) { return a.start < b.end && b.start < a.end; }

// Whether times that meet are not much longer in all than those of one.
bool StretchesLittle(model::TimeRange one, model::TimeRange other) {
  constexpr double kLittle = 1.25;
  const auto seconds = [](int64_t start, int64_t end) {
    return static_cast<double>(end) - static_cast<double>(start);
  };
  return seconds(std::min(one.start, other.start), std::max(one.end, other.end)) <=
         kLittle * seconds(one.start, one.end);
}

// Whether nothing dear is read for both that neither of them wants. What a reader rules out little
// of at its own times, it rules out as little of at the other's.
bool ReadAlike(const model::ScanRequest& a, const model::ScanRequest& b) {
  if (a.columns.lines != b.columns.lines || !Meet(a.range, b.range)) return false;
  const bool both = IsSelective(a) && IsSelective(b);
  if (!a.columns.lines) {
    if (HasMetadata(a.columns) != HasMetadata(b.columns)) return false;
    if (HasMetadata(a.columns) && IsSelective(a) != IsSelective(b)) return false;
  }
  // That of all blocks, for a side that keeps few of them.
  if (a.columns.all_metadata != b.columns.all_metadata &&
      IsSelective(a.columns.all_metadata ? a : b)) {
    return false;
  }
  if (!both) {
    return IsSelective(a) == IsSelective(b) ||
           StretchesLittle(IsSelective(a) ? b.range : a.range, IsSelective(a) ? a.range : b.range);
  }
  if (!StretchesLittle(a.range, b.range) || !StretchesLittle(b.range, a.range)) return false;
  model::ScanRequest wide = a;
  WidenRequest(b, wide);
  return IsSelective(wide);
}

void Take(Read from, Read& into) {
  std::vector<size_t>& readers = into.shared.readers;
  readers.insert(readers.end(), from.shared.readers.begin(), from.shared.readers.end());
  std::ranges::sort(readers);
}

// Puts it into one with all that it reads alike with.
void JoinAlike(Read read, std::vector<Read>& reads) {
  std::vector<Read> others;
  for (Read& other : reads) {
    if (other.matchers == read.matchers && ReadAlike(other.shared.request, read.shared.request)) {
      WidenRequest(other.shared.request, read.shared.request);
      Take(std::move(other), read);
    } else {
      others.push_back(std::move(other));
    }
  }
  others.push_back(std::move(read));
  reads = std::move(others);
}

// Puts each that another covers into that one.
void JoinCovered(std::vector<Read>& reads) {
  for (size_t i = 0; i < reads.size();) {
    size_t by = 0;
    while (by < reads.size() &&
           (by == i || !Covers(reads[by].shared.request, reads[i].shared.request))) {
      ++by;
    }
    if (by == reads.size()) {
      ++i;
      continue;
    }
    Take(std::move(reads[i]), reads[by]);
    reads.erase(reads.begin() + static_cast<ptrdiff_t>(i));
  }
}

}  // namespace

std::vector<SharedRead> JoinReads(const std::vector<model::ScanRequest>& requests) {
  std::vector<Read> reads;
  for (size_t i = 0; i < requests.size(); ++i) {
    Read read{.shared = {.request = requests[i], .readers = {i}}, .matchers = {}};
    for (const model::Matcher& matcher : requests[i].matchers) {
      read.matchers.push_back(matcher.ToString());
    }
    std::ranges::sort(read.matchers);
    JoinAlike(std::move(read), reads);
  }
  JoinCovered(reads);
  std::vector<SharedRead> shared;
  for (Read& read : reads) shared.push_back(std::move(read.shared));
  std::ranges::sort(shared, {}, [](const SharedRead& read) { return read.readers.front(); });
  return shared;
}

}  // namespace skald::logql
