#include "participant_registry.h"

#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "client_session.h"

namespace earshotd {

using earshot::CloseReason;
using earshot::ParticipantId;
using earshot::Result;

earshot::Server::ClosedHandler ParticipantRegistry::MakeClosedHandler() {
  return [this](ParticipantId participant, CloseReason reason) {
    boost::asio::post(io_, [this, participant, reason] { OnClosed(participant, reason); });
  };
}

void ParticipantRegistry::RemoveClient(ClientSession& client) {
  clients_.erase(&client);
  if (clients_.empty() && on_shut_down_) std::exchange(on_shut_down_, nullptr)();
}

void ParticipantRegistry::Join(JoinCommand command, const std::shared_ptr<ClientSession>& client) {
  auto done = [this, identity = std::move(command.identity),
               weak = std::weak_ptr<ClientSession>(client)](Result<earshot::Joined> result) {
    boost::asio::post(io_, [this, identity, weak, result = std::move(result)] {
      OnJoinResult(result, identity, weak);
    });
  };
  server_->Join(std::move(command.request), std::move(done));
}

void ParticipantRegistry::OnJoinResult(const Result<earshot::Joined>& result,
                                       const std::string& identity,
                                       const std::weak_ptr<ClientSession>& client) {
  const std::shared_ptr<ClientSession> alive = client.lock();
  if (result.ok()) {
    const ParticipantId participant = result->participant;
    // Who left while the join was under way is nobody's participant any more.
    if (!alive || alive->lost()) return server_->Leave(participant);
    Replace(identity);
    participants_[participant] = std::make_unique<Entry>(io_, identity, client);
    by_identity_[identity] = participant;
  }
  if (alive) alive->HandleJoinResult(result);
}

void ParticipantRegistry::Replace(const std::string& identity) {
  const auto found = by_identity_.find(identity);
  if (found == by_identity_.end()) return;
  const ParticipantId old = found->second;
  const std::shared_ptr<ClientSession> client = participants_[old]->client.lock();
  Leave(old);
  if (client) client->HandleClosed("replaced");
}

void ParticipantRegistry::RestartIce(ParticipantId participant, std::string offer,
                                     const std::shared_ptr<ClientSession>& client) {
  auto done = [this, weak = std::weak_ptr<ClientSession>(client)](Result<std::string> result) {
    boost::asio::post(io_, [weak, result = std::move(result)] {
      if (const auto alive = weak.lock()) alive->HandleRestartResult(result);
    });
  };
  server_->RestartIce(participant, std::move(offer), std::move(done));
}

void ParticipantRegistry::Leave(ParticipantId participant) {
  if (!participants_.contains(participant)) return;
  Erase(participant);
  server_->Leave(participant);
}

void ParticipantRegistry::LoseSignalling(ParticipantId participant) {
  const auto found = participants_.find(participant);
  if (found == participants_.end()) return;
  found->second->grace_timer.Arm(Now() + grace_, [this, participant] { Leave(participant); });
}

void ParticipantRegistry::OnClosed(ParticipantId participant, CloseReason reason) {
  const auto found = participants_.find(participant);
  if (found == participants_.end()) return;
  const std::shared_ptr<ClientSession> client = found->second->client.lock();
  Erase(participant);
  if (client) client->HandleClosed(earshot::CloseReasonName(reason));
}

void ParticipantRegistry::Erase(ParticipantId participant) {
  const auto found = participants_.find(participant);
  const auto identity = by_identity_.find(found->second->identity);
  if (identity != by_identity_.end() && identity->second == participant) {
    by_identity_.erase(identity);
  }
  participants_.erase(found);
}

void ParticipantRegistry::ForEachClient(const std::function<void(ClientSession&)>& action) {
  const std::vector<ClientSession*> clients(clients_.begin(), clients_.end());
  for (ClientSession* client : clients) {
    if (clients_.contains(client)) action(*client);
  }
}

void ParticipantRegistry::Shutdown(std::function<void()> done) {
  if (clients_.empty()) return done();
  on_shut_down_ = std::move(done);
  ForEachClient([](ClientSession& client) { client.HandleClosed("shutting-down"); });
}

}  // namespace earshotd
