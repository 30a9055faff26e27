#include "ruler/group_proto.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "common/proto_message.h"
#include "common/utf8.h"
#include "wire/proto_reader.h"

// The messages, with their fields' numbers; others are passed over:
//
//   Group     1 name: string; 2 namespace: string; 3 interval: Duration; 4 rules: Rule, repeated;
//             6 tenant: string; 10 limit: int64
//   Rule      1 expr: string; 2 record: string; 3 alert: string; 4 for: Duration;
//             5 labels: Pair, repeated; 6 annotations: Pair, repeated;
//             13 keep_firing_for: Duration, which Mimir knows and Loki passes over
//   Pair      1 name: bytes; 2 value: bytes
//   Duration  1 seconds: int64; 2 nanoseconds: int32
//
// A group "g" of namespace "n" and tenant "t" with a rule "r: 1" each minute is
// 0a 01 g  12 01 n  1a 02 08 3c  22 06 0a 01 1 12 01 r  32 01 t
namespace skald::ruler {
namespace {

using wire::ProtoReader;

constexpr uint64_t kNanos = 1'000'000'000;

void PutText(ProtoMessage& out, uint32_t field, std::string_view text) {
  if (!text.empty()) out.Bytes(field, text);
}

void PutDuration(ProtoMessage& out, uint32_t field, Nanoseconds length) {
  const auto nanos = static_cast<uint64_t>(length.count());
  ProtoMessage message;
  message.Number(1, nanos / kNanos);
  message.Number(2, nanos % kNanos);
  PutText(out, field, message.bytes());
}

void PutPairs(ProtoMessage& out, uint32_t field, const TextMap& pairs) {
  for (const auto& [name, value] : pairs) {
    ProtoMessage message;
    PutText(message, 1, name);
    PutText(message, 2, value);
    out.Bytes(field, message.bytes());
  }
}

std::string EncodeRule(const Rule& rule) {
  ProtoMessage out;
  PutText(out, 1, rule.expr);
  PutText(out, 2, rule.record);
  PutText(out, 3, rule.alert);
  PutDuration(out, 4, rule.for_duration);
  PutPairs(out, 5, rule.labels);
  PutPairs(out, 6, rule.annotations);
  PutDuration(out, 13, rule.keep_firing_for);
  return out.bytes();
}

// Reads the messages; remembers whether all of them were what they should be.
class GroupDecoder {
 public:
  RuleGroup Read(std::string_view bytes) {
    RuleGroup group;
    ProtoReader reader(bytes);
    while (reader.Next()) {
      switch (reader.field()) {
        case 1:
          group.name = Text(reader);
          break;
        case 3:
          group.interval = ReadDuration(reader.Bytes());
          break;
        case 4:
          group.rules.push_back(ReadRule(reader.Bytes()));
          break;
        case 10:
          group.limit = static_cast<int64_t>(reader.Number());
          break;
        default:
          reader.Skip();
      }
    }
    good_ = good_ && !reader.failed() && !group.name.empty();
    return group;
  }

  bool good() const { return good_; }

 private:
  std::string Text(ProtoReader& reader) {
    const std::string_view text = reader.Bytes();
    good_ = good_ && IsValidUtf8(text);
    return std::string(text);
  }

  Nanoseconds ReadDuration(std::string_view bytes) {
    constexpr uint64_t kMaxSeconds = std::numeric_limits<int64_t>::max() / kNanos - 1;
    uint64_t seconds = 0;
    uint64_t nanos = 0;
    ProtoReader reader(bytes);
    while (reader.Next()) {
      if (reader.field() == 1) {
        seconds = reader.Number();
      } else if (reader.field() == 2) {
        nanos = reader.Number();
      } else {
        reader.Skip();
      }
    }
    // What is negative is large here.
    good_ = good_ && !reader.failed() && seconds <= kMaxSeconds && nanos < kNanos;
    return good_ ? Nanoseconds(static_cast<int64_t>(seconds * kNanos + nanos)) : Nanoseconds(0);
  }

  void ReadPair(std::string_view bytes, TextMap& pairs) {
    std::string name;
    std::string value;
    ProtoReader reader(bytes);
    while (reader.Next()) {
      if (reader.field() == 1) {
        name = Text(reader);
      } else if (reader.field() == 2) {
        value = Text(reader);
      } else {
        reader.Skip();
      }
    }
    good_ = good_ && !reader.failed();
    pairs[std::move(name)] = std::move(value);
  }

  Rule ReadRule(std::string_view bytes) {
    Rule rule;
    ProtoReader reader(bytes);
    while (reader.Next()) {
      switch (reader.field()) {
        case 1:
          rule.expr = Text(reader);
          break;
        case 2:
          rule.record = Text(reader);
          break;
        case 3:
          rule.alert = Text(reader);
          break;
        case 4:
          rule.for_duration = ReadDuration(reader.Bytes());
          break;
        case 5:
          ReadPair(reader.Bytes(), rule.labels);
          break;
        case 6:
          ReadPair(reader.Bytes(), rule.annotations);
          break;
        case 13:
          rule.keep_firing_for = ReadDuration(reader.Bytes());
          break;
        default:
          reader.Skip();
      }
    }
    good_ = good_ && !reader.failed() && rule.record.empty() != rule.alert.empty();
    return rule;
  }

  bool good_ = true;
};

}  // namespace

std::string EncodeGroup(std::string_view tenant, std::string_view name_space,
                        const RuleGroup& group) {
  ProtoMessage out;
  PutText(out, 1, group.name);
  PutText(out, 2, name_space);
  PutDuration(out, 3, group.interval);
  for (const Rule& rule : group.rules) out.Bytes(4, EncodeRule(rule));
  PutText(out, 6, tenant);
  out.Number(10, static_cast<uint64_t>(group.limit));
  return out.bytes();
}

Result<RuleGroup> DecodeGroup(std::string_view bytes) {
  GroupDecoder decoder;
  RuleGroup group = decoder.Read(bytes);
  return decoder.good() ? Result<RuleGroup>(std::move(group)) : DataLoss("no rule group");
}

}  // namespace skald::ruler
