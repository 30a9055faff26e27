#include "common/profile/profile.h"

#include "common/bytes.h"
#include "common/compress.h"
#include "common/hash.h"
#include "common/proto_message.h"

namespace skald {
namespace {

std::string Packed(const std::vector<uint64_t>& values) {
  std::string packed;
  for (const uint64_t value : values) {
    PutVarint(packed, value);
  }
  return packed;
}

// Numbers of the fields in profile.proto.
namespace field {
enum Of : uint32_t {
  kSampleType = 1,
  kSample = 2,
  kMapping = 3,
  kLocation = 4,
  kFunction = 5,
  kString = 6,
  kTime = 9,
  kDuration = 10,
  kPeriodType = 11,
  kPeriod = 12,
};
}  // namespace field

class Encoder {
 public:
  explicit Encoder(const CodeMap& code) : code_(code) { StringId(""); }

  std::string Encode(const Profile& profile) {
    for (const Profile::ValueType& type : profile.value_types) {
      out_.Bytes(field::kSampleType, ValueTypeOf(type).bytes());
    }
    for (const Profile::Sample& sample : profile.samples) {
      AddSample(sample);
    }
    AddMappings();
    out_.Number(field::kTime, static_cast<uint64_t>(profile.time_ns));
    out_.Number(field::kDuration, static_cast<uint64_t>(profile.duration_ns));
    out_.Bytes(field::kPeriodType, ValueTypeOf(profile.period_type).bytes());
    out_.Number(field::kPeriod, static_cast<uint64_t>(profile.period));
    for (const std::string& text : strings_) {
      out_.Bytes(field::kString, text);
    }
    return out_.bytes();
  }

 private:
  ProtoMessage ValueTypeOf(const Profile::ValueType& type) {
    ProtoMessage message;
    message.Number(1, StringId(type.type));
    message.Number(2, StringId(type.unit));
    return message;
  }

  void AddSample(const Profile::Sample& sample) {
    std::vector<uint64_t> locations;
    for (const uintptr_t place : sample.stack) {
      // A call's return address may be the first of the next function: it is the one before it.
      const uintptr_t address = locations.empty() ? place : place - 1;
      const CodeMap::Module* module = code_.ModuleAt(address);
      if (module == nullptr) break;
      locations.push_back(LocationId(address, *module));
    }
    ProtoMessage message;
    message.Bytes(1, Packed(locations));
    message.Bytes(2, Packed({sample.values.begin(), sample.values.end()}));
    out_.Bytes(field::kSample, message.bytes());
  }

  uint64_t LocationId(uintptr_t address, const CodeMap::Module& module) {
    const auto [known, is_new] = locations_.try_emplace(address, locations_.size() + 1);
    if (!is_new) return known->second;
    const uint64_t id = known->second;
    ProtoMessage line;
    line.Number(1, FunctionId(code_.FunctionAt(address)));
    ProtoMessage message;
    message.Number(1, id);
    message.Number(2, static_cast<uint64_t>(&module - code_.modules().data()) + 1);
    message.Number(3, address);
    message.Bytes(4, line.bytes());
    out_.Bytes(field::kLocation, message.bytes());
    return id;
  }

  uint64_t FunctionId(const CodeMap::Function& function) {
    const auto [known, is_new] = functions_.try_emplace(function.name, functions_.size() + 1);
    if (!is_new) return known->second;
    const uint64_t id = known->second;
    ProtoMessage message;
    message.Number(1, id);
    message.Number(2, StringId(function.name));
    message.Number(3, StringId(function.symbol));
    out_.Bytes(field::kFunction, message.bytes());
    return id;
  }

  void AddMappings() {
    uint64_t id = 0;
    for (const CodeMap::Module& module : code_.modules()) {
      ProtoMessage message;
      message.Number(1, ++id);
      message.Number(2, module.begin);
      message.Number(3, module.end);
      message.Number(4, module.file_offset);
      message.Number(5, StringId(module.path));
      message.Number(6, StringId(module.build_id));
      message.Number(7, 1);  // has_functions
      out_.Bytes(field::kMapping, message.bytes());
    }
  }

  uint64_t StringId(std::string_view text) {
    const auto [known, is_new] = string_ids_.try_emplace(std::string(text), strings_.size());
    if (is_new) strings_.emplace_back(text);
    return known->second;
  }

  const CodeMap& code_;
  ProtoMessage out_;
  std::vector<std::string> strings_;  // The first is empty, as the format wants it.
  StringMap<uint64_t> string_ids_;
  StringMap<uint64_t> functions_;
  HashMap<uintptr_t, uint64_t> locations_;
};

}  // namespace

std::string EncodeProfile(const Profile& profile, const CodeMap& code) {
  std::string packed;
  Compress(Codec::kGzip, Encoder(code).Encode(profile), packed);
  return packed;
}

}  // namespace skald
