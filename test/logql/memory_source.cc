#include "logql/memory_source.h"

#include <algorithm>

#include "support/fake_scan.h"

namespace skald::test {

void MemorySource::Add(const model::Labels& labels, int64_t time_ns, std::string_view line,
                       std::span<const model::MetadataPair> metadata) {
  auto stream = std::find_if(streams_.begin(), streams_.end(),
                             [&](const Stream& s) { return *s.labels == labels; });
  if (stream == streams_.end()) {
    streams_.push_back({.labels = std::make_shared<const model::Labels>(labels), .entries = {}});
    stream = streams_.end() - 1;
  }
  stream->entries.push_back(
      {.time_ns = time_ns,
       .seq = stream->entries.size(),
       .line = std::string(line),
       .metadata = model::Labels(std::vector(metadata.begin(), metadata.end()))});
}

std::vector<std::shared_ptr<const model::EntryBlock>> MemorySource::Blocks(
    const Stream& stream, const model::ScanRequest& request) const {
  std::vector<const Entry*> entries;
  for (const Entry& entry : stream.entries) {
    if (request.range.Contains(entry.time_ns)) {
      entries.push_back(&entry);
    }
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry* a, const Entry* b) { return a->time_ns < b->time_ns; });
  std::vector<std::shared_ptr<const model::EntryBlock>> blocks;
  for (size_t at = 0; at < entries.size(); at += block_rows_) {
    model::EntryBlockBuilder builder;
    for (size_t i = at; i < std::min(at + block_rows_, entries.size()); ++i) {
      std::vector<model::MetadataPair> metadata;
      for (const model::LabelView pair : entries[i]->metadata) {
        if (request.columns.WantsMetadata(pair.name)) {
          metadata.push_back(pair);
        }
      }
      builder.Append(entries[i]->time_ns, entries[i]->seq, entries[i]->line, metadata);
    }
    model::EntryBlock block = builder.Finish();
    if (!request.columns.lines) {
      block.has_lines = false;
      block.lines.text.clear();
    }
    if (!request.columns.line_lengths) {
      block.lines.offsets.assign(1, 0);
    }
    blocks.push_back(std::make_shared<const model::EntryBlock>(std::move(block)));
  }
  return blocks;
}

Result<model::StreamScans> MemorySource::Select(const model::ScanRequest& request,
                                                model::ScanContext&) {
  model::StreamScans scans;
  for (const Stream& stream : streams_) {
    if (model::MatchesAll(request.matchers, *stream.labels)) {
      auto blocks = Blocks(stream, request);
      if (!blocks.empty()) {
        scans.push_back(
            std::make_unique<FakeScan>(stream.labels, request.direction, std::move(blocks)));
      }
    }
  }
  std::sort(scans.begin(), scans.end(),
            [](const auto& a, const auto& b) { return *a->labels() < *b->labels(); });
  return scans;
}

}  // namespace skald::test
