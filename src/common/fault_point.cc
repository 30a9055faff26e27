#include "common/fault_point.h"

#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string>

namespace skald {
namespace {

struct Armed {
  std::string name;
  std::atomic<int> passes_left = 0;
};

Armed& TheArmed() {
  static Armed armed;
  return armed;
}

}  // namespace

void ArmFaultPoints() {
  const char* const text = std::getenv("SKALD_FAULT_POINT");
  if (text == nullptr) return;
  const std::string_view point = text;
  const size_t colon = point.rfind(':');
  int passes = 1;
  if (colon != std::string_view::npos) {
    std::from_chars(point.data() + colon + 1, point.data() + point.size(), passes);
  }
  TheArmed().name = point.substr(0, colon);
  TheArmed().passes_left = passes;
  fault_points_armed = true;
}

void PassArmedFaultPoint(std::string_view name) {
  Armed& armed = TheArmed();
  if (name == armed.name && --armed.passes_left == 0) ::kill(::getpid(), SIGKILL);
}

}  // namespace skald
