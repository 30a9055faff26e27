#include "maintenance/wal_walk.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "ingester/wal_end.h"
#include "ingester/wal_frame.h"
#include "ingester/wal_record.h"
#include "model/labels.h"

namespace skald::maintenance {
namespace {

using ingester::kWalFrameHeaderBytes;
using ingester::kWalSegmentHeaderBytes;

// Segments of which it has been told that they are gone, cut or not to be read.
using Told = std::set<uint64_t>;

class SegmentWalk {
 public:
  // `before`: the segments that were walked before. Adds to `told` those of which there is no more
  // to tell.
  SegmentWalk(const std::vector<WalSegmentSummary>& before, WalSegmentSummary& summary, Told& told,
              const OnFinding& on_finding)
      : before_(before), summary_(summary), told_(told), on_finding_(on_finding) {}

  void Run(std::string_view bytes) {
    summary_.bytes = bytes.size();
    if (bytes.size() < kWalSegmentHeaderBytes) {
      return Report(0, "its header is unfinished: it was only just begun",
                    Finding::Severity::kNote);
    }
    const Status header = ingester::CheckWalSegmentHeader(bytes, summary_.segment);
    if (!header.ok()) Report(0, std::string(header.message()));
    if (header.code() == StatusCode::kUnimplemented) {
      told_.insert(summary_.segment);
      return;
    }
    const std::string_view rest = bytes.substr(kWalSegmentHeaderBytes);
    ingester::WalFrameReader frames(rest, summary_.segment);
    size_t whole_until = 0;
    summary_.end = kWalSegmentHeaderBytes;
    while (const std::optional<std::string_view> payload = frames.Next()) {
      if (frames.frame_begin() > whole_until) {
        ReportGap(rest.substr(whole_until, frames.frame_begin() - whole_until), whole_until);
      }
      whole_until = frames.frame_end();
      summary_.end = kWalSegmentHeaderBytes + whole_until;
      ++summary_.frames;
      summary_.payload_bytes += payload->size();
      ReadItems(*payload, kWalSegmentHeaderBytes + frames.frame_begin());
    }
    if (whole_until < rest.size()) ReportTail(rest.substr(whole_until), whole_until);
    summary_.damaged_bytes = frames.damaged_bytes();
    summary_.streams = labels_.size();
  }

 private:
  void Report(uint64_t offset, std::string what,
              Finding::Severity severity = Finding::Severity::kFault, std::string stream = {}) {
    on_finding_({.severity = severity,
                 .file = summary_.path,
                 .offset = offset,
                 .stream = std::move(stream),
                 .what = std::move(what)});
  }

  void ReportGap(std::string_view gap, size_t at) {
    Report(kWalSegmentHeaderBytes + at, std::to_string(gap.size()) + " bytes are no whole frame");
  }

  void ReportTail(std::string_view tail, size_t at) {
    if (!ingester::IsUnfinishedWalFrame(tail)) {
      summary_.end = summary_.bytes;
      return ReportGap(tail, at);
    }
    Report(kWalSegmentHeaderBytes + at,
           "the last " + std::to_string(tail.size()) + " bytes are an unfinished frame",
           Finding::Severity::kNote);
  }

  void ReadItems(std::string_view payload, uint64_t offset) {
    ingester::WalItemReader items(payload);
    for (;;) {
      const auto item = items.Next();
      if (!item.ok()) return Report(offset, std::string(item.status().message()));
      if (!*item) return;
      if (const auto* definition = std::get_if<ingester::WalDefinition>(&**item)) {
        Define(*definition, offset);
      } else if (const auto* predecessor = std::get_if<ingester::WalPredecessor>(&**item)) {
        CheckPredecessor(*predecessor);
      } else if (const auto* successor = std::get_if<ingester::WalSuccessor>(&**item)) {
        summary_.successor = successor->segment;
      } else {
        Count(*std::get<const ingester::WalEntries*>(**item), offset);
      }
    }
  }

  void Define(const ingester::WalDefinition& definition, uint64_t offset) {
    const auto labels = model::Labels::Decode(definition.labels);
    if (!labels.ok()) return Report(offset, "malformed labels of a stream");
    labels_[definition.stream] = labels->ToString();
  }

  void CheckPredecessor(const ingester::WalPredecessor& predecessor) {
    const auto one = std::ranges::find(before_, predecessor.segment, &WalSegmentSummary::segment);
    if (one == before_.end() || one->end >= predecessor.bytes) return;
    if (!told_.insert(predecessor.segment).second) return;
    on_finding_({.file = one->path,
                 .offset = one->end,
                 .what = "is cut: it had " + std::to_string(predecessor.bytes) + " bytes"});
  }

  void Count(const ingester::WalEntries& entries, uint64_t offset) {
    summary_.entries += entries.entries.size();
    for (const model::PushEntry& entry : entries.entries) summary_.line_bytes += entry.line.size();
    if (labels_.contains(entries.stream)) return;
    Report(offset, std::to_string(entries.entries.size()) + " entries of stream number " +
                       std::to_string(entries.stream) + ", which is not defined before them");
  }

  const std::vector<WalSegmentSummary>& before_;
  WalSegmentSummary& summary_;
  Told& told_;
  const OnFinding& on_finding_;
  std::map<uint64_t, std::string> labels_;  // By number.
};

bool IsThere(FileSystem& files, const std::string& path) {
  const Result<bool> exists = files.Exists(path);
  return exists.ok() && *exists;
}

// Tells of segments that are gone though older ones are there, as removal goes from the oldest on.
void FindMissing(FileSystem& files, const std::string& folder,
                 const std::vector<WalSegmentSummary>& there, Told& told,
                 const OnFinding& on_finding) {
  for (size_t i = 0; i < there.size(); ++i) {
    const uint64_t first = there[i].segment + 1;
    const uint64_t begun = i + 1 < there.size() ? there[i + 1].segment - 1 : there[i].successor;
    const uint64_t end = std::min(begun + 1, first + ingester::kMaxMissingSegmentsNamed);
    for (uint64_t n = first; n < end; ++n) {
      const std::string path = JoinPath(folder, ingester::WalSegmentName(n));
      // One may have been begun since the folder was listed ...
      if (IsThere(files, path)) continue;
      if (IsThere(files, path + std::string(ingester::kWalUnreadableSuffix))) continue;
      // ... or both have been removed.
      if (!IsThere(files, there[i].path)) break;
      told.insert(n);
      on_finding({.file = path, .what = "is gone, though older segments are there"});
    }
  }
}

using FoundEnd = Result<std::optional<ingester::WalEnd>>;

// What a closed log has lost since. No end, if it is none of the segments that are there.
void CheckEnd(FileSystem& files, const std::string& folder, const ingester::WalEnd& end,
              const std::vector<WalSegmentSummary>& there, const Told& told,
              const OnFinding& on_finding) {
  if (!there.empty() && end.IsOlderThan(there.back().segment)) return;
  for (const auto& [segment, bytes] : end.segments) {
    if (told.contains(segment)) continue;
    const auto one = std::ranges::find(there, segment, &WalSegmentSummary::segment);
    if (one == there.end()) {
      const std::string path = JoinPath(folder, ingester::WalSegmentName(segment));
      if (IsThere(files, path + std::string(ingester::kWalUnreadableSuffix))) continue;
      on_finding({.file = path, .what = "is gone: it was there when the log was closed"});
    } else if (one->end < bytes) {
      on_finding(
          {.file = one->path,
           .offset = one->end,
           .what = "is cut: it had " + std::to_string(bytes) + " bytes when the log was closed"});
    }
  }
}

// `end` as it was before the segments were read: a server that runs may have removed it, and some
// of them, meanwhile.
void CheckEndIfStillThere(FileSystem& files, const std::string& folder, const FoundEnd& end,
                          const std::vector<WalSegmentSummary>& there, const Told& told,
                          const OnFinding& on_finding) {
  const FoundEnd now = ingester::ReadWalEnd(files, folder);
  if (!now.ok() && !end.ok()) {
    on_finding({.file = JoinPath(folder, ingester::kWalEndName),
                .what = std::string(now.status().message())});
  }
  if (!now.ok() || !end.ok() || !*now || !*end || (*now)->segments != (*end)->segments) return;
  CheckEnd(files, folder, **end, there, told, on_finding);
}

}  // namespace

Result<std::vector<WalSegmentSummary>> WalkWal(FileSystem& files, const std::string& folder,
                                               const OnFinding& on_finding) {
  const FoundEnd end = ingester::ReadWalEnd(files, folder);
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(folder));
  std::map<uint64_t, std::string> paths;
  for (const std::string& name : names) {
    if (const auto segment = ingester::ParseWalSegmentName(name)) {
      paths[*segment] = JoinPath(folder, name);
    }
  }
  std::vector<WalSegmentSummary> summaries;
  Told told;
  for (const auto& [segment, path] : paths) {
    const Result<std::string> bytes = files.ReadAll(path);
    if (bytes.status().code() == StatusCode::kNotFound) continue;  // Stored and removed meanwhile.
    WalSegmentSummary summary{.segment = segment, .path = path};
    if (bytes.ok()) {
      SegmentWalk(summaries, summary, told, on_finding).Run(*bytes);
    } else {
      told.insert(segment);
      on_finding({.file = path, .what = std::string(bytes.status().message())});
    }
    summaries.push_back(std::move(summary));
  }
  FindMissing(files, folder, summaries, told, on_finding);
  CheckEndIfStillThere(files, folder, end, summaries, told, on_finding);
  return summaries;
}

}  // namespace skald::maintenance
