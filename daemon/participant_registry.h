#pragma once

// Which client speaks for which participant: joins, restarts and leaves on their way to the media
// server and back, who replaces whom, and the grace for those whose WebSocket is lost. The only
// file of the daemon, with its .cc, that calls the server for clients. The control thread, except
// where said.

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "deadline_timer.h"
#include "earshot/server.h"
#include "signalling.h"

namespace earshotd {

class ClientSession;

class ParticipantRegistry {
 public:
  ParticipantRegistry(boost::asio::io_context& io, earshot::Duration grace)
      : io_(io), grace_(grace) {}

  /// To be given to the server at its start; may be called from any thread, while the io_context
  /// and this object exist.
  earshot::Server::ClosedHandler MakeClosedHandler();
  /// Before the first client; `server` must outlive every client.
  void Serve(earshot::Server& server) { server_ = &server; }

  void AddClient(ClientSession& client) { clients_.insert(&client); }
  void RemoveClient(ClientSession& client);

  /// The result comes back to ClientSession::HandleJoinResult, later.
  void Join(JoinCommand command, const std::shared_ptr<ClientSession>& client);
  /// The result comes back to ClientSession::HandleRestartResult, later.
  void RestartIce(earshot::ParticipantId participant, std::string offer,
                  const std::shared_ptr<ClientSession>& client);
  void Leave(earshot::ParticipantId participant);
  /// The participant's WebSocket is lost; it stays for the grace.
  void LoseSignalling(earshot::ParticipantId participant);

  /// Calls `action` with every client; a client may leave the set while it is told.
  void ForEachClient(const std::function<void(ClientSession&)>& action);

  /// Tells every client that the server stops; calls `done` when the last WebSocket is gone.
  void Shutdown(std::function<void()> done);
  size_t client_count() const { return clients_.size(); }

 private:
  struct Entry {
    Entry(boost::asio::io_context& io, std::string identity_of, std::weak_ptr<ClientSession> of)
        : identity(std::move(identity_of)), client(std::move(of)), grace_timer(io.get_executor()) {}
    std::string identity;
    std::weak_ptr<ClientSession> client;
    DeadlineTimer grace_timer;
  };

  void OnJoinResult(const earshot::Result<earshot::Joined>& result, const std::string& identity,
                    const std::weak_ptr<ClientSession>& client);
  void Replace(const std::string& identity);
  void OnClosed(earshot::ParticipantId participant, earshot::CloseReason reason);
  void Erase(earshot::ParticipantId participant);

  boost::asio::io_context& io_;
  const earshot::Duration grace_;
  earshot::Server* server_ = nullptr;
  // The server's limits bound the participants, the listener's the clients.
  std::map<earshot::ParticipantId, std::unique_ptr<Entry>> participants_;
  std::map<std::string, earshot::ParticipantId> by_identity_;
  std::set<ClientSession*> clients_;
  std::function<void()> on_shut_down_;
};

}  // namespace earshotd
