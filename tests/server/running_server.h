#pragma once

// A server under test, and its calls without callbacks. Test code only.

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "earshot/server.h"

namespace earshot {

inline ServerOptions SmallOptions(uint32_t workers = 2) {
  ServerOptions options;
  options.workers = workers;
  options.bind_address = "127.0.0.1";
  options.base_port = 0;
  options.spaces = {{"hall", {}}, {"attic", {}}};
  return options;
}

inline std::unique_ptr<Server> MustStart(const ServerOptions& options,
                                         Server::ClosedHandler on_closed = {}) {
  auto server = Server::Start(options, std::move(on_closed));
  EXPECT_TRUE(server) << server.error().message;
  return std::move(*server);
}

inline Result<Joined> Join(Server& server, JoinRequest request) {
  std::promise<Result<Joined>> joined;
  server.Join(std::move(request),
              [&joined](Result<Joined> result) { joined.set_value(std::move(result)); });
  return joined.get_future().get();
}

inline Result<std::shared_ptr<const FloorPlan>> ReplacePlan(Server& server, std::string space,
                                                            FloorPlan plan) {
  std::promise<Result<std::shared_ptr<const FloorPlan>>> replaced;
  server.ReplacePlan(std::move(space), std::move(plan),
                     [&replaced](auto result) { replaced.set_value(std::move(result)); });
  return replaced.get_future().get();
}

inline uint64_t ParticipantsOf(const Server& server) {
  uint64_t participants = 0;
  for (const WorkerStats& worker : server.Stats().workers) participants += worker.participants;
  return participants;
}

}  // namespace earshot
