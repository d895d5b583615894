#include "transport/dtls_traffic_keys.h"

#include <gtest/gtest.h>

#include "transport/dtls_raw_client.h"

namespace earshot {
namespace {

TEST(DtlsTrafficKeysTest, NothingBeforeTheHandshake) {
  const SslPointer ssl(SSL_new(ServerCertificate().handles().context.get()));
  EXPECT_FALSE(ExportTrafficKeys(ssl.get(), DtlsRole::kServer));
}

// What DtlsProtection makes of them, OpenSSL understands: see dtls_protection_test.cc.
TEST(DtlsTrafficKeysTest, TheTwoRolesHaveTheSameKeysTheOtherWayRound) {
  for (const auto& [suite, size] : {std::pair{"ECDHE-ECDSA-AES128-GCM-SHA256", size_t{16}},
                                    std::pair{"ECDHE-ECDSA-AES256-GCM-SHA384", size_t{32}}}) {
    DtlsAssociation server = MakeServer();
    RawDtlsClient client({.srtp_profiles = kAllProfiles, .cipher_suites = suite});
    ASSERT_TRUE(client.HandshakeWith(server, Timestamp::Seconds(1)));
    const auto as_client = ExportTrafficKeys(client.ssl(), DtlsRole::kClient);
    const auto as_server = ExportTrafficKeys(client.ssl(), DtlsRole::kServer);
    ASSERT_TRUE(as_client && as_server);
    EXPECT_EQ(as_client->local.size, size);
    EXPECT_EQ(as_client->local.key, as_server->remote.key);
    EXPECT_EQ(as_client->local.salt, as_server->remote.salt);
    EXPECT_EQ(as_client->remote.key, as_server->local.key);
    EXPECT_NE(as_client->local.key, as_client->remote.key);
    EXPECT_NE(as_client->local.salt, as_client->remote.salt);
  }
}

}  // namespace
}  // namespace earshot
