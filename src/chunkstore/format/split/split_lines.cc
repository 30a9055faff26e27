#include "chunkstore/format/split/split_lines.h"

#include "chunkstore/format/split/split_stream.h"
#include "chunkstore/format/split/text_pieces.h"

namespace skald::chunkstore {

void EncodeSplitLines(std::span<const std::string_view> texts, std::span<const int64_t> entry_times,
                      int zstd_level, std::string& out) {
  SplitWriter writer(zstd_level);
  TextGroupWriter().Put(texts, entry_times, Cut::kLine, writer);
  writer.Finish(out);
}

namespace {

Result<SplitReader> MakeReader(std::string_view bytes, uint64_t text_bytes) {
  if (text_bytes > kMaxSplitBytes) return DataLoss("split column: malformed length");
  return SplitReader::Make(bytes, text_bytes);
}

Status ReadGroup(SplitReader& reader, std::span<const int64_t> entry_times,
                 const TextGroupReader::Choice& choice, TextGroupReader& group) {
  if (reader.text_bytes() < entry_times.size()) {
    return DataLoss("split column: malformed length");
  }
  SKALD_RETURN_IF_ERROR(group.Read(reader, entry_times, choice));
  return reader.Finish();
}

void WriteTexts(const TextGroupReader& group, size_t rows, model::TextColumn& texts) {
  const size_t bytes = group.total_bytes() + rows;
  texts.text.resize(bytes + TextPieces::kSlack);
  texts.offsets.resize(rows + 1);
  texts.offsets[0] = 0;
  group.Write(texts.text.data(), TextGroupReader::Separator::kNewline,
              std::span(texts.offsets).subspan(1));
  texts.text.resize(bytes);
}

TextsAre WhatTextsAre(const TextGroupReader& group) {
  return group.has_excerpts() ? TextsAre::kExcerpts : TextsAre::kLines;
}

}  // namespace

Result<TextsAre> DecodeSplitLines(const SplitLines& from, SplitBuffers& buffers,
                                  model::TextColumn& texts) {
  TextGroupReader& group = buffers.group_;
  SKALD_ASSIGN_OR_RETURN(SplitReader reader, MakeReader(from.bytes, from.text_bytes));
  SKALD_RETURN_IF_ERROR(ReadGroup(reader, from.entry_times, {.excerpt = from.excerpt}, group));
  if (!group.has_excerpts() && group.total_bytes() + from.entry_times.size() != from.text_bytes) {
    return DataLoss("split column: decodes to another length");
  }
  WriteTexts(group, from.entry_times.size(), texts);
  return WhatTextsAre(group);
}

Result<SplitLinesSearch> SplitLinesSearch::Begin(std::string_view bytes, uint64_t text_bytes,
                                                 const RowFilter& filter, SplitBuffers& buffers) {
  SKALD_ASSIGN_OR_RETURN(SplitReader reader, MakeReader(bytes, text_bytes));
  const SplitReader::Position begin = reader.position();
  SKALD_RETURN_IF_ERROR(buffers.probe_.Read(reader, filter));
  SKALD_RETURN_IF_ERROR(reader.Finish());
  reader.GoTo(begin);
  return SplitLinesSearch(std::move(reader), buffers);
}

Result<TextsAre> SplitLinesSearch::Read(std::span<const int64_t> entry_times,
                                        std::vector<uint32_t>& rows, model::TextColumn& texts,
                                        const model::LineExcerpt* excerpt) {
  rows.clear();
  if (!may_hold()) return TextsAre::kLines;
  TextGroupReader& group = buffers_->group_;
  SKALD_RETURN_IF_ERROR(
      ReadGroup(reader_, entry_times, {.probe = &buffers_->probe_, .excerpt = excerpt}, group));
  group.AppendWanted(rows);
  if (!rows.empty()) WriteTexts(group, entry_times.size(), texts);
  return WhatTextsAre(group);
}

}  // namespace skald::chunkstore
