// A dump of jemalloc's:
//
//   heap_v2/524288                                   mean bytes between two samples
//     t*: 8: 7657137 [8: 7657137]                    of all threads: held [allocated ever]
//   @ 0x7fe4bdca2630 0x7fe4bdca2d21                  a stack, from the inside out
//     t*: 1: 5242880 [1: 5242880]                    objects: bytes [objects: bytes] of it
//     t0: 1: 5242880 [1: 5242880]                    of one thread
//
//   MAPPED_LIBRARIES:
//
// Objects are sampled by their bytes: of those of size s a share of 1 - exp(-s / mean) is counted,
// by which counts are divided.

#include "common/profile/heap_profile.h"

#include <unistd.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

#include "common/files.h"

// jemalloc's, if the program is linked to it.
extern "C" int mallctl(const char* name, void* old_value, size_t* old_size, void* new_value,
                       size_t new_size) __attribute__((weak));

namespace skald {
namespace {

bool IsOn(const char* switch_name) {
  bool on = false;
  size_t size = sizeof on;
  return mallctl != nullptr && mallctl(switch_name, &on, &size, nullptr, 0) == 0 && on;
}

// The next line, without its end; `text` begins behind it then.
std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// The next number of `base` in the text, which begins behind it then.
std::optional<uint64_t> TakeNumber(std::string_view& text, int base) {
  const size_t begin = text.find_first_of(base == 16 ? "0123456789abcdef" : "0123456789");
  if (begin == std::string_view::npos) return std::nullopt;
  uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data() + begin, text.data() + text.size(), value, base);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

std::vector<uintptr_t> ParseStack(std::string_view line) {
  std::vector<uintptr_t> stack;
  while (true) {
    const size_t prefix = line.find("0x");
    if (prefix == std::string_view::npos) return stack;
    line.remove_prefix(prefix + 2);
    const auto address = TakeNumber(line, 16);
    if (!address) return stack;
    stack.push_back(*address);
  }
}

// Objects and bytes as they are, of those that were sampled.
std::pair<int64_t, int64_t> Scaled(uint64_t objects, uint64_t bytes, double mean) {
  if (objects == 0) return {0, 0};
  const double size = static_cast<double>(bytes) / static_cast<double>(objects);
  const double share = -std::expm1(-size / mean);
  return {std::llround(static_cast<double>(objects) / share),
          std::llround(static_cast<double>(bytes) / share)};
}

// "  t*: 1: 5242880 [1: 5242880]" as allocated and held objects and bytes.
std::optional<std::vector<int64_t>> ParseFigures(std::string_view line, double mean) {
  uint64_t figures[4];
  for (uint64_t& figure : figures) {
    const auto number = TakeNumber(line, 10);
    if (!number || *number > (uint64_t{1} << 50)) return std::nullopt;
    figure = *number;
  }
  const auto [held, held_bytes] = Scaled(figures[0], figures[1], mean);
  const auto [ever, ever_bytes] = Scaled(figures[2], figures[3], mean);
  return std::vector<int64_t>{ever, ever_bytes, held, held_bytes};
}

Result<std::string> Dump() {
  const char* folder = std::getenv("TMPDIR");
  const std::string path =
      JoinPath(folder == nullptr ? "/tmp" : folder, "skald-heap-" + std::to_string(getpid()));
  const char* name = path.c_str();
  if (mallctl("prof.dump", nullptr, nullptr, &name, sizeof name) != 0) {
    return Internal("jemalloc cannot write its profile to " + path);
  }
  const auto files = MakePosixFileSystem();
  auto text = files->ReadAll(path);
  SKALD_RETURN_IF_ERROR(files->Remove(path));
  return text;
}

}  // namespace

Result<Profile> CollectHeapProfile(const Clock& clock) {
  if (!IsOn("config.prof")) {
    return Status(StatusCode::kFailedPrecondition,
                  "no heap profile: this binary's allocator does not take any");
  }
  if (!IsOn("opt.prof")) {
    return Status(StatusCode::kFailedPrecondition,
                  "no heap profile: start with the environment variable "
                  "MALLOC_CONF=prof:true,prof_accum:true to have them");
  }
  SKALD_ASSIGN_OR_RETURN(const std::string text, Dump());
  SKALD_ASSIGN_OR_RETURN(Profile profile, ParseHeapDump(text));
  profile.time_ns = clock.NowNs();
  return profile;
}

Result<Profile> ParseHeapDump(std::string_view text) {
  std::string_view first = TakeLine(text);
  const bool known = first.starts_with("heap_v2/");
  first.remove_prefix(known ? first.find('/') : 0);
  const auto mean = TakeNumber(first, 10);
  if (!known || !mean || *mean == 0) {
    return DataLoss("heap profile: no dump of jemalloc's");
  }
  Profile profile;
  profile.value_types = {{"alloc_objects", "count"},
                         {"alloc_space", "bytes"},
                         {"inuse_objects", "count"},
                         {"inuse_space", "bytes"}};
  profile.period_type = {"space", "bytes"};
  profile.period = static_cast<int64_t>(*mean);
  std::vector<uintptr_t> stack;  // Empty: what follows is of no stack.
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.starts_with("MAPPED_LIBRARIES")) break;
    if (line.starts_with("@")) {
      stack = ParseStack(line);
    } else if (constexpr std::string_view kTotal = "  t*:";
               line.starts_with(kTotal) && !stack.empty()) {
      auto values = ParseFigures(line.substr(kTotal.size()), static_cast<double>(*mean));
      if (!values) return DataLoss("heap profile: bad line: " + std::string(line));
      profile.samples.push_back({.stack = std::move(stack), .values = *std::move(values)});
      stack.clear();
    }
  }
  return profile;
}

}  // namespace skald
