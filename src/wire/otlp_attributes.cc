#include "wire/otlp_attributes.h"

#include <charconv>

#include "model/metadata_name.h"

namespace skald::wire {

OtlpAttributes::KnownAttributes& OtlpAttributes::At(Place place) {
  switch (place) {
    case Place::kResource:
      return resource_;
    case Place::kScope:
      return scope_;
    case Place::kRecord:
      return record_;
  }
  return record_;
}

Status OtlpAttributes::Add(Place place, std::string_view message, OtlpPairs& labels,
                           OtlpPairs& metadata) {
  SKALD_ASSIGN_OR_RETURN(const OtlpPair pair, ReadOtlpPair(message));
  SKALD_ASSIGN_OR_RETURN(const Attribute attribute, Find(At(place), pair.key));
  switch (attribute.action) {
    case OtlpAction::kDrop:
      return {};
    case OtlpAction::kLabel:
      return AddValue(attribute.name, pair.value, 0, labels);
    case OtlpAction::kMetadata:
      return AddValue(attribute.name, pair.value, 0, metadata);
  }
  return {};
}

Status OtlpAttributes::AddValue(std::string_view name, const OtlpValue& value, int depth,
                                OtlpPairs& out) {
  if (value.kind != OtlpValue::Kind::kMap) {
    SKALD_ASSIGN_OR_RETURN(const std::string_view text, Text(value));
    if (!text.empty()) out.push_back({name, text});
    return {};
  }
  if (depth >= kMaxOtlpDepth) {
    return InvalidArgument("an attribute's maps are nested more than " +
                           std::to_string(kMaxOtlpDepth) + " deep");
  }
  return ForEachOtlpElement(value.bytes, [&](std::string_view message) -> Status {
    SKALD_ASSIGN_OR_RETURN(const OtlpPair member, ReadOtlpPair(message));
    SKALD_ASSIGN_OR_RETURN(const std::string_view member_name, NameOfMember(name, member.key));
    return AddValue(member_name, member.value, depth + 1, out);
  });
}

Result<OtlpAttributes::Attribute> OtlpAttributes::Find(KnownAttributes& attributes,
                                                       std::string_view key) {
  if (const auto known = attributes.by_key.find(key); known != attributes.by_key.end()) {
    return known->second;
  }
  Attribute attribute{.action = attributes.rules.ActionFor(key), .name = key};
  if (attribute.action != OtlpAction::kDrop && !model::IsMetadataName(key)) {
    text_.clear();
    SKALD_RETURN_IF_ERROR(model::AppendMetadataName(key, text_));
    attribute.name = arena_.Store(text_);
  }
  attributes.by_key.emplace(key, attribute);
  return attribute;
}

// Compat: in a map a name may come to nothing but underscores.
Result<std::string_view> OtlpAttributes::NameOfMember(std::string_view parent,
                                                      std::string_view key) {
  std::string joined(parent);
  joined += '_';
  joined += key;
  SKALD_RETURN_IF_ERROR(Charge(joined.size()));
  text_.clear();
  if (!model::AppendMetadataName(joined, text_).ok()) text_ = "_";
  return arena_.Store(text_);
}

Result<std::string_view> OtlpAttributes::Text(const OtlpValue& value) {
  if (value.kind == OtlpValue::Kind::kText) return value.bytes;
  text_.clear();
  SKALD_RETURN_IF_ERROR(AppendOtlpText(value, text_));
  return arena_.Store(text_);
}

std::string_view OtlpAttributes::Decimal(int64_t value) {
  char digits[20];
  const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return arena_.Store(std::string_view(digits, static_cast<size_t>(end - digits)));
}

std::string_view OtlpAttributes::Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string& room = arena_.Room(2 * bytes.size());
  const size_t begin = room.size();
  room.resize(begin + 2 * bytes.size());
  char* out = room.data() + begin;
  for (const char c : bytes) {
    *out++ = kDigits[static_cast<uint8_t>(c) >> 4];
    *out++ = kDigits[static_cast<uint8_t>(c) & 0xf];
  }
  return std::string_view(room).substr(begin);
}

Status OtlpAttributes::Charge(size_t bytes) {
  used_bytes_ += bytes;
  if (used_bytes_ <= max_bytes_) return {};
  return ResourceExhausted(
      "request body too large: attributes of resources and maps, repeated for each record, "
      "exceed " +
      std::to_string(max_bytes_) + " bytes; send fewer records at a time");
}

}  // namespace skald::wire
