#include "ruler/tenant_turns.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace skald::ruler {
namespace {

TEST(TenantTurnsTest, ATenantOfManyTasksDelaysNoOther) {
  Executor threads("turns", 1);
  TenantTurns turns(threads);
  std::vector<std::string> done;  // By the one thread.
  std::promise<void> begun;
  std::promise<void> go;
  turns.Submit("", [&] {
    begun.set_value();
    go.get_future().wait();
  });
  begun.get_future().wait();
  for (int i = 0; i < 3; ++i) {
    turns.Submit("many", [&] {
      done.push_back("many");
      turns.Continue("many", [&] { done.push_back("its rest"); });
    });
  }
  for (const char* tenant : {"b", "c"}) {
    turns.Submit(tenant, [&done, tenant] { done.push_back(tenant); });
  }
  go.set_value();
  while (true) {
    std::promise<bool> all;
    turns.Submit("~", [&] { all.set_value(done.size() == 8); });
    if (all.get_future().get()) break;
  }
  threads.Stop();
  EXPECT_EQ(done, (std::vector<std::string>{"b", "c", "many", "its rest", "many", "its rest",
                                            "many", "its rest"}));
}

}  // namespace
}  // namespace skald::ruler
