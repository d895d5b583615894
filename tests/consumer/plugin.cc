// What a plugin or an addon is to the library: one exported function, which runs a whole server and
// has somebody refused by it. Knows the public headers only.

#include <earshot/server.h>

#include <future>
#include <utility>

/// Zero when all went as it should.
extern "C" __attribute__((visibility("default"))) int RunEarshot() {
  earshot::ServerOptions options;
  options.bind_address = "127.0.0.1";
  options.base_port = 0;
  options.workers = 1;
  options.spaces.push_back({"office", {}});
  auto server =
      earshot::Server::Start(options, [](earshot::ParticipantId, earshot::CloseReason) {});
  if (!server) return 1;
  std::promise<bool> refused;
  earshot::JoinRequest request;
  request.space = "office";
  request.offer = "nonsense";
  (*server)->Join(std::move(request), [&refused](earshot::Result<earshot::Joined> joined) {
    refused.set_value(!joined && joined.error().code == "offer-invalid");
  });
  return refused.get_future().get() ? 0 : 2;
}
