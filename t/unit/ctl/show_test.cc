#include "ctl/show.hh"

#include <gtest/gtest.h>

namespace opensips::ctl {
namespace {

std::string shown(const char* json) {
  return show(nlohmann::ordered_json::parse(json));
}

TEST(Show, prints_what_is_plain_as_it_is) {
  EXPECT_EQ(shown(R"("OK")"), "OK\n");
  EXPECT_EQ(shown("7"), "7\n");
  EXPECT_EQ(shown("true"), "yes\n");
  EXPECT_EQ(shown("null"), "");
  EXPECT_EQ(shown("[]"), "");
  EXPECT_EQ(shown("{}"), "");
}

TEST(Show, prints_a_list_a_line_each) {
  EXPECT_EQ(shown(R"(["version", 2])"), "version\n2\n");
}

TEST(Show, aligns_names_and_values) {
  EXPECT_EQ(shown(R"({"a": 1, "long name": "x"})"), "a          1\nlong name  x\n");
}

TEST(Show, makes_a_table_of_objects_alike) {
  EXPECT_EQ(shown(R"({"Processes": [{"ID": 0, "Type": "control"}, {"ID": 10, "More": "x"}]})"),
            "ID  Type     More\n"
            "0   control\n"
            "10           x\n");
}

TEST(Show, indents_what_is_inside) {
  EXPECT_EQ(shown(R"({"Domains": [{"name": "location", "AORs": [
                      {"AOR": "a", "Contacts": [{"Contact": "sip:a", "Q": "1"}]},
                      {"AOR": "b", "Contacts": []}]}]})"),
            "name  location\n"
            "AORs:\n"
            "  AOR  a\n"
            "  Contacts:\n"
            "    Contact  Q\n"
            "    sip:a    1\n"
            "\n"
            "  AOR       b\n"
            "  Contacts\n");
}

TEST(Show, counts_characters_not_bytes) {
  EXPECT_EQ(shown(R"([{"a": "é", "b": 1}, {"a": "xy", "b": 2}])"), "a   b\né   1\nxy  2\n");
}

TEST(Show, keeps_the_terminal_from_the_network) {
  EXPECT_EQ(shown(R"(["\u001b[2J\u0007\n\u007f\u009b"])"), "\\x1b[2J\\x07\\x0a\\x7f\\x9b\n");
  EXPECT_EQ(shown(R"({"\u001b": "\u0000"})"), "\\x1b  \\x00\n");
}

}  // namespace
}  // namespace opensips::ctl
