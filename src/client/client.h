#pragma once

// A whole client, as a browser with the Earshot page is one: offers once, connects, opens the two
// channels, publishes synthetic media, walks, receives its slots, repairs and reports. Sans-IO like
// Engine, whose contract it keeps, and lean enough for thousands in one process. One thread.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "client/client_transport.h"
#include "client/media_sender.h"
#include "client/session.h"
#include "client/slot_receiver.h"
#include "earshot/floor_plan.h"
#include "wire/act_messages.h"
#include "wire/hearing_messages.h"
#include "wire/messages.h"

namespace earshot {

struct ClientOptions {
  ClientOffer offer;
  IceClientOptions ice;
  /// The SRTP index of each source's first packet is this and something below the bound.
  uint32_t first_index = 0;
  uint32_t first_index_bound = 0x7fff;
  MediaShape media = {};
  /// Sends nothing that the server says nobody wants.
  bool rests_unwanted = false;
};

/// Caller-owned and reused: send the datagrams, look at the rest, Clear.
struct ClientOutput {
  DatagramList datagrams;
  bool connected = false;
  bool closed = false;
  /// At most one per datagram; points into it.
  std::optional<ReceivedMedia> media;
  /// Why the last datagram was not used, if so.
  std::optional<DropReason> drop;
  /// Everything that came on the two channels, one record each.
  std::vector<ChannelMessage> messages;
  void Clear() {
    datagrams.Clear();
    connected = closed = false;
    media.reset();
    drop.reset();
    messages.clear();
  }
};

struct PersonInSight {
  SourceSet published;
  Pose pose;
  /// Whether one would hear it, and be heard by it.
  bool hears = false;
  bool is_heard = false;
};

class Client {
 public:
  /// `random` and `certificate` must outlive this object.
  Client(const ClientOptions& options, const DtlsCertificate& certificate, Random& random);

  std::string Offer() const { return session_.WriteOffer(); }
  std::array<std::optional<std::string>, kSourceKindCount> TrackMids() const {
    return session_.TrackMids();
  }
  /// `self` as the signalling said. An error's code is "answer-invalid".
  std::optional<Error> Accept(const std::string& answer, ParticipantId self, Timestamp now);
  /// The offer of an ICE restart; its answer goes to AcceptRestart.
  std::string RestartOffer();
  std::optional<Error> AcceptRestart(const std::string& answer, Timestamp now);

  void HandleDatagram(const SocketAddress& peer, ByteSpan bytes, Timestamp now, ClientOutput& out);
  void HandleDeadline(Timestamp now, ClientOutput& out);
  Timestamp NextDeadline() const { return next_deadline_; }

  /// Switches sources on and off, and tells the server as soon as it can be told.
  void Publish(SourceSet published, Timestamp now, ClientOutput& out);
  /// What the mic's packets say from now on.
  void SetTalking(bool talking);
  /// Sends the pose once; it may get lost. False before the channel is there.
  bool Move(const Pose& pose, Timestamp now, ClientOutput& out);
  /// Asks for something; the outcome comes among the messages. False before the channel is there.
  bool Ask(const ActMessage& act, Timestamp now, ClientOutput& out);
  /// Of RTCP, for tests: seals and sends the compound as it is.
  bool SendRtcp(ByteView compound, ClientOutput& out) {
    return transport_ && transport_->SendRtcp(compound, out.datagrams);
  }
  bool SendOnEvents(ByteView message, Timestamp now, ClientOutput& out);
  void Close(ClientOutput& out);

  bool connected() const { return is_connected_; }
  ParticipantId self() const { return self_; }
  SourceSet published() const { return published_; }
  const ClientSession& session() const { return session_; }
  ClientTransport* transport() { return transport_ ? &*transport_ : nullptr; }
  /// In the order of the answer; audio and video.
  const std::vector<SlotReceiver>& slots() const { return slots_; }
  const MediaSender* sender(SourceKind kind) const;
  const absl::flat_hash_map<ParticipantId, PersonInSight>& people() const { return people_; }
  /// Where one would be heard, as the server said last.
  const VoiceReach& reach() const { return reach_; }
  /// Where the server told it to stand instead of where it went, once each time.
  std::optional<Pose> TakeCorrectedPose() { return std::exchange(corrected_pose_, std::nullopt); }
  uint64_t nacks_received() const { return nacks_received_; }
  uint64_t keyframe_requests_received() const { return keyframe_requests_received_; }

 private:
  static constexpr Duration kReportInterval = Duration::Seconds(1);
  static constexpr Duration kPublishRetry = Duration::Millis(50);

  void HandleEvents(Timestamp now, ClientOutput& out);
  void HandleMessage(ByteView message, Timestamp now);
  void HandleSlotAssigned(const SlotAssigned& message);
  void StartAndStopSenders(Timestamp now);
  void HandleRtp(ByteView packet, Timestamp now, ClientOutput& out);
  void HandleRtcp(ByteView compound, Timestamp now, ClientOutput& out);
  void OpenChannels(Timestamp now, ClientOutput& out);
  void TellPublished(Timestamp now, ClientOutput& out);
  void RequestRepairs(Timestamp now, ClientOutput& out);
  void SendReports(Timestamp now, ClientOutput& out);
  MediaSender* FindSender(uint32_t ssrc);
  SlotReceiver* FindSlot(uint32_t ssrc);
  void RefileDeadline();

  const ClientOptions options_;
  const DtlsCertificate& certificate_;
  Random& random_;
  ClientSession session_;
  const uint32_t rtcp_ssrc_;
  ParticipantId self_ = kNoParticipant;
  std::optional<ClientTransport> transport_;
  ClientTransportEvents events_;
  std::vector<MediaSender> senders_;
  std::vector<SlotReceiver> slots_;
  absl::flat_hash_map<uint32_t, size_t> slot_of_ssrc_;
  absl::flat_hash_map<ParticipantId, PersonInSight> people_;
  VoiceReach reach_;
  std::optional<Pose> corrected_pose_;
  std::optional<uint16_t> events_channel_;
  std::optional<uint16_t> positions_channel_;
  SourceSet published_;
  WantedMessage wanted_{SourceSet::All(), LayerSet::All()};
  uint16_t pose_sequence_ = 0;
  bool is_connected_ = false;
  Timestamp next_publish_ = Timestamp::Never();  // the server has not been told yet
  Timestamp next_report_ = Timestamp::Never();
  uint64_t nacks_received_ = 0;
  uint64_t keyframe_requests_received_ = 0;
  Timestamp next_deadline_ = Timestamp::Never();
};

}  // namespace earshot
