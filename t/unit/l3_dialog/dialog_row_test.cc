#include "l3_dialog/dialog_row.hh"

#include <gtest/gtest.h>

#include "storage/schema.hh"

namespace opensips::dialog {
namespace {

using storage::Row;
using storage::Value;

DialogSnapshot example() {
  DialogSnapshot dialog;
  dialog.did = (std::uint64_t{40} << 58) | 7;
  dialog.call_id = "a#b|c\\d@host";
  dialog.caller = {.uri = "sip:alice@a.example",
                   .tag = "at",
                   .contact = "sip:alice@192.0.2.1:5060;transport=tcp",
                   .routes = "<sip:p1;lr>, <sip:p2;lr>",
                   .socket = "udp:192.0.2.9:5060",
                   .cseq = 4'000'000'000,
                   .sent = 4'000'000'007};
  dialog.callee = {.uri = "sip:bob@b.example",
                   .tag = "bt",
                   .contact = "sip:bob@192.0.2.2",
                   .routes = "",
                   .socket = "",
                   .seen = "198.51.100.7:4711",
                   .cseq = 0,
                   .sent = 0};
  dialog.state = State::confirmed;
  dialog.started = 1'900'000'000;
  dialog.life_ends = 1'900'003'600;
  dialog.session_ends = 1'900'001'800;
  dialog.options = {.lifetime = 3'600'000,
                    .ping_interval = 30'000,
                    .ping_by_invite = true,
                    .ping_caller = false,
                    .ping_callee = true,
                    .session_interval = 1'800'000,
                    .min_session = 90'000,
                    .shows_requests = true};
  dialog.vars = {{"account", "a|7#\\"}, {"empty", ""}};
  dialog.profiles = {{"calls", "alice"}, {"all", ""}};
  return dialog;
}

void expect_same(const DialogSnapshot::Side& one, const DialogSnapshot::Side& other) {
  EXPECT_EQ(
      std::tie(one.uri, one.tag, one.contact, one.routes, one.socket, one.seen, one.cseq, one.sent),
      std::tie(other.uri, other.tag, other.contact, other.routes, other.socket, other.seen,
               other.cseq, other.sent));
}

TEST(DialogRow, ADialogComesBackAsItWas) {
  const auto dialog = example();
  const auto back = snapshot_from(row_of(dialog));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->did, dialog.did);
  EXPECT_EQ(back->call_id, dialog.call_id);
  expect_same(back->caller, dialog.caller);
  expect_same(back->callee, dialog.callee);
  EXPECT_EQ(std::tie(back->state, back->started, back->life_ends, back->session_ends),
            std::tie(dialog.state, dialog.started, dialog.life_ends, dialog.session_ends));
  const auto options = [](const DialogOptions& of) {
    return std::tuple(of.lifetime, of.ping_interval, of.ping_by_invite, of.ping_caller,
                      of.ping_callee, of.session_interval, of.min_session, of.shows_requests);
  };
  EXPECT_EQ(options(back->options), options(dialog.options));
  ASSERT_EQ(back->vars.size(), 2U);
  EXPECT_EQ(back->vars[0].name, "account");
  EXPECT_EQ(back->vars[0].value, "a|7#\\");
  EXPECT_EQ(back->vars[1].value, "");
  EXPECT_EQ(back->profiles, dialog.profiles);
}

TEST(DialogRow, HasTheColumnsOfTheTable) {
  EXPECT_TRUE(dialog_columns().starts_with("dlg_id, callid, from_uri, from_tag, "));
  EXPECT_EQ(row_of(example()).size(), storage::find_table("dialog")->columns.size());
}

TEST(DialogRow, WhatIsNoDialogIsNone) {
  const auto row = row_of(example());
  const auto with = [&](std::size_t place, Value value) {
    auto changed = row;
    changed[place] = std::move(value);
    return snapshot_from(changed).has_value();
  };
  EXPECT_TRUE(snapshot_from(row));
  EXPECT_FALSE(snapshot_from({}));
  EXPECT_FALSE(snapshot_from(Row(row.begin(), row.end() - 1)));
  EXPECT_FALSE(with(0, std::int64_t{0}));
  EXPECT_FALSE(with(0, "x"));
  EXPECT_FALSE(with(1, ""));
  EXPECT_FALSE(with(3, std::monostate{}));
  EXPECT_FALSE(with(18, std::int64_t{0}));
  EXPECT_FALSE(with(18, std::int64_t{6}));
  EXPECT_FALSE(with(18, std::int64_t{256 + 4}));
}

TEST(DialogRow, TakesWhatOthersHaveWritten) {
  auto row = row_of(example());
  row[8] = "17";                                       // caller_cseq
  row[9] = std::monostate{};                           // callee_cseq
  row[21] = storage::Blob{"account#a-7|_internal#|"};  // vars
  row[22] = "calls#alice|all|";                        // profiles
  const auto dialog = snapshot_from(row);
  ASSERT_TRUE(dialog);
  EXPECT_EQ(dialog->caller.cseq, 17U);
  EXPECT_EQ(dialog->callee.cseq, 0U);
  ASSERT_EQ(dialog->vars.size(), 2U);
  EXPECT_EQ(dialog->vars[0].value, "a-7");
  EXPECT_EQ(dialog->profiles, (std::vector<Membership>{{"calls", "alice"}, {"all", ""}}));
}

TEST(DialogRow, OptionsOfAnOlderServerSayLess) {
  auto row = row_of(example());
  row[21] = storage::Blob{join_pairs({{"opensips:options", "1 2000 0 1 3 4 0 5"}})};
  const auto dialog = snapshot_from(row);
  ASSERT_TRUE(dialog);
  EXPECT_EQ(dialog->options.ping_interval, 2000U);
  EXPECT_FALSE(dialog->options.ping_by_invite);
  EXPECT_EQ(dialog->callee.seen, "");
}

TEST(DialogRow, OptionsThatMakeNoSenseAreNone) {
  for (const auto* const text :
       {"", "x", "1 2", "-1 0 0 0 0 0 0 0", "99999999999999999999", "1 2 3 4 5 6 7 "}) {
    auto row = row_of(example());
    row[21] = storage::Blob{join_pairs({{"opensips:options", text}})};
    const auto dialog = snapshot_from(row);
    ASSERT_TRUE(dialog) << text;
    EXPECT_EQ(dialog->options.ping_interval, DialogOptions().ping_interval) << text;
    EXPECT_EQ(dialog->session_ends, 0) << text;
  }
}

TEST(Pairs, AnyTextIsCutWithoutHarm) {
  EXPECT_EQ(split_pairs(""), Pairs{});
  EXPECT_EQ(split_pairs("a"), Pairs{}) << "it has no end";
  EXPECT_EQ(split_pairs("a#b"), Pairs{});
  EXPECT_EQ(split_pairs("|"), (Pairs{{"", ""}}));
  EXPECT_EQ(split_pairs("a#b#c|"), (Pairs{{"a", "b#c"}}));
  EXPECT_EQ(split_pairs("a\\#b#c\\|d|"), (Pairs{{"a#b", "c|d"}}));
  EXPECT_EQ(split_pairs("a#b|c\\"), (Pairs{{"a", "b"}}));
  const Pairs odd{{"\\", "|#"}, {"", ""}};
  EXPECT_EQ(split_pairs(join_pairs(odd)), odd);
}

}  // namespace
}  // namespace opensips::dialog
