#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ruler/group_proto.h"
#include "ruler/rule_names.h"
#include "ruler/rule_yaml.h"

// The input as a stored group, which must read back the same if it is one, and as a spelled name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace skald::ruler;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto group = DecodeGroup(input); group.ok()) {
    const auto again = DecodeGroup(EncodeGroup("t", "n", *group));
    if (!again.ok() || !(*again == *group)) std::abort();
    (void)PrintGroupYaml(*group);
  }
  std::string name;
  if (UnspellName(input, name) && SpellName(name) != input) std::abort();
  return 0;
}
