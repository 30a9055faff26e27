#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace skald::loadgen {

// A small, fast generator (splitmix64): the same seed gives the same numbers everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  // In [0, bound).
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  // In [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

 private:
  uint64_t state_;
};

// Appends so many digits of a random number, lower case.
void AppendHex(Random& random, int digits, std::string& out);

enum class LogKind { kJson, kLogfmt, kAccess, kJava };
inline constexpr int kLogKinds = 4;

// "json", "logfmt", "access", "java".
std::string_view LogKindName(LogKind kind);

// Writes lines as services write them: skewed levels, paths and users, random ids (128-bit trace
// ids, uuids), durations with a long tail, now and then a stack trace.
//
// Threads: not synchronised; one maker a stream.
class LineMaker {
 public:
  LineMaker(LogKind kind, uint64_t seed) : kind_(kind), random_(seed) {}

  // Appends a line of the time `time_ns` (ns since the epoch), without a newline at its end.
  void Append(int64_t time_ns, std::string& out);

 private:
  void AppendJson(int64_t time_ns, std::string& out);
  void AppendLogfmt(int64_t time_ns, std::string& out);
  void AppendAccess(int64_t time_ns, std::string& out);
  void AppendJava(int64_t time_ns, std::string& out);

  LogKind kind_;
  Random random_;
};

}  // namespace skald::loadgen
