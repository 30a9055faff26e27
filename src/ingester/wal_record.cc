#include "ingester/wal_record.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/bytes.h"
#include "common/compress.h"

namespace skald::ingester {
namespace {

// Item kinds, stored and never reused.
constexpr uint8_t kDefinitionItem = 1;
constexpr uint8_t kEntriesItem = 2;
constexpr uint8_t kTextItem = 3;
constexpr uint8_t kTextEntriesItem = 4;
constexpr uint8_t kPredecessorItem = 5;
constexpr uint8_t kSuccessorItem = 6;

// A text larger than this is taken for damage: no push may be as large.
constexpr size_t kMaxTextBytes = size_t{1} << 30;

// Names of metadata past this many in one item are spelled out each time: looking them up is a
// walk along the list.
constexpr size_t kMaxNames = 64;

// An entry takes at least a byte each for time, metadata count and line length.
constexpr size_t kMinEntryBytes = 3;

// Values that the server adds itself are the same bytes from entry to entry.
bool Equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.data() == b.data() || a == b);
}

// Undoes WalEntriesEncoder. Appends to `out`.
class EntriesDecoder {
 public:
  // `text` is null when lines stand in the body alone.
  EntriesDecoder(std::string_view body, const std::string* text) : reader_(body), text_(text) {}

  Status DecodeInto(WalEntries& out) {
    out.first_seq = reader_.Varint();
    const uint64_t count = reader_.Varint();
    if (count > reader_.rest().size() / kMinEntryBytes) {
      return DataLoss("wal entries: more of them than bytes");
    }
    out.entries.reserve(count);
    int64_t time = 0;
    for (uint64_t i = 0; i < count && !reader_.failed(); ++i) {
      model::PushEntry entry;
      // Added without sign: a damaged delta may overflow.
      time = static_cast<int64_t>(static_cast<uint64_t>(time) +
                                  static_cast<uint64_t>(UnZigZag(reader_.Varint())));
      entry.time_ns = time;
      entry.metadata_begin = static_cast<uint32_t>(out.metadata.size());
      SKALD_RETURN_IF_ERROR(DecodePairs(out));
      entry.metadata_count = static_cast<uint32_t>(out.metadata.size()) - entry.metadata_begin;
      SKALD_RETURN_IF_ERROR(DecodeLine(entry.line));
      out.entries.push_back(entry);
    }
    return reader_.Finish("wal entries");
  }

 private:
  Status DecodeLine(std::string_view& line) {
    const uint64_t place = text_ != nullptr ? reader_.Varint() : 0;
    if (place == 0) {
      line = reader_.LengthPrefixed();
      return Status();
    }
    // Without sign, as damaged numbers may overflow.
    const uint64_t begin = text_end_ + static_cast<uint64_t>(UnZigZag(place - 1));
    const uint64_t length = reader_.Varint();
    if (begin > text_->size() || length > text_->size() - begin) {
      return DataLoss("wal entries: a line outside of its text");
    }
    line = std::string_view(*text_).substr(begin, length);
    text_end_ = begin + length;
    return Status();
  }

  Status DecodePairs(WalEntries& out) {
    const uint64_t count = reader_.Varint();
    for (uint64_t i = 0; i < count && !reader_.failed(); ++i) {
      const uint64_t reference = reader_.Varint();
      if (reference > names_.size()) return DataLoss("wal entries: unknown metadata name");
      model::MetadataPair unlisted;
      model::MetadataPair* pair = &unlisted;
      if (reference > 0) {
        pair = &names_[reference - 1];
      } else {
        unlisted.name = reader_.LengthPrefixed();
        if (names_.size() < kMaxNames) pair = &names_.emplace_back(unlisted);
      }
      const uint64_t length = reader_.Varint();
      if (length > 0) pair->value = reader_.Bytes(length - 1);
      out.metadata.push_back(*pair);
    }
    return Status();
  }

  ByteReader reader_;
  const std::string* const text_;
  uint64_t text_end_ = 0;                   // In *text_, of the line before.
  std::vector<model::MetadataPair> names_;  // With the value used last.
};

}  // namespace

char* WalEntriesEncoder::Room(size_t bytes) {
  if (buffer_.size() - used_ < bytes) buffer_.resize(std::max(2 * buffer_.size(), used_ + bytes));
  return buffer_.data() + used_;
}

void WalEntriesEncoder::Put(uint64_t first, uint64_t second) {
  const char* const end = StoreVarint(StoreVarint(Room(2 * kMaxVarintBytes), first), second);
  used_ = static_cast<size_t>(end - buffer_.data());
}

void WalEntriesEncoder::PutText(uint64_t number, std::string_view text) {
  char* const at = StoreVarint(Room(kMaxVarintBytes + text.size()), number);
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  used_ = static_cast<size_t>(at - buffer_.data()) + text.size();
}

void WalEntriesEncoder::Start(uint64_t first_seq, size_t count, std::string_view text) {
  used_ = 0;
  text_ = text;
  text_end_ = 0;
  names_.clear();
  last_time_ = 0;
  Put(first_seq, count);
}

void WalEntriesEncoder::Add(int64_t time_ns, std::string_view line,
                            std::span<const model::MetadataPair> metadata) {
  // Without sign, as times far apart may overflow; the decoder adds the same way.
  Put(ZigZag(
          static_cast<int64_t>(static_cast<uint64_t>(time_ns) - static_cast<uint64_t>(last_time_))),
      metadata.size());
  last_time_ = time_ns;
  for (const model::MetadataPair& pair : metadata) AddPair(pair);
  AddLine(line);
}

void WalEntriesEncoder::AddLine(std::string_view line) {
  const auto begin = reinterpret_cast<uintptr_t>(line.data());
  const auto text_begin = reinterpret_cast<uintptr_t>(text_.data());
  if (text_.empty()) {
    PutText(line.size(), line);
  } else if (begin < text_begin || begin + line.size() > text_begin + text_.size()) {
    PutText(0, {});
    PutText(line.size(), line);
  } else {
    const size_t place = begin - text_begin;
    const auto gap = static_cast<int64_t>(place) - static_cast<int64_t>(text_end_);
    Put(ZigZag(gap) + 1, line.size());
    text_end_ = place + line.size();
  }
}

void WalEntriesEncoder::AddPair(const model::MetadataPair& pair) {
  size_t index = 0;
  while (index < names_.size() && !Equal(names_[index].name, pair.name)) ++index;
  const bool known = index < names_.size();
  if (known && Equal(names_[index].last_value, pair.value)) {
    Put(index + 1, 0);
    return;
  }
  if (known) {
    PutText(index + 1, {});
    names_[index].last_value = pair.value;
  } else {
    PutText(0, {});
    PutText(pair.name.size(), pair.name);
    if (names_.size() < kMaxNames) names_.push_back({pair.name, pair.value});
  }
  PutText(pair.value.size() + 1, pair.value);
}

void AppendDefinitionItem(std::string& payload, const WalDefinition& definition) {
  std::string body;
  PutLengthPrefixed(body, definition.tenant);
  PutLengthPrefixed(body, definition.labels);
  payload.push_back(static_cast<char>(kDefinitionItem));
  PutVarint(payload, definition.stream);
  PutLengthPrefixed(payload, body);
}

void AppendEntriesItem(std::string& payload, uint64_t stream, std::string_view body) {
  payload.push_back(static_cast<char>(kEntriesItem));
  PutVarint(payload, stream);
  PutLengthPrefixed(payload, body);
}

void AppendPredecessorItem(std::string& payload, const WalPredecessor& predecessor) {
  std::string body;
  PutVarint(body, predecessor.bytes);
  payload.push_back(static_cast<char>(kPredecessorItem));
  PutVarint(payload, predecessor.segment);
  PutLengthPrefixed(payload, body);
}

void AppendSuccessorItem(std::string& payload, const WalSuccessor& successor) {
  payload.push_back(static_cast<char>(kSuccessorItem));
  PutVarint(payload, successor.segment);
  PutLengthPrefixed(payload, {});
}

void AppendTextItem(std::string& payload, uint64_t number, std::string_view packed) {
  payload.push_back(static_cast<char>(kTextItem));
  PutVarint(payload, number);
  PutLengthPrefixed(payload, packed);
}

void AppendTextEntriesItem(std::string& payload, uint64_t stream, uint64_t text,
                           std::string_view body) {
  std::string reference;
  PutVarint(reference, text);
  payload.push_back(static_cast<char>(kTextEntriesItem));
  PutVarint(payload, stream);
  PutVarint(payload, reference.size() + body.size());
  payload.append(reference).append(body);
}

Status WalItemReader::ReadText(uint64_t number, std::string_view packed) {
  Text& text = texts_.emplace_back();
  text.number = number;
  const Status status = Decompress(Codec::kSnappy, packed, kMaxTextBytes, text.bytes);
  return status.ok() ? Status() : DataLoss("wal text: " + std::string(status.message()));
}

Status WalItemReader::ReadEntries(uint64_t stream, std::string_view body, bool with_text) {
  entries_.stream = stream;
  entries_.entries.clear();
  entries_.metadata.clear();
  if (!with_text) return EntriesDecoder(body, nullptr).DecodeInto(entries_);
  ByteReader reader(body);
  const uint64_t number = reader.Varint();
  const auto text = std::ranges::find(texts_, number, &Text::number);
  if (reader.failed() || text == texts_.end()) return DataLoss("wal entries: unknown text");
  return EntriesDecoder(reader.rest(), &text->bytes).DecodeInto(entries_);
}

Result<std::optional<WalItemReader::Item>> WalItemReader::Next() {
  while (!rest_.empty()) {
    ByteReader reader(std::exchange(rest_, {}));
    const uint8_t kind = reader.Byte();
    const uint64_t stream = reader.Varint();
    const std::string_view body = reader.LengthPrefixed();
    SKALD_RETURN_IF_ERROR(reader.Finish("wal item", /*whole=*/false));
    rest_ = reader.rest();
    if (kind == kDefinitionItem) {
      ByteReader fields(body);
      WalDefinition definition;
      definition.stream = stream;
      definition.tenant = fields.LengthPrefixed();
      definition.labels = fields.LengthPrefixed();
      SKALD_RETURN_IF_ERROR(fields.Finish("wal definition"));
      return std::optional<Item>(definition);
    }
    if (kind == kPredecessorItem) {
      ByteReader fields(body);
      const WalPredecessor predecessor{.segment = stream, .bytes = fields.Varint()};
      SKALD_RETURN_IF_ERROR(fields.Finish("wal predecessor"));
      return std::optional<Item>(predecessor);
    }
    if (kind == kSuccessorItem) return std::optional<Item>(WalSuccessor{.segment = stream});
    if (kind == kTextItem) SKALD_RETURN_IF_ERROR(ReadText(stream, body));
    if (kind == kEntriesItem || kind == kTextEntriesItem) {
      SKALD_RETURN_IF_ERROR(ReadEntries(stream, body, kind == kTextEntriesItem));
      return std::optional<Item>(&entries_);
    }
  }
  return std::optional<Item>();
}

}  // namespace skald::ingester
