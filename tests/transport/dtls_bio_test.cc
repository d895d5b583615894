#include "transport/dtls_bio.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <vector>

namespace earshot {
namespace {

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

TEST(DtlsBioTest, D7_TakesEveryWriteAsOneDatagram) {
  PacketList out;
  DtlsPipe pipe{.input = {}, .output = &out};
  const std::unique_ptr<BIO, BioDeleter> bio(MakeDtlsBio(&pipe));
  const std::vector<uint8_t> bytes(1200, 7);
  for (int i = 1; i <= 100; ++i) {
    EXPECT_EQ(BIO_write(bio.get(), bytes.data(), i), i);
    EXPECT_FALSE(BIO_should_retry(bio.get()));
  }
  ASSERT_EQ(out.size(), 100u);
  EXPECT_EQ(out[41].size(), 42u);
}

TEST(DtlsBioTest, ReadsADatagramOnceAndAsksForMoreAfterwards) {
  const std::vector<uint8_t> datagram = {1, 2, 3};
  DtlsPipe pipe{.input = datagram, .output = nullptr};
  const std::unique_ptr<BIO, BioDeleter> bio(MakeDtlsBio(&pipe));
  std::array<uint8_t, 16> room;
  EXPECT_EQ(BIO_read(bio.get(), room.data(), 16), 3);
  EXPECT_LT(BIO_read(bio.get(), room.data(), 16), 0);
  EXPECT_TRUE(BIO_should_read(bio.get()));
}

}  // namespace
}  // namespace earshot
