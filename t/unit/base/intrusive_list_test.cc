#include "base/intrusive_list.hh"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace opensips::base {
namespace {

struct ByAge;
struct Element : ListHook<>, ListHook<ByAge> {
  explicit Element(char c) : name(c) {}
  char name;
};
using List = IntrusiveList<Element>;
using AgeList = IntrusiveList<Element, ByAge>;

template <class AnyList>
std::string names(AnyList& list) {
  std::string all;
  for (Element& element : list) all += element.name;
  return all;
}

class IntrusiveListTest : public testing::Test {
 protected:
  Element a{'a'}, b{'b'}, c{'c'};
  List list;
};

TEST_F(IntrusiveListTest, StartsEmpty) {
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.pop_front(), nullptr);
  EXPECT_FALSE(a.ListHook<>::linked());
}

TEST_F(IntrusiveListTest, KeepsTheOrderOfPushes) {
  list.push_back(b);
  list.push_back(c);
  list.push_front(a);
  EXPECT_EQ(names(list), "abc");
  EXPECT_EQ(list.front().name, 'a');
  EXPECT_EQ(list.back().name, 'c');
}

TEST_F(IntrusiveListTest, LetsAnElementLeaveWithoutTheList) {
  list.push_back(a);
  list.push_back(b);
  list.push_back(c);
  b.ListHook<>::unlink();
  EXPECT_EQ(names(list), "ac");
  b.ListHook<>::unlink();
  a.ListHook<>::unlink();
  c.ListHook<>::unlink();
  EXPECT_TRUE(list.empty());
}

TEST_F(IntrusiveListTest, ForgetsAnElementThatDies) {
  auto mortal = std::make_unique<Element>('m');
  list.push_back(a);
  list.push_back(*mortal);
  list.push_back(b);
  mortal.reset();
  EXPECT_EQ(names(list), "ab");
}

TEST_F(IntrusiveListTest, LetsItsElementsGoWhenItDies) {
  {
    List mortal;
    mortal.push_back(a);
    mortal.push_back(b);
  }
  EXPECT_FALSE(a.ListHook<>::linked());
  list.push_back(a);
  EXPECT_EQ(names(list), "a");
}

TEST_F(IntrusiveListTest, AllowsAnElementInOneListPerTag) {
  AgeList by_age;
  list.push_back(a);
  list.push_back(b);
  by_age.push_back(b);
  by_age.push_back(a);
  EXPECT_EQ(names(list), "ab");
  EXPECT_EQ(names(by_age), "ba");
  a.ListHook<>::unlink();
  EXPECT_EQ(names(list), "b");
  EXPECT_EQ(names(by_age), "ba");
}

TEST_F(IntrusiveListTest, SplicesBehindWhatIsThere) {
  List other;
  list.push_back(a);
  list.splice_back(other);
  EXPECT_EQ(names(list), "a");
  other.push_back(b);
  other.push_back(c);
  list.splice_back(other);
  EXPECT_EQ(names(list), "abc");
  EXPECT_TRUE(other.empty());
}

TEST_F(IntrusiveListTest, LetsAPassedElementLeaveDuringAWalk) {
  list.push_back(a);
  list.push_back(b);
  list.push_back(c);
  std::string seen;
  for (auto at = list.begin(); at != list.end();) {
    Element& element = *at++;
    seen += element.name;
    element.ListHook<>::unlink();
  }
  EXPECT_EQ(seen, "abc");
  EXPECT_TRUE(list.empty());
}

}  // namespace
}  // namespace opensips::base
