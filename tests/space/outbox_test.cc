#include "space/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/messages.h"

namespace earshot {
namespace {

using testing::ElementsAre;

std::vector<std::vector<uint8_t>> RecordsIn(ByteView message) {
  std::vector<std::vector<uint8_t>> records;
  ForEachRecord(message,
                [&](ByteView record) { records.emplace_back(record.begin(), record.end()); });
  return records;
}

TEST(OutboxTest, HoldsRecordsInTheirOrder) {
  Outbox outbox;
  EXPECT_TRUE(outbox.empty());
  outbox.Add(std::vector<uint8_t>{1, 2, 3});
  outbox.Add(std::vector<uint8_t>{});
  outbox.Add(std::vector<uint8_t>{4});
  EXPECT_THAT(RecordsIn(outbox.message()),
              ElementsAre(ElementsAre(1, 2, 3), ElementsAre(), ElementsAre(4)));
  outbox.Clear();
  EXPECT_TRUE(outbox.empty());
}

TEST(OutboxTest, IsNeverLargerThanAMessage) {
  Outbox outbox;
  const std::vector<uint8_t> record(300, 7);
  while (outbox.Fits(record.size())) outbox.Add(record);
  EXPECT_EQ(RecordsIn(outbox.message()).size(), 3u);
  const size_t left = kMaxMessageBytes - outbox.message().size();
  EXPECT_TRUE(outbox.Fits(left - kRecordHeaderSize));
  EXPECT_FALSE(outbox.Fits(left - kRecordHeaderSize + 1));
}

TEST(OutboxTest, TakesTheLargestRecordWhenItIsEmpty) {
  EXPECT_TRUE(Outbox().Fits(kMaxMessageBytes - kRecordHeaderSize));
}

}  // namespace
}  // namespace earshot
