// SctpAssociation on usrsctp, and the only file that includes usrsctp.h.
//
// usrsctp is one library instance per process, with one timer wheel, and calls back for whatever
// association a packet or a tick touched. So here, and nowhere else in the core, is a lock: every
// call into usrsctp is made under Library::mutex_, callbacks run under it and only append to the
// mailbox of the association they name, and each association empties its own mailbox at the end of
// its own calls. An association is named by a number that is never used twice, so that a callback
// for one that is gone finds nothing (threat row T11).
//
// Silence is free: heartbeats are off (ICE asks for one when it needs it), and so an association
// only needs ticks while something is unanswered: the handshake, unacknowledged data, a stream
// reset, or what the peer sent. Then it asks for one every kTick. Whoever ticks turns the wheel for
// all; a packet that thereby arises for somebody else waits in that one's mailbox for its own tick,
// which is at most kTick away, since it has something unanswered too.
//
// usrsctp finds endpoints by their port, among which it searches one by one. All of ours have the
// same on the wire (RFC 8841), so inside each has one of its own: packets are rewritten on their
// way in and out, and a join costs the same however many people are there.
//
// At each turn of the wheel, usrsctp walks all timers of all associations. The one that every
// endpoint has, for a new cookie secret each hour, is never started: cookies go through DTLS, and
// an endpoint serves one handshake. So the list holds what somebody waits for, and nothing else.
//
// usrsctp also asks the wall clock, for round-trip times and for whether a retransmission is due.
// The build renames that one call in the copy of the library that we link (src/CMakeLists.txt), so
// it ends up in EarshotUsrsctpTime below, which shows the same clock that turns the wheel.

#include "transport/sctp.h"

#include <netinet/in.h>
#include <sys/time.h>
#include <usrsctp.h>

#include <array>
#include <bitset>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "transport/sctp_mailbox.h"
#include "transport/sctp_packet.h"
#include "transport/tick_clock.h"

namespace earshot {
namespace {

constexpr Duration kTick = Duration::Millis(100);
// RFC 9260 section 6.2: every second packet is acknowledged at once, and a single one after this
// time, unless data goes the other way meanwhile.
constexpr Duration kAckDelay = Duration::Millis(100);
// Threat row T8: at most 20 reset requests per second, and one that the peer does not answer is
// not waited for any longer than this.
constexpr Duration kResetInterval = Duration::Millis(50);
constexpr Duration kResetTimeout = Duration::Seconds(10);
// Packets for an association whose worker does not come to fetch them; SCTP repeats the rest.
constexpr size_t kMaxWaitingPackets = 512;
constexpr int kReceiveBuffer = 128 * 1024;
constexpr int kSendBuffer = 256 * 1024;
constexpr uint32_t kUselessTimer = 3'600'000;  // ticks, which are milliseconds
constexpr size_t kSctpHeaderSize = 12;
constexpr size_t kDestinationPortOffset = 2;

using AssociationId = uintptr_t;

void* AsAddress(AssociationId id) { return reinterpret_cast<void*>(id); }
AssociationId AsId(void* address) { return reinterpret_cast<AssociationId>(address); }
// What stands for port 5000 inside. Two associations may share one, they differ by address then.
uint16_t InnerPort(AssociationId id) { return static_cast<uint16_t>(1024 + id % (65536 - 1024)); }

void HandleAssociationChange(const sctp_assoc_change& change, SctpMailbox& mailbox) {
  if (change.sac_state == SCTP_COMM_UP) {
    mailbox.connected = true;
    mailbox.outbound_streams = change.sac_outbound_streams;
  } else {
    // A restart by the peer counts as a loss too: it forgot all streams, and a data channel peer
    // has no reason to restart inside one DTLS association.
    mailbox.lost = true;
  }
}

void HandleStreamReset(const sctp_stream_reset_event& event, size_t size, SctpMailbox& mailbox) {
  if (size < sizeof(event)) return;
  if (event.strreset_flags & SCTP_STREAM_RESET_OUTGOING_SSN) mailbox.reset_answered = true;
  constexpr uint16_t kRefused = SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED;
  if (!(event.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN)) return;
  if (event.strreset_flags & kRefused) return;
  const size_t count = (size - sizeof(event)) / sizeof(uint16_t);
  if (count == 0) {  // no list: all streams
    for (uint16_t i = 0; i < SctpAssociation::kMaxStreams; ++i) mailbox.reset_streams.push_back(i);
  }
  for (size_t i = 0; i < count; ++i) mailbox.reset_streams.push_back(event.strreset_stream_list[i]);
}

void HandleNotification(const sctp_notification& notification, size_t size, SctpMailbox& mailbox) {
  if (size < sizeof(notification.sn_header) || notification.sn_header.sn_length != size) return;
  switch (notification.sn_header.sn_type) {
    case SCTP_ASSOC_CHANGE:
      HandleAssociationChange(notification.sn_assoc_change, mailbox);
      break;
    case SCTP_SHUTDOWN_EVENT:
      mailbox.lost = true;
      break;
    case SCTP_STREAM_RESET_EVENT:
      HandleStreamReset(notification.sn_strreset_event, size, mailbox);
      break;
    case SCTP_PARTIAL_DELIVERY_EVENT:
      mailbox.partial.bytes.clear();  // the peer gave the rest up
      break;
    default:
      break;
  }
}

class Library {
 public:
  // Never destroyed: usrsctp_finish fails while anything lingers, and the process ends anyway.
  static Library& Instance() {
    static Library* const library = new Library;
    return *library;
  }

  // Everything below needs this, until the end of the caller's turn.
  std::unique_lock<std::mutex> Lock() { return std::unique_lock(mutex_); }

  AssociationId Register(SctpMailbox* mailbox) {
    const AssociationId id = ++last_id_;
    mailboxes_.emplace(id, mailbox);
    usrsctp_register_address(AsAddress(id));
    return id;
  }
  // From here on callbacks for this id are ignored.
  void Forget(AssociationId id) {
    mailboxes_.erase(id);
    if (mailboxes_.empty()) clock_.Reset();
  }
  // Also sets the time for the calls that follow.
  void TurnTimers(Timestamp now) {
    const uint32_t elapsed = clock_.Advance(now);
    if (elapsed != 0) usrsctp_handle_timers(elapsed);
  }
  static Timestamp Time() { return clock_.time(); }
  struct socket* OpenSocket(AssociationId id) {
    return usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, OnReceive, nullptr, 0, AsAddress(id));
  }

 private:
  Library();

  SctpMailbox* Find(AssociationId id) {
    const auto it = mailboxes_.find(id);
    return it == mailboxes_.end() ? nullptr : it->second;
  }
  static int OnOutput(void* address, void* buffer, size_t length, uint8_t, uint8_t) {
    SctpMailbox* const mailbox = Instance().Find(AsId(address));
    if (mailbox == nullptr || length < kSctpHeaderSize) return 0;
    if (mailbox->packets.size() >= kMaxWaitingPackets) return 0;
    const ByteSpan room = mailbox->packets.Reserve(length);
    std::memcpy(room.data(), buffer, length);
    StoreBigEndian(room.data(), SctpAssociation::kPort);
    WriteSctpChecksum(room);
    if (const uint32_t tag = SctpVerificationTag(room)) mailbox->peer_tag = tag;
    mailbox->packets.Commit(length);
    return 0;
  }
  static int OnReceive(struct socket*, union sctp_sockstore, void* data, size_t length,
                       struct sctp_rcvinfo info, int flags, void* address) {
    SctpMailbox* const mailbox = Instance().Find(AsId(address));
    if (mailbox != nullptr && data == nullptr) {
      mailbox->lost = true;
    } else if (mailbox != nullptr && flags & MSG_NOTIFICATION) {
      HandleNotification(*static_cast<const sctp_notification*>(data), length, *mailbox);
    } else if (mailbox != nullptr) {
      const ByteView bytes(static_cast<const uint8_t*>(data), length);
      mailbox->AddData(info.rcv_sid, ntohl(info.rcv_ppid), bytes, flags & MSG_EOR);
    }
    std::free(data);  // usrsctp allocated it for us
    return 1;
  }

  std::mutex mutex_;
  absl::flat_hash_map<AssociationId, SctpMailbox*> mailboxes_;
  AssociationId last_id_ = 0;
  // Static, since usrsctp asks for the time while the constructor initialises it.
  static constinit TickClock clock_;
};

constinit TickClock Library::clock_;

// Threat rows T1, T3 and T4: what data channels do not need is off, and what they need is bounded.
Library::Library() {
  // The hash tables of all associations, and of the only one of an endpoint.
  usrsctp_tunable_set_sctp_hashtblsize(4096);
  usrsctp_tunable_set_sctp_pcbtblsize(4);
  usrsctp_init_nothreads(0, OnOutput, nullptr);
  // Our validator has checked, and OnOutput fills in.
  usrsctp_enable_crc32c_offload();
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_sysctl_set_sctp_asconf_enable(0);
  usrsctp_sysctl_set_sctp_auto_asconf(0);
  usrsctp_sysctl_set_sctp_auth_enable(0);
  usrsctp_sysctl_set_sctp_nrsack_enable(0);
  usrsctp_sysctl_set_sctp_pktdrop_enable(0);
  usrsctp_sysctl_set_sctp_nat_friendly(0);
  usrsctp_sysctl_set_sctp_inits_include_nat_friendly(0);
  usrsctp_sysctl_set_sctp_pr_enable(1);
  usrsctp_sysctl_set_sctp_reconfig_enable(1);
  usrsctp_sysctl_set_sctp_nr_incoming_streams_default(SctpAssociation::kMaxStreams);
  usrsctp_sysctl_set_sctp_nr_outgoing_streams_default(SctpAssociation::kMaxStreams);
  usrsctp_sysctl_set_sctp_recvspace(kReceiveBuffer);
  usrsctp_sysctl_set_sctp_sendspace(kSendBuffer);
  // A chunk waiting for its turn costs an mbuf cluster, whatever its size: 256 of them stay below
  // 1 MiB, and are more than the receive window holds of full ones.
  usrsctp_sysctl_set_sctp_max_chunks_on_queue(256);
  // What an association has done with goes back to the heap, not to a list of its own.
  usrsctp_sysctl_set_sctp_asoc_free_resc_limit(0);
  usrsctp_sysctl_set_sctp_sack_freq_default(2);
  usrsctp_sysctl_set_sctp_delayed_sack_time_default(static_cast<uint32_t>(kAckDelay.millis()));
  // Browsers take up to 200 ms to acknowledge.
  usrsctp_sysctl_set_sctp_rto_min_default(400);
  usrsctp_sysctl_set_sctp_rto_initial_default(500);
  usrsctp_sysctl_set_sctp_rto_max_default(2000);
  usrsctp_sysctl_set_sctp_init_rto_max_default(2000);
  // A minute and more of silence: ICE consent decides much earlier whether the peer is gone.
  usrsctp_sysctl_set_sctp_init_rtx_max_default(40);
  usrsctp_sysctl_set_sctp_assoc_rtx_max_default(40);
  usrsctp_sysctl_set_sctp_path_rtx_max_default(40);
  // RFC 8260 interleaving would allow several partial messages at once.
  usrsctp_sysctl_set_sctp_default_frag_interleave(0);
}

template <typename Option>
bool Set(struct socket* socket, int name, const Option& option) {
  return usrsctp_setsockopt(socket, IPPROTO_SCTP, name, &option, sizeof(option)) == 0;
}

bool Subscribe(struct socket* socket) {
  for (const int type : {SCTP_ASSOC_CHANGE, SCTP_SHUTDOWN_EVENT, SCTP_PARTIAL_DELIVERY_EVENT,
                         SCTP_STREAM_RESET_EVENT}) {
    sctp_event event{};
    event.se_assoc_id = SCTP_FUTURE_ASSOC;
    event.se_type = static_cast<uint16_t>(type);
    event.se_on = 1;
    if (!Set(socket, SCTP_EVENT, event)) return false;
  }
  return true;
}

bool Configure(struct socket* socket) {
  // Closing is always an abort: a data channel peer has nothing to gain from a shutdown handshake.
  linger abort_on_close{};
  abort_on_close.l_onoff = 1;
  if (usrsctp_set_non_blocking(socket, 1) != 0) return false;
  if (usrsctp_setsockopt(socket, SOL_SOCKET, SO_LINGER, &abort_on_close, sizeof(abort_on_close))) {
    return false;
  }
  sctp_paddrparams path{};
  path.spp_flags = SPP_PMTUD_DISABLE | SPP_HB_DISABLE;
  path.spp_pathmtu = SctpAssociation::kMaxPacketSize - kSctpHeaderSize;  // room for chunks
  sctp_initmsg init{};
  init.sinit_num_ostreams = SctpAssociation::kMaxStreams;
  init.sinit_max_instreams = SctpAssociation::kMaxStreams;
  sctp_assoc_value resets{};
  resets.assoc_id = SCTP_FUTURE_ASSOC;
  resets.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ;
  const uint32_t no_delay = 1;
  const auto partial_delivery_point = static_cast<uint32_t>(SctpAssociation::kMaxMessageSize);
  return Set(socket, SCTP_PEER_ADDR_PARAMS, path) && Set(socket, SCTP_INITMSG, init) &&
         Set(socket, SCTP_ENABLE_STREAM_RESET, resets) && Set(socket, SCTP_NODELAY, no_delay) &&
         Set(socket, SCTP_PARTIAL_DELIVERY_POINT, partial_delivery_point) && Subscribe(socket);
}

sockaddr_conn AddressOf(AssociationId id, uint16_t port) {
  sockaddr_conn address{};
  address.sconn_family = AF_CONN;
  address.sconn_port = htons(port);
  address.sconn_addr = AsAddress(id);
  return address;
}

class UsrsctpAssociation final : public SctpAssociation {
 public:
  UsrsctpAssociation() {
    Library& library = Library::Instance();
    const auto lock = library.Lock();
    id_ = library.Register(&mailbox_);
  }
  ~UsrsctpAssociation() override {
    Library& library = Library::Instance();
    const auto lock = library.Lock();
    library.Forget(id_);
    CloseSocket();
    usrsctp_deregister_address(AsAddress(id_));
  }

  void Connect(Timestamp now, SctpOutput& out) override;
  std::optional<DropReason> HandlePacket(ByteView packet, Timestamp now, SctpOutput& out) override;
  bool Send(uint16_t stream, SctpPpid ppid, ByteView message, const SctpSendOptions& options,
            Timestamp now, SctpOutput& out) override;
  void ResetStream(uint16_t stream, Timestamp now, SctpOutput& out) override;
  void Probe(SctpOutput& out) override;
  void HandleDeadline(Timestamp now, SctpOutput& out) override;
  Timestamp NextDeadline() const override { return next_deadline_; }
  SctpState state() const override { return state_; }

 private:
  // The rest needs Library's lock.
  void CloseSocket() {
    if (socket_ != nullptr) usrsctp_close(std::exchange(socket_, nullptr));
  }
  bool OpenAndConnect();
  void Settle(Timestamp now, SctpOutput& out);
  void SendResets(Timestamp now);
  bool IsAnythingUnanswered(Timestamp now) const;

  AssociationId id_ = 0;
  struct socket* socket_ = nullptr;
  SctpMailbox mailbox_;  // guarded by Library::mutex_
  SctpState state_ = SctpState::kConnecting;
  Timestamp next_deadline_ = Timestamp::Never();
  // By then, what the peer has sent is acknowledged.
  Timestamp ack_due_ = Timestamp::LongAgo();
  std::bitset<kMaxStreams> resets_waiting_;
  bool is_reset_outstanding_ = false;
  Timestamp last_reset_ = Timestamp::LongAgo();
};

void UsrsctpAssociation::Connect(Timestamp now, SctpOutput& out) {
  if (socket_ != nullptr || state_ != SctpState::kConnecting) return;
  Library& library = Library::Instance();
  const auto lock = library.Lock();
  library.TurnTimers(now);
  if (!OpenAndConnect()) mailbox_.lost = true;
  Settle(now, out);
}

bool UsrsctpAssociation::OpenAndConnect() {
  socket_ = Library::Instance().OpenSocket(id_);
  if (socket_ == nullptr || !Configure(socket_)) return false;
  sockaddr_conn local = AddressOf(id_, InnerPort(id_));
  sockaddr_conn remote = AddressOf(id_, kPort);
  if (usrsctp_bind(socket_, reinterpret_cast<sockaddr*>(&local), sizeof(local)) != 0) return false;
  return usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&remote), sizeof(remote)) == 0 ||
         errno == EINPROGRESS;
}

std::optional<DropReason> UsrsctpAssociation::HandlePacket(ByteView packet, Timestamp now,
                                                           SctpOutput& out) {
  if (socket_ == nullptr) return DropReason::kTransportClosed;
  if (!IsAcceptableSctpPacket(packet)) return DropReason::kSctpMalformed;
  Library& library = Library::Instance();
  const auto lock = library.Lock();
  library.TurnTimers(now);
  std::array<uint8_t, kMaxInboundSctpPacketSize> inner;
  std::memcpy(inner.data(), packet.data(), packet.size());
  StoreBigEndian(inner.data() + kDestinationPortOffset, InnerPort(id_));
  usrsctp_conninput(AsAddress(id_), inner.data(), packet.size(), 0);
  ack_due_ = now + kAckDelay + TickClock::kGranularity;
  Settle(now, out);
  return std::nullopt;
}

bool UsrsctpAssociation::Send(uint16_t stream, SctpPpid ppid, ByteView message,
                              const SctpSendOptions& options, Timestamp now, SctpOutput& out) {
  if (state_ != SctpState::kConnected) return false;
  if (message.empty() || message.size() > kMaxMessageSize) return false;
  sctp_sendv_spa how{};
  how.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  how.sendv_sndinfo.snd_sid = stream;
  how.sendv_sndinfo.snd_ppid = htonl(static_cast<uint32_t>(ppid));
  how.sendv_sndinfo.snd_flags = options.ordered ? 0 : SCTP_UNORDERED;
  if (options.max_retransmits) {
    how.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    how.sendv_prinfo.pr_policy = SCTP_PR_SCTP_RTX;
    how.sendv_prinfo.pr_value = *options.max_retransmits;
  }
  Library& library = Library::Instance();
  const auto lock = library.Lock();
  library.TurnTimers(now);
  const ssize_t sent = usrsctp_sendv(socket_, message.data(), message.size(), nullptr, 0, &how,
                                     sizeof(how), SCTP_SENDV_SPA, 0);
  Settle(now, out);
  return sent == static_cast<ssize_t>(message.size());
}

void UsrsctpAssociation::ResetStream(uint16_t stream, Timestamp now, SctpOutput& out) {
  if (state_ != SctpState::kConnected || stream >= kMaxStreams) return;
  Library& library = Library::Instance();
  const auto lock = library.Lock();
  library.TurnTimers(now);
  // A stream that the peer did not grant us cannot be reset, and would spoil the whole request.
  if (stream < mailbox_.outbound_streams) resets_waiting_.set(stream);
  Settle(now, out);
}

// Not by usrsctp, which would start timers for the answer. When that comes, usrsctp does not know
// the heartbeat and ignores it.
void UsrsctpAssociation::Probe(SctpOutput& out) {
  if (state_ != SctpState::kConnected) return;
  const auto lock = Library::Instance().Lock();
  WriteSctpHeartbeat(mailbox_.peer_tag, out.packets.Reserve(kSctpHeartbeatSize));
  out.packets.Commit(kSctpHeartbeatSize);
}

void UsrsctpAssociation::HandleDeadline(Timestamp now, SctpOutput& out) {
  if (now < next_deadline_) return;
  Library& library = Library::Instance();
  const auto lock = library.Lock();
  library.TurnTimers(now);
  Settle(now, out);
  next_deadline_ = IsAnythingUnanswered(now) ? now + kTick : Timestamp::Never();
}

// At the end of every turn: what happened becomes state, output and the next deadline.
void UsrsctpAssociation::Settle(Timestamp now, SctpOutput& out) {
  if (mailbox_.connected && state_ == SctpState::kConnecting) state_ = SctpState::kConnected;
  if (mailbox_.lost || mailbox_.violated) {
    CloseSocket();  // sends the abort, which Take picks up
    state_ = SctpState::kClosed;
  }
  if (state_ == SctpState::kConnected) SendResets(now);
  mailbox_.Take(out);
  // Whether there is anything to wait for is not asked before the next tick.
  if (next_deadline_.IsNever() && state_ != SctpState::kClosed) next_deadline_ = now + kTick;
}

// One request for all streams that wait; RFC 6525 section 5.1.1 allows one outstanding request.
void UsrsctpAssociation::SendResets(Timestamp now) {
  if (std::exchange(mailbox_.reset_answered, false)) is_reset_outstanding_ = false;
  if (now - last_reset_ > kResetTimeout) is_reset_outstanding_ = false;
  if (resets_waiting_.none() || is_reset_outstanding_ || now < last_reset_ + kResetInterval) return;
  // The list of streams lies behind the header, as a flexible array.
  alignas(sctp_reset_streams)
      std::array<uint8_t, sizeof(sctp_reset_streams) + kMaxStreams * sizeof(uint16_t)>
          buffer{};
  auto* const request = reinterpret_cast<sctp_reset_streams*>(buffer.data());
  request->srs_flags = SCTP_STREAM_RESET_OUTGOING;
  for (uint16_t i = 0; i < kMaxStreams; ++i) {
    if (resets_waiting_.test(i)) request->srs_stream_list[request->srs_number_streams++] = i;
  }
  const size_t size = sizeof(*request) + request->srs_number_streams * sizeof(uint16_t);
  last_reset_ = now;
  const int result = usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RESET_STREAMS, request,
                                        static_cast<socklen_t>(size));
  if (result != 0 && (errno == EALREADY || errno == EAGAIN || errno == ENOMEM)) return;
  resets_waiting_.reset();
  is_reset_outstanding_ = result == 0;
}

bool UsrsctpAssociation::IsAnythingUnanswered(Timestamp now) const {
  if (socket_ == nullptr) return false;
  if (now < ack_due_ || state_ == SctpState::kConnecting || is_reset_outstanding_ ||
      resets_waiting_.any()) {
    return true;
  }
  sctp_status status{};
  socklen_t size = sizeof(status);
  if (usrsctp_getsockopt(socket_, IPPROTO_SCTP, SCTP_STATUS, &status, &size) != 0) return false;
  return status.sstat_unackdata != 0 || status.sstat_penddata != 0;
}

}  // namespace

// What usrsctp calls instead of gettimeofday; only ever from inside one of the calls above.
extern "C" int EarshotUsrsctpTime(timeval* time, void* zone);
extern "C" int EarshotUsrsctpTime(timeval* time, void*) {
  const int64_t micros = Library::Time().micros();
  time->tv_sec = micros / 1'000'000;
  time->tv_usec = micros % 1'000'000;
  return 0;
}

// What usrsctp has in place of libc's in6addr_any, for sockets that nobody opens.
extern "C" const in6_addr EarshotUsrsctpAnyAddress = IN6ADDR_ANY_INIT;

// What usrsctp calls to start a timer, and what it meant to call. Zero says that the timer now
// refers to its endpoint, so one that is not started must not say so: nobody would let go of it.
extern "C" int __wrap_sctp_os_timer_start(void*, uint32_t, void (*)(void*), void*);
extern "C" int __real_sctp_os_timer_start(void*, uint32_t, void (*)(void*), void*);
extern "C" int __wrap_sctp_os_timer_start(void* timer, uint32_t ticks, void (*callback)(void*),
                                          void* argument) {
  return ticks < kUselessTimer ? __real_sctp_os_timer_start(timer, ticks, callback, argument) : 1;
}

std::unique_ptr<SctpAssociation> SctpAssociation::Create(Timestamp) {
  return std::make_unique<UsrsctpAssociation>();
}

}  // namespace earshot
