#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "logql/log_source.h"
#include "model/entry_block.h"
#include "support/fake_scan.h"

namespace skald::test {

// Streams held in memory, as a source for the engine. What a source may do is told by Options, so
// that a query's answer can be shown not to depend on it.
//
// Order:   Add* Select*
// Threads: as LogSource, once all is added.
class MemorySource final : public logql::LogSource {
 public:
  struct Options {
    std::vector<size_t> block_rows = {7};  // Sizes of a stream's blocks, over and over.
    bool blocks_exceed_range = false;      // Blocks hold rows outside the range, not selected.
    bool skips_by_literals = false;        // Blocks without what a request requires are left out.
  };

  MemorySource() : MemorySource(Options()) {}
  explicit MemorySource(Options options) : options_(std::move(options)) {}

  // Adds an entry to the stream of `labels`, in any order of time. A second one that is equal in
  // time, line and metadata is dropped.
  void Add(const model::Labels& labels, int64_t time_ns, std::string_view line,
           const model::Labels& metadata = {}) {
    auto stream = std::find_if(streams_.begin(), streams_.end(),
                               [&](const Stream& s) { return *s.labels == labels; });
    if (stream == streams_.end()) {
      streams_.push_back(
          {.labels = std::make_shared<const model::Labels>(labels), .entries = {}, .known = {}});
      stream = streams_.end() - 1;
    }
    if (stream->known.emplace(time_ns, line, metadata.encoded()).second) {
      stream->entries.push_back({time_ns, stream->entries.size(), std::string(line), metadata});
    }
  }

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext&) override {
    model::StreamScans scans;
    for (const Stream& stream : streams_) {
      if (!model::MatchesAll(request.matchers, *stream.labels)) continue;
      if (options_.skips_by_literals && !MayMatch(*stream.labels, request)) continue;
      auto scan =
          std::make_unique<FakeScan>(stream.labels, request.direction,
                                     Blocks(*stream.labels, Sorted(stream, request), request));
      scan->SelectWithin(request.range);
      if (scan->first_ns() <= scan->last_ns()) scans.push_back(std::move(scan));
    }
    std::sort(scans.begin(), scans.end(),
              [](const auto& a, const auto& b) { return *a->labels() < *b->labels(); });
    return scans;
  }

 private:
  struct Entry {
    int64_t time_ns = 0;
    uint64_t seq = 0;
    std::string line;
    model::Labels metadata;
  };
  struct Stream {
    std::shared_ptr<const model::Labels> labels;
    std::vector<Entry> entries;
    std::set<std::tuple<int64_t, std::string, std::string>> known;  // Time, line, metadata.
  };
  using Entries = std::vector<const Entry*>;
  using BlockPtr = std::shared_ptr<const model::EntryBlock>;

  Entries Sorted(const Stream& stream, const model::ScanRequest& request) const {
    Entries entries;
    for (const Entry& entry : stream.entries) {
      if (options_.blocks_exceed_range || request.range.Contains(entry.time_ns)) {
        entries.push_back(&entry);
      }
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry* a, const Entry* b) { return a->time_ns < b->time_ns; });
    return entries;
  }

  std::vector<BlockPtr> Blocks(const model::Labels& stream, std::span<const Entry* const> entries,
                               const model::ScanRequest& request) const {
    std::vector<BlockPtr> blocks;
    for (size_t n = 0; !entries.empty(); ++n) {
      const size_t rows = options_.block_rows[n % options_.block_rows.size()];
      const auto part = entries.first(std::min(rows, entries.size()));
      entries = entries.subspan(part.size());
      if (!options_.skips_by_literals || MayMatch(stream, part, request)) {
        blocks.push_back(
            std::make_shared<const model::EntryBlock>(MakeBlock(part, request.columns)));
      }
    }
    return blocks;
  }

  // Has what was asked for and nothing else.
  static model::EntryBlock MakeBlock(std::span<const Entry* const> entries,
                                     const model::ColumnSet& columns) {
    model::EntryBlockBuilder builder;
    for (const Entry* entry : entries) {
      std::vector<model::MetadataPair> metadata;
      for (const model::LabelView pair : entry->metadata) metadata.push_back(pair);
      builder.Append(entry->time_ns, entry->seq, entry->line, metadata);
    }
    model::EntryBlock block = builder.Finish();  // Knows entries apart by all they have.
    std::erase_if(block.metadata, [&](const model::MetadataColumn& column) {
      return !columns.WantsMetadata(column.name);
    });
    if (!columns.lines) {
      block.has_lines = false;
      block.lines.text.clear();
    }
    if (!columns.lines && !columns.line_lengths) {
      block.lines.offsets.assign(1, 0);
    }
    block.has_all_metadata = columns.all_metadata;
    return block;
  }

  // Whether the stream's own labels allow for an entry that is wanted.
  static bool MayMatch(const model::Labels& stream, const model::ScanRequest& request) {
    return std::ranges::all_of(request.labels, [&](const model::RequiredLabel& label) {
      return !stream.Has(label.name) || IsAnyOf(label, stream.Get(label.name));
    });
  }

  // Whether all that the request requires is there, in one entry of the block or another.
  static bool MayMatch(const model::Labels& stream, std::span<const Entry* const> entries,
                       const model::ScanRequest& request) {
    const auto some_line_has = [&](const model::RequiredLiteral& literal) {
      return std::ranges::any_of(entries,
                                 [&](const Entry* entry) { return HasAny(entry->line, literal); });
    };
    const auto is_known = [&](const std::string& name) {
      return stream.Has(name) || std::ranges::any_of(entries, [&](const Entry* entry) {
               return entry->metadata.Has(name);
             });
    };
    return std::ranges::all_of(request.literals, some_line_has) &&
           std::ranges::all_of(request.label_literals,
                               [&](const model::LabelLiteral& literal) {
                                 return std::ranges::any_of(literal.unless_labels, is_known) ||
                                        some_line_has(literal.literal);
                               }) &&
           std::ranges::all_of(request.labels, [&](const model::RequiredLabel& label) {
             return label.may_be_parsed || stream.Has(label.name) ||
                    std::ranges::any_of(entries, [&](const Entry* entry) {
                      return entry->metadata.Has(label.name) &&
                             IsAnyOf(label, entry->metadata.Get(label.name));
                    });
           });
  }

  static bool IsAnyOf(const model::RequiredLabel& label, std::string_view value) {
    return label.any_of.empty() || std::ranges::find(label.any_of, value) != label.any_of.end();
  }

  static bool HasAny(std::string line, const model::RequiredLiteral& literal) {
    if (literal.fold_case) {
      for (char& c : line) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
      }
    }
    return std::any_of(literal.any_of.begin(), literal.any_of.end(),
                       [&](const std::string& text) { return line.find(text) != line.npos; });
  }

  const Options options_;
  std::vector<Stream> streams_;
};

}  // namespace skald::test
