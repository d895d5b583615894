#include "http_framing.h"

#include <gtest/gtest.h>

namespace earshotd {
namespace {

TEST(HttpFramingTest, H19_FoldedLinesOfTheHeaderAreFound) {
  EXPECT_TRUE(HasFoldedLine("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"));
  EXPECT_TRUE(HasFoldedLine("A:\r\n\tb"));
  EXPECT_TRUE(HasFoldedLine("GET / HTTP/1.1\r\n A: b\r\n\r\n"));
  EXPECT_FALSE(HasFoldedLine("GET / HTTP/1.1\r\nA: b\r\n\r\n body"));
  EXPECT_FALSE(HasFoldedLine("GET / HTTP/1.1\r\nA: b\r\n"));
  EXPECT_FALSE(HasFoldedLine("\r\n\r\n "));
  EXPECT_FALSE(HasFoldedLine(""));
}

unsigned StatusOf(const HttpRequest& request, bool is_chunked = false) {
  const auto refusal = RefuseFraming(request, is_chunked);
  return refusal ? refusal->result_int() : 200;
}

HttpRequest MakeRequest() {
  HttpRequest request(http::verb::post, "/echo", 11);
  request.set(http::field::host, "x");
  return request;
}

TEST(HttpFramingTest, H19_OneMeaningOrNone) {
  HttpRequest request = MakeRequest();
  EXPECT_EQ(StatusOf(request), 200u);
  request.set(http::field::transfer_encoding, "Chunked");
  EXPECT_EQ(StatusOf(request, true), 200u);
  request.set(http::field::transfer_encoding, "deflate, chunked");
  EXPECT_EQ(StatusOf(request, true), 501u);
  request.set(http::field::transfer_encoding, "deflate");
  EXPECT_EQ(StatusOf(request, false), 400u);
}

TEST(HttpFramingTest, H19_FieldsWithOneValueComeOnce) {
  for (const http::field field :
       {http::field::host, http::field::origin, http::field::authorization,
        http::field::content_type, http::field::content_length, http::field::sec_websocket_key}) {
    HttpRequest request = MakeRequest();
    request.insert(field, "a");
    request.insert(field, "a");
    EXPECT_EQ(StatusOf(request), 400u) << field;
  }
  HttpRequest request = MakeRequest();
  request.insert(http::field::accept, "a");
  request.insert(http::field::accept, "b");
  EXPECT_EQ(StatusOf(request), 200u);
}

}  // namespace
}  // namespace earshotd
