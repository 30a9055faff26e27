// Replays a folder of inputs through a fuzz target: each whole, cut short at every length up to a
// bound, and with single bytes changed. Usage: <target>_fuzz FOLDER. Fails if the folder is empty.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

// Damage is tried at this many places of an input, evenly spread, so that big seeds stay cheap.
constexpr size_t kPlaces = 512;

void Run(const std::string& input) {
  // A copy of its own on the heap, so that a sanitizer sees reads past the end.
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

size_t RunDamaged(const std::string& input) {
  size_t runs = 0;
  const size_t stride = std::max<size_t>(1, input.size() / kPlaces);
  for (size_t at = 0; at < input.size(); at += stride) {
    Run(input.substr(0, at));
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string damaged = input;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      Run(damaged);
    }
    runs += 4;
  }
  return runs;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  size_t files = 0;
  size_t runs = 0;
  for (const auto& item : std::filesystem::recursive_directory_iterator(argv[1])) {
    if (!item.is_regular_file()) continue;
    std::ifstream file(item.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    Run(input);
    runs += 1 + RunDamaged(input);
    ++files;
  }
  std::printf("%zu inputs, %zu runs\n", files, runs);
  return files == 0 ? 1 : 0;
}
