// Engine puts spaces behind one port: it finds the participant of each datagram, a check by its ICE
// user fragment and all else by the addresses that checks came from, and admits and removes
// participants.

#include "earshot/engine.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/counters.h"
#include "base/random.h"
#include "base/timer_wheel.h"
#include "sdp/session.h"
#include "space/negotiation.h"
#include "space/peer_addresses.h"
#include "space/space.h"
#include "space/user_fragments.h"
#include "transport/dtls.h"
#include "wire/demux.h"

namespace earshot {
namespace {

constexpr Duration kCertificateLifetime = Duration::Seconds(30 * 24 * 3600);

// The longest prefix of at most `limit` bytes that does not cut a UTF-8 sequence.
std::string TruncateUtf8(std::string_view text, size_t limit) {
  if (text.size() <= limit) return std::string(text);
  size_t size = limit;
  while (size > 0 && (static_cast<uint8_t>(text[size]) & 0xc0) == 0x80) --size;
  return std::string(text.substr(0, size));
}

IceOptions MakeIceOptions(const MediaOptions& media) {
  IceOptions options;
  options.consent_timeout = media.consent_timeout;
  return options;
}

}  // namespace

std::string_view CloseReasonName(CloseReason reason) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "left",     "connect-timeout", "consent-expired", "dtls-failed", "fingerprint-mismatch",
      "internal", "shutting-down"};
  return kNames[static_cast<size_t>(reason)];
}

class Engine::Impl {
 public:
  Impl(const EngineOptions& options, std::shared_ptr<const DtlsCertificate> certificate,
       Random& random, Counters& counters)
      : options_(options),
        certificate_(std::move(certificate)),
        random_(random),
        counters_(counters),
        next_participant_(options.first_participant) {
    for (const SpaceOptions& space : options_.spaces) AddSpace(space);
  }

  bool AddSpace(const SpaceOptions& space);
  std::optional<SpaceOptions> RemoveSpace(std::string_view id);
  Result<Joined> Join(const JoinRequest& request, const sdp::Offer& offer, Timestamp now);
  Result<std::string> RestartIce(ParticipantId id, const sdp::Offer& offer, Timestamp now);
  Result<Joined> Refuse(std::string code, std::string message);
  void Close(ParticipantId id, CloseReason reason, Timestamp now, EngineOutput& out);
  void CloseAll(CloseReason reason, Timestamp now, EngineOutput& out);
  void HandleDatagram(const SocketAddress& peer, ByteSpan bytes, Timestamp now, EngineOutput& out);
  void HandleDeadline(Timestamp now, EngineOutput& out);
  void HandlePause(Duration pause);
  void SetCandidates(std::vector<SocketAddress> own) { options_.candidates = std::move(own); }
  Timestamp NextDeadline() const { return deadlines_.Next(); }
  Result<std::shared_ptr<const FloorPlan>> ReplacePlan(std::string_view space,
                                                       const FloorPlan& plan, Timestamp now,
                                                       EngineOutput& out);
  std::optional<Stance> StanceOf(ParticipantId id) const;
  std::vector<DoorState> DoorsOf(std::string_view space) const;
  bool Has(ParticipantId id) const { return members_.contains(id); }

 private:
  struct Member {
    size_t space;
    Participant* participant;
    std::shared_ptr<const DtlsCertificate> certificate;  // its transport refers to it
    std::vector<SocketAddress> addresses;                // that it claims in addresses_
    uint32_t tuples_version = 0;                         // of `addresses`
    std::vector<std::string> ufrags;                     // likewise in ufrags_
  };

  Member* FindMember(ParticipantId id) {
    const auto it = members_.find(id);
    return it == members_.end() ? nullptr : &it->second;
  }
  std::vector<std::unique_ptr<Space>>::const_iterator FindSpace(std::string_view id) const {
    return std::find_if(spaces_.begin(), spaces_.end(),
                        [id](const auto& space) { return space && space->id() == id; });
  }
  ParticipantId NewParticipantId();
  Point ArrivalOffset();
  void RenewCertificate(Timestamp now);
  bool IsOwnAddress(const SocketAddress& peer) const;
  void HandleCheck(const SocketAddress& peer, ByteSpan bytes, Timestamp now, EngineOutput& out);
  void Offer(const SocketAddress& peer, ByteSpan bytes, Timestamp now, EngineOutput& out);
  bool Deliver(ParticipantId id, const SocketAddress& peer, ByteSpan bytes, Timestamp now,
               EngineOutput& out, std::optional<DropReason>& drop);
  void LearnAddresses(ParticipantId id, Member& member, const SocketAddress& checked);
  void AfterTurn(size_t space, size_t closed_before, Timestamp now, EngineOutput& out);
  void Erase(ParticipantId id, Timestamp now, EngineOutput& out);

  EngineOptions options_;
  std::shared_ptr<const DtlsCertificate> certificate_;
  Timestamp certificate_expiry_ = Timestamp::Never();  // known from the first join on
  Random& random_;
  Counters& counters_;
  absl::flat_hash_map<ParticipantId, Member> members_;
  std::vector<std::unique_ptr<Space>> spaces_;  // null where one was removed
  PeerAddresses addresses_;
  UserFragments ufrags_;
  TimerWheel<size_t> deadlines_;  // of spaces
  uint32_t next_participant_;
  std::vector<uint8_t> untouched_;  // reused by Offer
};

bool Engine::Impl::AddSpace(const SpaceOptions& space) {
  if (FindSpace(space.id) != spaces_.end()) return false;
  const auto vacant = std::find(spaces_.begin(), spaces_.end(), nullptr);
  auto added = std::make_unique<Space>(space, options_.media, counters_);
  if (vacant == spaces_.end()) {
    spaces_.push_back(std::move(added));
  } else {
    *vacant = std::move(added);
  }
  return true;
}

std::optional<SpaceOptions> Engine::Impl::RemoveSpace(std::string_view id) {
  const auto found = FindSpace(id);
  if (found == spaces_.end() || (*found)->size() > 0) return std::nullopt;
  SpaceOptions removed{(*found)->id(), (*found)->PlanNow()};
  const auto index = static_cast<size_t>(found - spaces_.begin());
  deadlines_.Remove(index);
  spaces_[index].reset();
  return removed;
}

Result<Joined> Engine::Impl::Refuse(std::string code, std::string message) {
  counters_.joins_refused.Add();
  return Error{std::move(code), std::move(message)};
}

ParticipantId Engine::Impl::NewParticipantId() {
  // Wraps after 2^30 joins; an id still in use is then passed over.
  ParticipantId id;
  do {
    id = ParticipantId{next_participant_};
    next_participant_ += options_.participant_step;
    if (next_participant_ > kMaxParticipantId) next_participant_ = options_.first_participant;
  } while (members_.contains(id));
  return id;
}

Point Engine::Impl::ArrivalOffset() {
  const auto angle = static_cast<float>(random_.Unit() * 2 * std::numbers::pi);
  const auto radius = static_cast<float>(std::sqrt(random_.Unit()));
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

// Threat row D16. Transports keep the certificate that they began with.
void Engine::Impl::RenewCertificate(Timestamp now) {
  if (now >= certificate_expiry_) {
    // Better the old one than none, should OpenSSL fail.
    if (auto fresh = DtlsCertificate::Make()) certificate_ = std::move(fresh);
  } else if (!certificate_expiry_.IsNever()) {
    return;
  }
  certificate_expiry_ = now + kCertificateLifetime;
}

Result<Joined> Engine::Impl::Join(const JoinRequest& request, const sdp::Offer& offer,
                                  Timestamp now) {
  const auto found = FindSpace(request.space);
  if (found == spaces_.end()) return Refuse("space-unknown", "This space does not exist.");
  Space& space = **found;
  if (space.size() >= options_.media.max_participants_per_space) {
    return Refuse("limit-reached", "This space is full.");
  }
  const ParticipantId id = NewParticipantId();
  const auto negotiated = Negotiate(offer, request, id, options_.media, random_);
  if (!negotiated) return Refuse(negotiated.error().code, negotiated.error().message);

  Member& member = members_[id];
  member.space = static_cast<size_t>(found - spaces_.begin());
  RenewCertificate(now);
  member.certificate = certificate_;
  const IceCredentials local = ufrags_.Make(id, random_);
  member.ufrags.push_back(local.ufrag);
  ParticipantSetup setup{id,
                         TruncateUtf8(request.name, 255),
                         IsSpaceId(request.from) ? request.from : "",
                         ArrivalOffset(),
                         now,
                         request.may_publish,
                         request.track_mids,
                         request.identities,
                         request.grants};
  Joined joined;
  joined.participant = id;
  joined.pose = space.ArrivalOf(setup);
  joined.audio_slots = static_cast<uint8_t>(negotiated->audio_slots.size());
  joined.video_slots = static_cast<uint8_t>(negotiated->video_slots.size());
  joined.plan = std::make_shared<const FloorPlan>(space.PlanNow());
  joined.notices = negotiated->notices;
  joined.answer =
      WriteAnswer(*negotiated, local, member.certificate->fingerprint(), options_.candidates);

  auto participant = std::make_unique<Participant>(std::move(setup), *negotiated,
                                                   options_.media.ingress, random_, counters_);
  participant->transport.emplace(local, IceCredentials{offer.ice_ufrag, offer.ice_password},
                                 MakeIceOptions(options_.media), *member.certificate,
                                 FingerprintsOf(offer), now, options_.media.srtp_backend);
  member.participant = participant.get();
  space.Add(std::move(participant));
  deadlines_.Set(member.space, space.NextDeadline());
  counters_.joins.Add();
  counters_.participants.Add();
  return joined;
}

Result<std::string> Engine::Impl::RestartIce(ParticipantId id, const sdp::Offer& offer,
                                             Timestamp now) {
  Member* member = FindMember(id);
  if (member == nullptr) return Error{"participant-unknown", "This participant has left."};
  Participant& participant = *member->participant;
  JoinRequest request;
  request.may_publish = participant.setup().may_publish;
  request.track_mids = participant.setup().track_mids;
  auto negotiated = Negotiate(offer, request, id, options_.media, random_);
  if (!negotiated) return negotiated.error();
  // The streams stay what they are: only the ICE credentials are new.
  for (sdp::AnswerSection& section : negotiated->sections) {
    if (!section.ssrc) continue;
    const Slot* slot = participant.FindSlotByMid(section.offered->mid);
    if (slot == nullptr) {
      return Error{"offer-invalid", "An ICE restart must repeat the sections of the first offer."};
    }
    section.ssrc = slot->format().ssrc;
    if (section.rtx_ssrc) section.rtx_ssrc = slot->format().rtx_ssrc;
    section.cname = participant.cname();
  }
  IceLite& ice = participant.transport->ice();
  const IceCredentials local = ufrags_.Make(id, random_);
  ice.Restart(local, IceCredentials{offer.ice_ufrag, offer.ice_password}, now);
  member->ufrags.push_back(local.ufrag);
  std::erase_if(member->ufrags, [&](const std::string& ufrag) {
    const bool is_over = !ice.Answers(ufrag);
    if (is_over) ufrags_.Erase(ufrag);
    return is_over;
  });
  spaces_[member->space]->RefileDeadline(participant);
  deadlines_.Set(member->space, spaces_[member->space]->NextDeadline());
  return WriteAnswer(*negotiated, local, member->certificate->fingerprint(), options_.candidates);
}

void Engine::Impl::Close(ParticipantId id, CloseReason reason, Timestamp now, EngineOutput& out) {
  const Member* member = FindMember(id);
  if (member == nullptr) return;
  out.closed.push_back({id, reason, spaces_[member->space]->id()});
  Erase(id, now, out);
}

void Engine::Impl::CloseAll(CloseReason reason, Timestamp now, EngineOutput& out) {
  while (!members_.empty()) Close(members_.begin()->first, reason, now, out);
}

// Packet path 2/11; next: Space::HandleDatagram.
void Engine::Impl::HandleDatagram(const SocketAddress& peer, ByteSpan bytes, Timestamp now,
                                  EngineOutput& out) {
  counters_.packets_in.Add();
  counters_.bytes_in.Add(bytes.size());
  if (bytes.empty()) return counters_.Drop(DropReason::kEmpty);
  if (bytes.size() > options_.media.max_datagram_size) {
    return counters_.Drop(DropReason::kOversize);
  }
  if (!peer.IsValidPeer()) return counters_.Drop(DropReason::kInvalidSource);
  const PacketKind kind = ClassifyPacket(bytes);
  if (kind == PacketKind::kUnknown) return counters_.Drop(DropReason::kDemux);

  if (kind == PacketKind::kStun) {
    HandleCheck(peer, bytes, now, out);
  } else {
    Offer(peer, bytes, now, out);
  }
}

// By user fragment, never by address: a NAT may hand one client's address to another.
void Engine::Impl::HandleCheck(const SocketAddress& peer, ByteSpan bytes, Timestamp now,
                               EngineOutput& out) {
  // A forged source must not make us talk to ourselves (threat row P8).
  if (IsOwnAddress(peer)) return counters_.Drop(DropReason::kInvalidSource);
  const auto found = ufrags_.Find(bytes);
  if (const auto* reason = std::get_if<DropReason>(&found)) return counters_.Drop(*reason);
  const ParticipantId id = std::get<ParticipantId>(found);
  Member& member = members_.find(id)->second;
  const size_t closed_before = out.closed.size();
  const size_t space = member.space;
  const Inbound inbound =
      spaces_[space]->HandleDatagram(*member.participant, peer, bytes, now, out);
  if (inbound.drop) {
    counters_.Drop(*inbound.drop);
  } else {
    LearnAddresses(id, member, peer);
  }
  AfterTurn(space, closed_before, now, out);
}

// Who claims the address is asked in turn whether the datagram is its own, and hardly ever is there
// more than one.
void Engine::Impl::Offer(const SocketAddress& peer, ByteSpan bytes, Timestamp now,
                         EngineOutput& out) {
  const PeerAddresses::Claimants claimants = addresses_.Find(peer);
  if (claimants.size() == 0) return counters_.Drop(DropReason::kUnknownSource);
  if (claimants.size() > 1) untouched_.assign(bytes.begin(), bytes.end());
  std::optional<DropReason> first_drop;
  for (size_t i = 0; i < claimants.size(); ++i) {
    // Opening is in place, and leaves anything behind when it fails.
    if (i > 0) std::ranges::copy(untouched_, bytes.begin());
    std::optional<DropReason> drop;
    const bool is_its_own = Deliver(claimants[i], peer, bytes, now, out, drop);
    if (i == 0 || is_its_own) first_drop = drop;
    if (is_its_own) break;
  }
  if (first_drop) counters_.Drop(*first_drop);
}

// Whether it was the participant's own datagram.
bool Engine::Impl::Deliver(ParticipantId id, const SocketAddress& peer, ByteSpan bytes,
                           Timestamp now, EngineOutput& out, std::optional<DropReason>& drop) {
  const Member* member = FindMember(id);
  if (member == nullptr) return false;
  const size_t closed_before = out.closed.size();
  const size_t space = member->space;
  const Inbound inbound =
      spaces_[space]->HandleDatagram(*member->participant, peer, bytes, now, out);
  drop = inbound.drop;
  // Records of a handshake prove nothing, but only who is in one takes them.
  const bool is_in_handshake = !member->participant->transport->secure().media_ready();
  if (inbound.authenticated) addresses_.Confirm(peer, id);
  if (drop == DropReason::kUnknownSource) addresses_.Release(peer, id);
  AfterTurn(space, closed_before, now, out);
  return inbound.authenticated || (!drop && is_in_handshake);
}

bool Engine::Impl::IsOwnAddress(const SocketAddress& peer) const {
  const auto& own = options_.candidates;
  return std::find(own.begin(), own.end(), peer.By(0)) != own.end();
}

// The address table follows what the ICE agent has validated (threat rows P7 and S12). A check
// files its address anew each time, as others may have crowded it out.
void Engine::Impl::LearnAddresses(ParticipantId id, Member& member, const SocketAddress& checked) {
  const IceLite& ice = member.participant->transport->ice();
  if (ice.Knows(checked)) addresses_.Claim(checked, id);
  if (ice.tuples_version() == member.tuples_version) return;
  member.tuples_version = ice.tuples_version();
  for (const SocketAddress& address : member.addresses) {
    if (!ice.Knows(address)) addresses_.Release(address, id);
  }
  member.addresses = ice.Tuples();
}

void Engine::Impl::AfterTurn(size_t space, size_t closed_before, Timestamp now, EngineOutput& out) {
  for (size_t i = closed_before; i < out.closed.size(); ++i) {
    Erase(out.closed[i].participant, now, out);
  }
  deadlines_.Set(space, spaces_[space]->NextDeadline());
}

void Engine::Impl::Erase(ParticipantId id, Timestamp now, EngineOutput& out) {
  const auto it = members_.find(id);
  if (it == members_.end()) return;
  Member member = std::move(it->second);
  members_.erase(it);
  for (const SocketAddress& address : member.addresses) addresses_.Release(address, id);
  for (const std::string& ufrag : member.ufrags) ufrags_.Erase(ufrag);
  member.participant->transport->Close(now, out.datagrams);
  spaces_[member.space]->Remove(id, now, out);
  deadlines_.Set(member.space, spaces_[member.space]->NextDeadline());
  counters_.participants_closed.Add();
  counters_.participants.Subtract();
}

Result<std::shared_ptr<const FloorPlan>> Engine::Impl::ReplacePlan(std::string_view id,
                                                                   const FloorPlan& plan,
                                                                   Timestamp now,
                                                                   EngineOutput& out) {
  const auto found = FindSpace(id);
  if (found == spaces_.end()) return Error{"space-unknown", "This space does not exist."};
  if (std::string fault = ValidateFloorPlan(plan); !fault.empty()) {
    return Error{"plan-invalid", std::move(fault)};
  }
  const size_t closed_before = out.closed.size();
  (*found)->ReplacePlan(plan, now, out);
  AfterTurn(static_cast<size_t>(found - spaces_.begin()), closed_before, now, out);
  return std::make_shared<const FloorPlan>((*found)->PlanNow());
}

void Engine::Impl::HandleDeadline(Timestamp now, EngineOutput& out) {
  size_t space;
  while (deadlines_.PopDue(now, space)) {
    const size_t closed_before = out.closed.size();
    spaces_[space]->HandleDeadline(now, out);
    AfterTurn(space, closed_before, now, out);
  }
}

void Engine::Impl::HandlePause(Duration pause) {
  for (const auto& space : spaces_) {
    if (space != nullptr) space->HandlePause(pause);
  }
}

std::optional<Stance> Engine::Impl::StanceOf(ParticipantId id) const {
  const auto it = members_.find(id);
  if (it == members_.end()) return std::nullopt;
  return spaces_[it->second.space]->StanceOf(id);
}

std::vector<DoorState> Engine::Impl::DoorsOf(std::string_view space) const {
  const auto found = FindSpace(space);
  return found == spaces_.end() ? std::vector<DoorState>() : (*found)->DoorsNow();
}

Engine::Engine(const EngineOptions& options, std::shared_ptr<const DtlsCertificate> certificate,
               Random& random, Counters& counters)
    : impl_(std::make_unique<Impl>(options, std::move(certificate), random, counters)) {}
Engine::~Engine() = default;

bool Engine::AddSpace(const SpaceOptions& space) { return impl_->AddSpace(space); }
std::optional<SpaceOptions> Engine::RemoveSpace(std::string_view space) {
  return impl_->RemoveSpace(space);
}
Result<Joined> Engine::Join(const JoinRequest& request, Timestamp now) {
  const auto offer = sdp::ParseOffer(request.offer);
  if (!offer) return impl_->Refuse(offer.error().code, offer.error().message);
  return impl_->Join(request, *offer, now);
}
Result<std::string> Engine::RestartIce(ParticipantId participant, const std::string& offer_text,
                                       Timestamp now) {
  const auto offer = sdp::ParseOffer(offer_text);
  if (!offer) return offer.error();
  return impl_->RestartIce(participant, *offer, now);
}
Result<Joined> Engine::Join(const JoinRequest& request, const sdp::Offer& offer, Timestamp now) {
  return impl_->Join(request, offer, now);
}
Result<std::string> Engine::RestartIce(ParticipantId participant, const sdp::Offer& offer,
                                       Timestamp now) {
  return impl_->RestartIce(participant, offer, now);
}
void Engine::Leave(ParticipantId participant, Timestamp now, EngineOutput& out) {
  impl_->Close(participant, CloseReason::kLeft, now, out);
}
void Engine::CloseAll(CloseReason reason, Timestamp now, EngineOutput& out) {
  impl_->CloseAll(reason, now, out);
}
Result<std::shared_ptr<const FloorPlan>> Engine::ReplacePlan(std::string_view space,
                                                             const FloorPlan& plan, Timestamp now,
                                                             EngineOutput& out) {
  return impl_->ReplacePlan(space, plan, now, out);
}
void Engine::SetCandidates(std::vector<SocketAddress> candidates) {
  impl_->SetCandidates(std::move(candidates));
}
void Engine::HandleDatagram(const SocketAddress& peer, std::span<uint8_t> bytes, Timestamp now,
                            EngineOutput& out) {
  impl_->HandleDatagram(peer, bytes, now, out);
}
void Engine::HandleDeadline(Timestamp now, EngineOutput& out) { impl_->HandleDeadline(now, out); }
void Engine::HandlePause(Duration pause) { impl_->HandlePause(pause); }
Timestamp Engine::NextDeadline() const { return impl_->NextDeadline(); }
std::optional<Stance> Engine::StanceOf(ParticipantId participant) const {
  return impl_->StanceOf(participant);
}
std::vector<DoorState> Engine::DoorsOf(std::string_view space) const {
  return impl_->DoorsOf(space);
}
bool Engine::Has(ParticipantId participant) const { return impl_->Has(participant); }

}  // namespace earshot
