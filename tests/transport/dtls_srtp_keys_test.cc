#include "transport/dtls_srtp_keys.h"

#include <gtest/gtest.h>

#include "transport/dtls_link.h"
#include "transport/dtls_raw_client.h"

namespace earshot {
namespace {

bool SameKey(const SrtpMasterKey& a, const SrtpMasterKey& b) {
  return a.key == b.key && a.salt == b.salt;
}

TEST(DtlsSrtpKeysTest, BothEndsExportTheSameKeysOnce) {
  DtlsLink link;
  link.Start();
  link.Run();
  const auto server = link.server.TakeKeys();
  const auto client = link.client.TakeKeys();
  ASSERT_TRUE(server && client);
  EXPECT_EQ(server->profile, SrtpProfile::kAeadAes128Gcm);
  EXPECT_EQ(client->profile, SrtpProfile::kAeadAes128Gcm);
  EXPECT_TRUE(SameKey(server->local, client->remote));
  EXPECT_TRUE(SameKey(server->remote, client->local));
  EXPECT_FALSE(SameKey(server->local, server->remote));
  EXPECT_FALSE(link.server.TakeKeys());
}

TEST(DtlsSrtpKeysTest, PrefersTheProfileOfTheServer) {
  for (const auto& [offered, expected] :
       {std::pair{"SRTP_AES128_CM_SHA1_80", SrtpProfile::kAes128CmHmacSha1_80},
        std::pair{"SRTP_AEAD_AES_256_GCM", SrtpProfile::kAeadAes256Gcm},
        std::pair{"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM",
                  SrtpProfile::kAeadAes128Gcm}}) {
    DtlsAssociation server = MakeServer();
    RawDtlsClient client({.srtp_profiles = offered, .cipher_suites = {}});
    EXPECT_TRUE(client.HandshakeWith(server, Timestamp::Seconds(1)));
    const auto keys = server.TakeKeys();
    ASSERT_TRUE(keys) << offered;
    EXPECT_EQ(keys->profile, expected);
  }
}

TEST(DtlsSrtpKeysTest, D14_PeerWithoutCommonSrtpProfileFails) {
  for (const char* profiles : {"", "SRTP_AES128_CM_SHA1_32"}) {
    DtlsAssociation server = MakeServer();
    RawDtlsClient client({.srtp_profiles = profiles, .cipher_suites = {}});
    client.HandshakeWith(server, Timestamp::Seconds(1));
    EXPECT_EQ(server.state(), DtlsState::kFailed) << profiles;
    EXPECT_EQ(server.failure(), DtlsFailure::kNoSrtpProfile) << profiles;
    EXPECT_FALSE(server.TakeKeys()) << profiles;
    ASSERT_FALSE(client.received.empty());
    EXPECT_EQ(client.received.back()[0], 21) << "an alert says so: " << profiles;
  }
}

}  // namespace
}  // namespace earshot
