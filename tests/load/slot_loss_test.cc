#include "slot_loss.h"

#include <gtest/gtest.h>

namespace earshot::load {
namespace {

TEST(SlotLossTest, NothingIsExpectedBeforeTheFirstPacket) {
  SlotLoss loss;
  EXPECT_EQ(loss.expected(), 0u);
  loss.Close();
  loss.HandlePacket(5);
  EXPECT_EQ(loss.expected(), 0u);
}

TEST(SlotLossTest, AGapIsALossUntilItIsFilled) {
  SlotLoss loss;
  for (const int64_t sequence : {10, 11, 14}) loss.HandlePacket(sequence);
  EXPECT_EQ(loss.expected(), 5u);
  EXPECT_EQ(loss.lost(), 2u);
  loss.HandlePacket(13);
  EXPECT_EQ(loss.lost(), 1u);
  loss.HandlePacket(12);
  EXPECT_EQ(loss.lost(), 0u);
}

TEST(SlotLossTest, WhatWasSentBeforeItOpenedOrAfterItClosedDoesNotCount) {
  SlotLoss loss;
  loss.HandlePacket(10);
  loss.HandlePacket(12);
  loss.HandlePacket(9);
  EXPECT_EQ(loss.expected(), 3u);
  loss.Close();
  loss.HandlePacket(15);
  EXPECT_EQ(loss.expected(), 3u);
  EXPECT_EQ(loss.lost(), 1u);
  loss.HandlePacket(11);
  EXPECT_EQ(loss.lost(), 0u) << "a late packet fills its gap";
  loss.Open();
  EXPECT_EQ(loss.expected(), 0u);
}

}  // namespace
}  // namespace earshot::load
