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

Status ReadGroup(const SplitLines& from, const RowFilter* filter, TextGroupReader& group) {
  if (from.text_bytes > kMaxSplitBytes || from.text_bytes < from.entry_times.size()) {
    return DataLoss("split column: malformed length");
  }
  SKALD_ASSIGN_OR_RETURN(SplitReader reader, SplitReader::Make(from.bytes, from.text_bytes));
  SKALD_RETURN_IF_ERROR(group.Read(reader, from.entry_times, Cut::kLine, filter));
  return reader.Finish();
}

void WriteLines(const TextGroupReader& group, size_t rows, model::TextColumn& lines) {
  const size_t bytes = group.total_bytes() + rows;
  lines.text.resize(bytes + TextPieces::kSlack);
  lines.offsets.resize(rows + 1);
  lines.offsets[0] = 0;
  group.Write(lines.text.data(), TextGroupReader::Separator::kNewline,
              std::span(lines.offsets).subspan(1));
  lines.text.resize(bytes);
}

}  // namespace

Status DecodeSplitLines(const SplitLines& from, SplitBuffers& buffers, model::TextColumn& lines) {
  TextGroupReader& group = buffers.group_;
  SKALD_RETURN_IF_ERROR(ReadGroup(from, nullptr, group));
  if (group.total_bytes() + from.entry_times.size() != from.text_bytes) {
    return DataLoss("split column: decodes to another length");
  }
  WriteLines(group, from.entry_times.size(), lines);
  return {};
}

Status DecodeSplitLines(const SplitLines& from, RowSearch& search, SplitBuffers& buffers,
                        model::TextColumn& lines) {
  TextGroupReader& group = buffers.group_;
  SKALD_RETURN_IF_ERROR(ReadGroup(from, &search.filter, group));
  search.rows.clear();
  group.AppendWanted(search.rows);
  WriteLines(group, from.entry_times.size(), lines);
  return {};
}

}  // namespace skald::chunkstore
