#pragma once

// The whole server behind one thread-safe class: spaces, worker threads and sockets. Signalling is
// the embedder's: bring the client's offer here and the answer back to it. An embedder with an
// event loop of its own takes Engine (engine.h) instead.

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "earshot/options.h"
#include "earshot/result.h"
#include "earshot/stats.h"

namespace earshot {

/// What a client asks for, after the embedder has authenticated it.
struct JoinRequest {
  std::string space;
  /// Shown to the people around; valid UTF-8 of at most 512 bytes.
  std::string name;
  /// What the participant may publish; the rest of its sources is never forwarded.
  SourceSet may_publish = SourceSet::All();
  /// The client's one SDP offer.
  std::string offer;
  /// The MID of the offer's section for each SourceKind; unset for what is never published.
  std::array<std::optional<std::string>, kSourceKindCount> track_mids;
  /// Who it is and in which roles: the private zones of these owners are its own.
  std::vector<std::string> identities = {};
  Grants grants = {};
  /// The space that it comes from: it arrives at the portal that leads there, if there is one, in
  /// place of the spawn point.
  std::string from = {};
};

/// What of an offer is not used, although the join goes on.
struct Notice {
  /// "section-unusable": nobody could use it; "codecs-unusable": it has none that is forwarded.
  std::string code;
  /// Of the section; empty if it has none.
  std::string mid;
  /// A sentence that says why, and what is allowed.
  std::string message;
};

struct Joined {
  ParticipantId participant = kNoParticipant;
  Pose pose;
  uint8_t audio_slots = 0;
  uint8_t video_slots = 0;
  std::string answer;
  /// As it is now, with the doors in their present states.
  std::shared_ptr<const FloorPlan> plan;
  /// In the order of the offer; for each, the answer rejects the section or leaves it inactive.
  std::vector<Notice> notices = {};
};

enum class CloseReason : uint8_t {
  kLeft,            // Leave was called, or the client closed its transport
  kConnectTimeout,  // no connection within 30 s
  kConsentExpired,  // RFC 7675
  kDtlsFailed,
  kFingerprintMismatch,
  kInvariantViolation,  // the server had to end it, as also when the keys of media are spent
  kShuttingDown,
};
/// Lower case with hyphens, as in the protocol: "consent-expired".
std::string_view CloseReasonName(CloseReason reason);

class Server {
 public:
  /// Called once for each participant that ended, from a worker thread; must be quick and must not
  /// destroy the server. May call the server, also while it is being destroyed. Not called for
  /// participants whose Join failed. An exception that this or another callback throws is logged
  /// and goes no further.
  using ClosedHandler = std::function<void(ParticipantId, CloseReason)>;

  /// Binds the sockets and starts the workers; an error names the option ("options-invalid"), the
  /// address ("bind-failed") or what the system has none left of ("start-failed"), and leaves
  /// nothing running.
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                               ClosedHandler on_closed);
  /// Ends every participant (kShuttingDown), stops the workers and joins their threads.
  ~Server();

  /// Error codes: "space-unknown", "offer-invalid", "limit-reached", and "shutting-down" from a
  /// callback of a server that is being destroyed. `done` is called exactly once, from a worker
  /// thread or from inside this call.
  void Join(JoinRequest request, std::function<void(Result<Joined>)> done);
  /// `offer` gives new ICE credentials (RFC 8445 section 9); yields the answer. Error codes:
  /// "participant-unknown", "offer-invalid", "shutting-down".
  void RestartIce(ParticipantId participant, std::string offer,
                  std::function<void(Result<std::string>)> done);
  /// Does nothing for who has left already.
  void Leave(ParticipantId participant);

  /// Changes the floor under everybody's feet; nobody is dropped, and who may still receive what it
  /// receives goes on without a gap. Who stands where it may not is put to the spawn point. Yields
  /// the plan as it then is, as Joined has it. Error codes: "space-unknown", "plan-invalid",
  /// "shutting-down".
  void ReplacePlan(std::string space, FloorPlan plan,
                   std::function<void(Result<std::shared_ptr<const FloorPlan>>)> done);
  ServerStats Stats() const;
  /// Whether every worker's loop has turned within the last two seconds, and the host has an
  /// address for clients: what is bound or announced is there, or, where nothing says which, any
  /// besides loopback.
  bool Healthy() const;
  /// The UDP ports in use, one per worker.
  std::vector<uint16_t> Ports() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace earshot
