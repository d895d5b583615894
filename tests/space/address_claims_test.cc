// Who is at an address, end to end: an engine and clients with real DTLS and SRTP. Nobody can take
// an address from somebody by checks from it, and whom a NAT gives one is heard there.

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "sdp/session.h"
#include "space_link.h"
#include "wire/stun.h"

namespace earshot {
namespace {

using Person = SpaceLink::Person;

// A genuine nominating check of the person, as if by its client.
std::vector<uint8_t> CheckOf(const Person& person) {
  static SeededRandom random(77);
  StunTransactionId id;
  random.Fill(id);
  const auto server = sdp::ParseAnswer(person.joined.answer);
  std::vector<uint8_t> bytes(256);
  StunWriter writer(bytes, StunClass::kRequest, kStunBindingMethod, id);
  writer.Username(server->ice_ufrag + ":" + person.client.session().local().ufrag);
  writer.Priority(1000);
  writer.IceControlling(7);
  writer.UseCandidate();
  bytes.resize(writer.Finish(server->ice_password));
  return bytes;
}

// A packet that the person's keys have sealed.
std::vector<uint8_t> MediaOf(Person& person, uint16_t sequence_number) {
  RtpHeader header;
  header.payload_type = person.client.session().numbers().opus_payload_type;
  header.sequence_number = sequence_number;
  header.ssrc = person.client.sender(SourceKind::kMic)->stream().ssrc;
  const std::vector<uint8_t> payload(40, 1);
  DatagramList out;
  person.client.transport()->SendRtp(
      [&](ByteSpan room) { return WriteRtpHeader(header, {}, room); }, payload,
      {header.ssrc, sequence_number}, out);
  return {out[0].bytes.begin(), out[0].bytes.end()};
}

class AddressClaimsTest : public testing::Test {
 protected:
  // How many packets of each other the two get in the time.
  size_t Heard(const Person& by, const Person& of, Duration time = Duration::Seconds(1)) {
    link_.Forget();
    link_.Run(time);
    return by.CountFrom(of);
  }
  SpaceLink link_;
};

TEST_F(AddressClaimsTest, S11_ChecksFromAnothersAddressTakeNothingFromIt) {
  Person& victim = link_.JoinSpeaker();
  Person& listener = link_.JoinSpeaker();
  Person& attacker = link_.JoinSpeaker();
  ASSERT_GT(Heard(listener, victim), 40u);
  link_.Inject(victim.address, CheckOf(attacker));
  EXPECT_GT(Heard(listener, victim), 40u);
  EXPECT_GT(Heard(victim, listener), 40u);
  for (int i = 0; i < 100; ++i) {
    link_.Inject(victim.address, CheckOf(attacker));
    link_.Run(Duration::Millis(10));
  }
  EXPECT_GT(Heard(listener, victim), 40u);
  EXPECT_GT(Heard(listener, attacker), 40u) << "who lives on its own address as well";
  link_.Run(Duration::Seconds(40));
  EXPECT_TRUE(link_.closed.empty());
}

TEST_F(AddressClaimsTest, S11_NeitherDoesMediaFromThere) {
  Person& victim = link_.JoinSpeaker();
  Person& listener = link_.JoinSpeaker();
  Person& attacker = link_.JoinSpeaker();
  link_.Run(Duration::Seconds(1));
  for (uint16_t i = 0; i < 100; ++i) {
    link_.Inject(victim.address, CheckOf(attacker));
    link_.Inject(victim.address, MediaOf(attacker, static_cast<uint16_t>(20000 + i)));
    link_.Run(Duration::Millis(10));
  }
  EXPECT_GT(Heard(listener, victim), 40u);
  EXPECT_GT(Heard(victim, listener), 40u);
}

TEST_F(AddressClaimsTest, S11_NorDoManyParticipantsTogether) {
  Person& victim = link_.JoinSpeaker();
  Person& listener = link_.JoinSpeaker();
  std::vector<Person*> attackers;
  for (int i = 0; i < 8; ++i) attackers.push_back(&link_.Join({}));
  link_.Run(Duration::Seconds(1));
  link_.Forget();
  for (int i = 0; i < 300; ++i) {
    for (Person* attacker : attackers) link_.Inject(victim.address, CheckOf(*attacker));
    link_.Run(Duration::Millis(10));
  }
  EXPECT_GT(listener.CountFrom(victim), 140u);
  EXPECT_GT(victim.CountFrom(listener), 140u);
}

TEST_F(AddressClaimsTest, S11_SomebodyWhoJoinsMeanwhileConnectsAllTheSame) {
  Person& listener = link_.JoinSpeaker();
  Person& attacker = link_.JoinSpeaker();
  link_.Run(Duration::Seconds(1));
  // The address of the next one can be guessed.
  const SocketAddress next = *SocketAddress::FromLiteral("192.0.2.9", 1003);
  link_.Inject(next, CheckOf(attacker));
  link_.Inject(next, MediaOf(attacker, 20000));
  Person& victim = link_.JoinSpeaker();
  ASSERT_EQ(victim.address, next);
  EXPECT_TRUE(victim.client.connected());
  EXPECT_GT(Heard(listener, victim), 40u);
  EXPECT_GT(Heard(victim, listener), 40u);
}

TEST_F(AddressClaimsTest, N2_WhomANatGivesAnAddressIsHeardThere) {
  Person& first = link_.JoinSpeaker();
  Person& listener = link_.JoinSpeaker();
  link_.Run(Duration::Seconds(1));
  // The first goes elsewhere without a word, while the server still believes it here.
  const SocketAddress here = first.address;
  first.address = *SocketAddress::FromLiteral("198.51.100.4", 7);
  first.is_silent = true;
  Person& second = link_.Begin();
  second.address = here;
  link_.Publish(second, SpaceLink::Only(SourceKind::kMic));
  link_.Run(Duration::Millis(500));
  EXPECT_TRUE(second.client.connected());
  EXPECT_GT(Heard(listener, second), 40u);
  EXPECT_GT(Heard(second, listener), 40u);
  // It comes back: both are heard.
  first.is_silent = false;
  link_.Run(Duration::Seconds(8));
  EXPECT_GT(Heard(listener, first), 40u);
  EXPECT_GT(Heard(listener, second), 40u);
}

TEST_F(AddressClaimsTest, N2_TwoThatChangeAddressesAreBothHeard) {
  Person& a = link_.JoinSpeaker();
  Person& b = link_.JoinSpeaker();
  Person& listener = link_.JoinSpeaker();
  link_.Run(Duration::Seconds(1));
  std::swap(a.address, b.address);
  link_.Run(Duration::Seconds(8));
  EXPECT_GT(Heard(listener, a), 40u);
  EXPECT_GT(Heard(listener, b), 40u);
  EXPECT_GT(Heard(a, listener), 40u);
  EXPECT_GT(Heard(b, listener), 40u);
}

TEST_F(AddressClaimsTest, S14_TwoRestartsThatCameToNothingKeepTheOldPair) {
  Person& a = link_.JoinSpeaker();
  Person& b = link_.JoinSpeaker();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(link_.engine->RestartIce(a.id, a.client.RestartOffer(), link_.now));
  }
  link_.Run(Duration::Seconds(60));
  EXPECT_TRUE(link_.closed.empty());
  EXPECT_GT(Heard(b, a), 40u);
}

TEST_F(AddressClaimsTest, S14_OfManyRestartsTheLastWorks) {
  Person& a = link_.JoinSpeaker();
  Person& b = link_.JoinSpeaker();
  for (int i = 0; i < 100; ++i) {
    const auto answer = link_.engine->RestartIce(a.id, a.client.RestartOffer(), link_.now);
    ASSERT_TRUE(answer);
    if (i < 99) continue;
    EXPECT_EQ(a.client.AcceptRestart(*answer, link_.now), std::nullopt);
  }
  link_.Run(Duration::Seconds(60));
  EXPECT_TRUE(link_.closed.empty());
  EXPECT_GT(Heard(b, a), 40u);
}

}  // namespace
}  // namespace earshot
