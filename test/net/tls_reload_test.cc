#include "net/tls_reload.h"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::net {
namespace {

using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

// Pairs are of letters here: a key fits the certificate of the same letter.
class TlsReloadTest : public testing::Test {
 protected:
  TlsReloadTest() {
    Write("A", "A");
    auto read = ReadTlsCertificate(options_, "test.reload");
    EXPECT_THAT(read, IsOk());
    reload_ = std::make_unique<TlsReload>(
        options_, "test.reload", *read, [this](const TlsCertificate& certificate) -> Status {
          if (certificate.chain.text.back() != certificate.key.text.back()) {
            return InvalidArgument("they do not fit");
          }
          used_.push_back(certificate.chain.text.back());
          return {};
        });
  }

  void Write(const std::string& certificate, const std::string& key) {
    std::ofstream(options_.cert_file) << "-----BEGIN " << certificate;
    std::ofstream(options_.key_file) << "-----BEGIN " << key;
  }

  bool successful() const {
    return Metrics::GetGauge(
               "skald_tls_last_reload_successful",
               "Whether what the files of a certificate hold is what is in force, by where they "
               "are set.",
               {{"setting", "test.reload"}})
               .value() == 1;
  }

  test::TempFolder folder_;
  const TlsOptions options_ = {.cert_file = folder_.path() + "/cert.pem",
                               .key_file = folder_.path() + "/key.pem"};
  std::vector<char> used_;
  std::unique_ptr<TlsReload> reload_;
};

TEST_F(TlsReloadTest, HandsOverWhatIsNewAndOnlyThat) {
  reload_->Look();
  EXPECT_THAT(used_, IsEmpty());
  Write("B", "B");
  reload_->Look();
  reload_->Look();
  EXPECT_THAT(used_, ElementsAre('B'));
  EXPECT_TRUE(successful());
}

TEST_F(TlsReloadTest, WaitsForTheOtherHalfOfAPair) {
  Write("B", "A");
  reload_->Look();
  EXPECT_TRUE(successful());
  Write("B", "B");
  reload_->Look();
  EXPECT_THAT(used_, ElementsAre('B'));
}

TEST_F(TlsReloadTest, KeepsWhatWasInForceAndSaysThatItDoes) {
  Write("B", "A");
  reload_->Look();
  reload_->Look();
  EXPECT_FALSE(successful());
  ASSERT_EQ(std::remove(options_.key_file.c_str()), 0);
  reload_->Look();
  EXPECT_FALSE(successful());
  EXPECT_THAT(used_, IsEmpty());
}

TEST_F(TlsReloadTest, IsContentAgainWithTheOldFilesOrWithGoodOnes) {
  for (const std::string good : {"A", "C"}) {
    Write("B", "A");
    reload_->Look();
    reload_->Look();
    EXPECT_FALSE(successful());
    Write(good, good);
    reload_->Look();
    EXPECT_TRUE(successful());
  }
  EXPECT_THAT(used_, ElementsAre('C'));
}

}  // namespace
}  // namespace skald::net
