// What is counted for what comes in and goes out: OpenSIPS's names mean what operators know by
// them.

#include <gtest/gtest.h>

#include "model/model.hh"

namespace opensips::model {
namespace {

class Statistics : public ::testing::Test {
 protected:
  using Expected = std::vector<std::pair<std::string_view, std::uint64_t>>;

  void expect(const Expected& expected) {
    for (const auto& [name, value] : expected) EXPECT_EQ(model.stat(name), value) << name;
  }

  Model model;
};

TEST_F(Statistics, of_a_call_that_is_refused) {
  model.receive(Request{}.bytes());
  const auto forwarded = model.take().back().bytes;
  model.receive(answer(forwarded, 180), "127.0.0.1:5080");
  model.receive(answer(forwarded, 486), "127.0.0.1:5080");
  expect({{"core:rcv_requests", 1},
          {"core:rcv_replies", 2},
          {"core:fwd_requests", 1},
          {"core:fwd_replies", 2},
          {"tm:UAS_transactions", 1},
          {"tm:UAC_transactions", 1},
          {"tm:inuse_transactions", 1},
          {"tm:received_replies", 2},
          {"tm:relayed_replies", 2},
          {"tm:local_replies", 1},
          {"tm:2xx_transactions", 0},
          {"tm:4xx_transactions", 1}});
}

TEST_F(Statistics, of_several_answers_to_one_call_count_one_transaction) {
  model.receive(Request{}.bytes());
  const auto forwarded = model.take().back().bytes;
  model.receive(answer(forwarded, 200, "one"), "127.0.0.1:5080");
  model.receive(answer(forwarded, 200, "two"), "127.0.0.1:5080");
  expect({{"tm:2xx_transactions", 1}, {"tm:relayed_replies", 2}});
}

TEST_F(Statistics, of_every_class_of_final_response) {
  for (const unsigned code : {200U, 302U, 404U, 503U, 603U}) {
    model.program.on_request = model.reply_with(code);
    const auto word = std::to_string(code);
    model.receive(Request{.branch = "z9hG4bK" + word, .call_id = word}.bytes());
  }
  expect({{"tm:2xx_transactions", 1},
          {"tm:3xx_transactions", 1},
          {"tm:4xx_transactions", 1},
          {"tm:5xx_transactions", 1},
          {"tm:6xx_transactions", 1},
          {"tm:UAC_transactions", 0},
          {"core:fwd_requests", 0}});
}

TEST_F(Statistics, of_what_is_malformed) {
  model.receive("garbage");
  Request request;
  request.max_forwards = "many";
  model.receive(request.bytes());
  request.method = "ACK";
  model.receive(request.bytes());
  expect({{"core:bad_msg_hdr", 3},
          {"core:err_requests", 1},
          {"core:drop_requests", 1},
          {"sl:sent_err_replies", 1},
          {"tm:UAS_transactions", 0}});
}

TEST_F(Statistics, of_what_has_no_transaction) {
  model.receive(Request{}.bytes());
  model.take();
  // The same by another way: merged.
  model.receive(Request{.branch = "z9hG4bKuac2"}.bytes());
  const auto refused = model.take();
  ASSERT_EQ(refused.size(), 1U);
  const auto to = values(refused[0].bytes, "To").at(0);
  const auto tag = to.substr(to.find(";tag=") + 5);
  model.receive(Request{.method = "ACK", .branch = "z9hG4bKuac2", .to_tag = tag}.bytes());
  expect({{"sl:sent_replies", 1},
          {"sl:4xx_replies", 1},
          {"sl:received_ACKs", 1},
          {"tm:4xx_transactions", 0}});
}

TEST_F(Statistics, of_what_is_unusual) {
  model.receive(Request{.method = "FROBNICATE", .branch = "z9hG4bKa", .call_id = "a"}.bytes());
  model.program.on_request = model.relay_to("tel:+1");
  model.receive(Request{.branch = "z9hG4bKb", .call_id = "b"}.bytes());
  expect({{"core:unsupported_methods", 1}, {"core:bad_URIs_rcvd", 1}});
}

TEST_F(Statistics, of_the_house) {
  expect({{"core:timestamp", 0},
          {"usrloc:registered_users", 0},
          {"registrar:max_contacts", 10},
          {"registrar:default_expire", model.shared.options.registrar.expires.default_expires}});
}

}  // namespace
}  // namespace opensips::model
