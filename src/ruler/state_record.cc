#include "ruler/state_record.h"

#include <bit>
#include <utility>

#include "common/bytes.h"

// The file, little endian:
//
//   file  = "SKALERT1" frame*
//   frame = F5 'A' 'L' 'T' length:u32 crc:u32 payload     common/frames.h; there is no context
//   payload = time:u64 group?                             nanoseconds since the epoch
//   group = tenant:bytes namespace:bytes name:bytes saved_at:zigzag count:varint rule*
//   rule  = name:bytes labels:texts count:varint alert*
//   alert = labels:bytes annotations:texts value:f64 state:u8 active_at:zigzag fired_at:zigzag
//           resolved_at:zigzag keep_firing_since:zigzag last_sent:zigzag
//   texts = count:varint (name:bytes value:bytes)*
//
// bytes have their varint length in front; an alert's labels are model::Labels::encoded(); state is
// 0 (inactive), 1 (pending) or 2 (firing). That nothing holds but the time goes on, 20 bytes:
//
//   f5 41 4c 54  08 00 00 00  0b 1f 3e ec  01 00 00 00 00 00 00 00       as of 1 ns
namespace skald::ruler {
namespace {

constexpr std::string_view kFrameMagic =
    "\xf5"
    "ALT";

void PutTexts(std::string& out, const TextMap& texts) {
  PutVarint(out, texts.size());
  for (const auto& [name, value] : texts) {
    PutLengthPrefixed(out, name);
    PutLengthPrefixed(out, value);
  }
}

TextMap ReadTexts(ByteReader& reader) {
  TextMap texts;
  for (uint64_t count = reader.Varint(); count > 0 && !reader.failed(); --count) {
    const std::string_view name = reader.LengthPrefixed();
    texts.emplace(name, reader.LengthPrefixed());
  }
  return texts;
}

void PutAlert(std::string& out, const Alert& alert) {
  PutLengthPrefixed(out, alert.labels.encoded());
  PutTexts(out, alert.annotations);
  PutFixed64(out, std::bit_cast<uint64_t>(alert.value));
  out.push_back(static_cast<char>(alert.state));
  for (const int64_t time_ns : {alert.active_at_ns, alert.fired_at_ns, alert.resolved_at_ns,
                                alert.keep_firing_since_ns, alert.last_sent_ns}) {
    PutVarint(out, ZigZag(time_ns));
  }
}

Result<Alert> ReadAlert(ByteReader& reader) {
  Alert alert;
  SKALD_ASSIGN_OR_RETURN(alert.labels, model::Labels::Decode(reader.LengthPrefixed()));
  alert.annotations = ReadTexts(reader);
  alert.value = std::bit_cast<double>(reader.Fixed64());
  const uint8_t state = reader.Byte();
  if (state > static_cast<uint8_t>(AlertState::kFiring)) return DataLoss("alert: unknown state");
  alert.state = static_cast<AlertState>(state);
  for (int64_t* time_ns : {&alert.active_at_ns, &alert.fired_at_ns, &alert.resolved_at_ns,
                           &alert.keep_firing_since_ns, &alert.last_sent_ns}) {
    *time_ns = UnZigZag(reader.Varint());
  }
  return alert;
}

Result<RuleAlerts> ReadRule(ByteReader& reader) {
  RuleAlerts rule;
  rule.rule = reader.LengthPrefixed();
  rule.rule_labels = ReadTexts(reader);
  for (uint64_t count = reader.Varint(); count > 0 && !reader.failed(); --count) {
    SKALD_ASSIGN_OR_RETURN(Alert alert, ReadAlert(reader));
    rule.alerts.push_back(std::move(alert));
  }
  return rule;
}

std::optional<StateFrameReader::Frame> DecodePayload(std::string_view payload) {
  ByteReader reader(payload);
  StateFrameReader::Frame frame{.time_ns = static_cast<int64_t>(reader.Fixed64()), .group = {}};
  if (reader.failed()) return std::nullopt;
  if (reader.AtEnd()) return frame;
  auto group = DecodeSavedGroup(reader.rest());
  if (!group.ok()) return std::nullopt;
  frame.group = *std::move(group);
  return frame;
}

}  // namespace

std::string EncodeSavedGroup(const SavedGroup& group) {
  std::string out;
  PutLengthPrefixed(out, group.key.tenant);
  PutLengthPrefixed(out, group.key.name_space);
  PutLengthPrefixed(out, group.key.group);
  PutVarint(out, ZigZag(group.saved_at_ns));
  PutVarint(out, group.rules.size());
  for (const RuleAlerts& rule : group.rules) {
    PutLengthPrefixed(out, rule.rule);
    PutTexts(out, rule.rule_labels);
    PutVarint(out, rule.alerts.size());
    for (const Alert& alert : rule.alerts) PutAlert(out, alert);
  }
  return out;
}

Result<SavedGroup> DecodeSavedGroup(std::string_view bytes) {
  ByteReader reader(bytes);
  SavedGroup group;
  group.key.tenant = reader.LengthPrefixed();
  group.key.name_space = reader.LengthPrefixed();
  group.key.group = reader.LengthPrefixed();
  group.saved_at_ns = UnZigZag(reader.Varint());
  for (uint64_t count = reader.Varint(); count > 0 && !reader.failed(); --count) {
    SKALD_ASSIGN_OR_RETURN(RuleAlerts rule, ReadRule(reader));
    group.rules.push_back(std::move(rule));
  }
  SKALD_RETURN_IF_ERROR(reader.Finish("alerts of a group"));
  return group;
}

void AppendStateFrame(std::string& out, int64_t time_ns, std::string_view group) {
  std::string payload;
  PutFixed64(payload, static_cast<uint64_t>(time_ns));
  payload.append(group);
  AppendFrame(out, kFrameMagic, "", payload);
}

StateFrameReader::StateFrameReader(std::string_view bytes) : frames_(bytes, kFrameMagic, "") {}

std::optional<StateFrameReader::Frame> StateFrameReader::Next() {
  while (const auto payload = frames_.Next()) {
    if (auto frame = DecodePayload(*payload); frame.has_value()) return frame;
    frames_.Reject();
  }
  return std::nullopt;
}

}  // namespace skald::ruler
