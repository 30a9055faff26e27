#include "common/profile/profile.h"

#include "common/bytes.h"
#include "common/compress.h"
#include "common/hash.h"

namespace skald {
namespace {

// Fields of one message of a protocol buffer, appended.
class Message {
 public:
  void Varint(uint32_t field, uint64_t value) {
    if (value == 0) return;
    PutVarint(bytes_, field << 3);
    PutVarint(bytes_, value);
  }
  void Bytes(uint32_t field, std::string_view value) {
    PutVarint(bytes_, field << 3 | 2);
    PutVarint(bytes_, value.size());
    bytes_.append(value);
  }
  void Packed(uint32_t field, const std::vector<uint64_t>& values) {
    std::string packed;
    for (const uint64_t value : values) {
      PutVarint(packed, value);
    }
    Bytes(field, packed);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

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
    out_.Varint(field::kTime, static_cast<uint64_t>(profile.time_ns));
    out_.Varint(field::kDuration, static_cast<uint64_t>(profile.duration_ns));
    out_.Bytes(field::kPeriodType, ValueTypeOf(profile.period_type).bytes());
    out_.Varint(field::kPeriod, static_cast<uint64_t>(profile.period));
    for (const std::string& text : strings_) {
      out_.Bytes(field::kString, text);
    }
    return out_.bytes();
  }

 private:
  Message ValueTypeOf(const Profile::ValueType& type) {
    Message message;
    message.Varint(1, StringId(type.type));
    message.Varint(2, StringId(type.unit));
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
    Message message;
    message.Packed(1, locations);
    message.Packed(2, {sample.values.begin(), sample.values.end()});
    out_.Bytes(field::kSample, message.bytes());
  }

  uint64_t LocationId(uintptr_t address, const CodeMap::Module& module) {
    const auto [known, is_new] = locations_.try_emplace(address, locations_.size() + 1);
    if (!is_new) return known->second;
    const uint64_t id = known->second;
    Message line;
    line.Varint(1, FunctionId(code_.FunctionAt(address)));
    Message message;
    message.Varint(1, id);
    message.Varint(2, static_cast<uint64_t>(&module - code_.modules().data()) + 1);
    message.Varint(3, address);
    message.Bytes(4, line.bytes());
    out_.Bytes(field::kLocation, message.bytes());
    return id;
  }

  uint64_t FunctionId(const CodeMap::Function& function) {
    const auto [known, is_new] = functions_.try_emplace(function.name, functions_.size() + 1);
    if (!is_new) return known->second;
    const uint64_t id = known->second;
    Message message;
    message.Varint(1, id);
    message.Varint(2, StringId(function.name));
    message.Varint(3, StringId(function.symbol));
    out_.Bytes(field::kFunction, message.bytes());
    return id;
  }

  void AddMappings() {
    uint64_t id = 0;
    for (const CodeMap::Module& module : code_.modules()) {
      Message message;
      message.Varint(1, ++id);
      message.Varint(2, module.begin);
      message.Varint(3, module.end);
      message.Varint(4, module.file_offset);
      message.Varint(5, StringId(module.path));
      message.Varint(6, StringId(module.build_id));
      message.Varint(7, 1);  // has_functions
      out_.Bytes(field::kMapping, message.bytes());
    }
  }

  uint64_t StringId(std::string_view text) {
    const auto [known, is_new] = string_ids_.try_emplace(std::string(text), strings_.size());
    if (is_new) strings_.emplace_back(text);
    return known->second;
  }

  const CodeMap& code_;
  Message out_;
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
