// RFC 3261 17.2.3: what belongs to which server transaction.

#include "l2_transaction/key.hh"

#include <gtest/gtest.h>

#include <string>

namespace opensips::transaction {
namespace {

using parser::Method;

constexpr base::SipKey kKey{1, 2};

struct Request {
  std::string method = "INVITE";
  std::string uri = "sip:b@192.0.2.1";
  std::string via = "192.0.2.9";
  std::string branch = ";branch=z9hG4bKone";
  std::string from_tag = "a";
  std::string to_tag = {};
  std::string call_id = "call";
  std::string cseq = "7";

  base::Ref<parser::Message> message() const {
    return parser::Message::parse(method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + via +
                                      branch + "\r\nFrom: <sip:a@192.0.2.9>;tag=" + from_tag +
                                      "\r\nTo: <sip:b@192.0.2.1>" + to_tag + "\r\nCall-ID: " +
                                      call_id + "\r\nCSeq: " + cseq + " " + method + "\r\n\r\n",
                                  {})
        .message;
  }
};

std::uint64_t key_of(const Request& request, Method method = Method::invite) {
  return server_key(kKey, *request.message(), method);
}
std::uint64_t merge_of(const Request& request) {
  return merge_key(kKey, *request.message());
}

TEST(ServerKey, CopyHasTheSame) {
  EXPECT_EQ(key_of({}), key_of({}));
}

TEST(ServerKey, AckAndCancelFindTheirInvite) {
  EXPECT_EQ(key_of({.method = "ACK", .to_tag = ";tag=b"}), key_of({}));
  EXPECT_EQ(key_of({.method = "CANCEL"}), key_of({}));
}

TEST(ServerKey, DiffersByBranchSentByAndMethod) {
  const auto key = key_of({});
  EXPECT_NE(key_of({.branch = ";branch=z9hG4bKtwo"}), key);
  EXPECT_NE(key_of({.via = "192.0.2.8"}), key);
  EXPECT_NE(key_of({.via = "192.0.2.9:5061"}), key);
  EXPECT_NE(key_of({.method = "CANCEL"}, Method::cancel), key);
}

TEST(ServerKey, DefaultPortIsThePort) {
  EXPECT_EQ(key_of({.via = "192.0.2.9:5060"}), key_of({}));
}

TEST(ServerKey, UnknownMethodsAreToldApartByTheirNames) {
  EXPECT_NE(key_of({.method = "FOO"}, Method::other), key_of({.method = "BAR"}, Method::other));
}

TEST(ServerKey, BytesCannotMoveFromOnePartToTheNext) {
  EXPECT_NE(key_of({.method = "FOOz9hG4bK", .branch = ";branch=z9hG4bKx"}, Method::other),
            key_of({.method = "FOO", .branch = ";branch=z9hG4bKz9hG4bKx"}, Method::other));
}

TEST(ServerKey, WithoutTheCookieTheWholeRequestCounts) {
  const Request old{.branch = ";branch=1"};
  EXPECT_EQ(key_of(old), key_of(old));
  EXPECT_EQ(key_of({.method = "ACK", .branch = ";branch=1", .to_tag = ";tag=b"}), key_of(old));
  EXPECT_NE(key_of({.uri = "sip:c@192.0.2.1", .branch = ";branch=1"}), key_of(old));
  EXPECT_NE(key_of({.branch = ";branch=2"}), key_of(old));
  EXPECT_NE(key_of({.branch = ";branch=1", .from_tag = "x"}), key_of(old));
  EXPECT_NE(key_of({.branch = ";branch=1", .call_id = "x"}), key_of(old));
  EXPECT_NE(key_of({.branch = ";branch=1", .cseq = "8"}), key_of(old));
  EXPECT_NE(key_of({.branch = ""}), key_of(old));
}

TEST(ServerKey, CookieAloneIsNoBranch) {
  const Request bare{.branch = ";branch=z9hG4bK"};
  EXPECT_EQ(key_of(bare), key_of(bare));
  EXPECT_NE(key_of({.branch = ";branch=z9hG4bK", .call_id = "x"}), key_of(bare));
  EXPECT_NE(key_of({.branch = ";branch=z9hG4bK", .cseq = "8"}), key_of(bare));
}

TEST(MergeKey, DoesNotDependOnTheWayTheRequestCame) {
  EXPECT_EQ(merge_of({.via = "192.0.2.8", .branch = ";branch=z9hG4bKtwo"}), merge_of({}));
}

TEST(MergeKey, DiffersByAllThatMakesTheRequestAnother) {
  const auto key = merge_of({});
  EXPECT_NE(merge_of({.from_tag = "x"}), key);
  EXPECT_NE(merge_of({.call_id = "x"}), key);
  EXPECT_NE(merge_of({.cseq = "8"}), key);
  EXPECT_NE(merge_of({.method = "MESSAGE"}), key);
  EXPECT_NE(merge_of({.uri = "sip:c@192.0.2.1"}), key);
}

TEST(MergeKey, TagAndCallIdDoNotRunTogether) {
  EXPECT_NE(merge_of({.from_tag = "ab", .call_id = "c"}),
            merge_of({.from_tag = "a", .call_id = "bc"}));
}

}  // namespace
}  // namespace opensips::transaction
