// Dialogs of an earlier process come back page by page while calls are served: what happens to one
// meanwhile counts, whether its page has been read or not.

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>

#include "l3_dialog/dialog_keeper.hh"
#include "l3_dialog/dialog_loader.hh"
#include "l3_dialog/dialog_row.hh"
#include "model/dialog_call.hh"
#include "unit/storage/fake_backend.hh"

namespace opensips::model {
namespace {

using storage::Rows;

/// A table `dialog` whose pages are read when the test lets them.
class Table final : public storage::Backend {
 public:
  struct State {
    std::map<std::int64_t, storage::Row> rows;  ///< by dlg_id
    int pages = 0;                              ///< that may be read
    int asked = 0;
  };

  std::string_view scheme() const override { return "table"; }
  bool has_one_writer() const override { return true; }
  std::string declare(const storage::Column&) const override { return {}; }
  std::expected<std::unique_ptr<storage::Connection>, storage::Error> connect(
      const storage::Url&, const ConnectOptions&) override {
    return std::make_unique<Reader>(*this);
  }

  void put(const dialog::DialogSnapshot& dialog) {
    state_.lock()->rows[static_cast<std::int64_t>(dialog.did)] = dialog::row_of(dialog);
  }
  void let_read(int pages) {
    state_.lock()->pages += pages;
    changed_.notify_all();
  }
  int asked() { return state_.lock()->asked; }
  std::size_t size() { return state_.lock()->rows.size(); }
  bool has(std::int64_t did) { return state_.lock()->rows.contains(did); }

 private:
  class Reader final : public storage::Connection {
   public:
    explicit Reader(Table& table) : table_(table) {}
    storage::Outcome execute(const storage::Statement& statement,
                             std::span<const storage::Value> values) override {
      auto state = table_.state_.lock();
      if (statement.text.starts_with("DELETE")) {
        state->rows.erase(storage::integer_of(values[0]).value_or(0));
      } else if (statement.text.starts_with("REPLACE")) {
        state->rows[storage::integer_of(values[0]).value_or(0)].assign(values.begin(),
                                                                       values.end());
      } else if (!values.empty()) {
        ++state->asked;
        state.wait(table_.changed_, [&] { return state->pages > 0; });
        --state->pages;
        return page(*state, storage::integer_of(values[0]).value_or(0));
      }
      return Rows{};
    }
    std::expected<void, storage::Error> transaction(Step) override { return {}; }
    void interrupt() override {}
    bool usable() const override { return true; }

   private:
    static Rows page(const State& state, std::int64_t behind) {
      Rows rows;
      for (auto at = state.rows.upper_bound(behind);
           at != state.rows.end() && rows.rows.size() < 200; ++at) {
        rows.rows.push_back(at->second);
      }
      return rows;
    }
    Table& table_;
  };

  base::Guarded<State> state_;
  std::condition_variable changed_;
};

/// A server that starts with what another has left, and 250 dialogs that come before that.
class LoadingTest : public testing::Test {
 protected:
  static constexpr std::int64_t kLast = 1000;  // its dlg_id: in the second page

  LoadingTest() {
    before.establish();
    auto left = before.dialogs().snapshot(*before.dialog(), after.dialogs().settings().wall_ms());
    left.did = kLast;
    table.put(left);
    for (std::uint64_t did = 1; did <= 250; ++did) {
      auto other = left;
      other.did = did;
      other.call_id = "other-" + std::to_string(did);
      table.put(other);
    }
    after.invites = before.invites;
    keeper.emplace(after.dialogs(), database, worker.mailbox,
                   dialog::KeeperOptions{.mode = dialog::DbMode::realtime});
    loader.emplace(after.model.context, database, after.model.shared.owners,
                   std::vector<dialog::DialogLoader::Home>{{worker.mailbox, &*keeper}}, "dialog");
  }
  ~LoadingTest() override {
    table.let_read(100);
    loader.reset();
    keeper.reset();
    database.stop(std::chrono::seconds(5));
  }

  void work_until(auto ready) {
    worker.work_until([&] {
      after.model.context.run_deferred();
      return ready();
    });
  }
  std::uint64_t active() { return after.model.stat("dialog:active_dialogs"); }
  void load_the_first_page() {
    ASSERT_TRUE(loader->start());
    table.let_read(1);
    work_until([this] { return active() == 200; });
    work_until([this] { return table.asked() == 2; });
  }
  void load_the_rest() {
    table.let_read(1);
    work_until([this] { return !loader->is_loading(); });
  }

  DialogCall before, after;
  Table table;
  storage::FakeWorker worker;
  storage::Database database{table, *storage::Url::parse("table://h/o"), {}};
  std::optional<dialog::DialogKeeper> keeper;
  std::optional<dialog::DialogLoader> loader;
};

TEST_F(LoadingTest, BringsAllOfThemBack) {
  load_the_first_page();
  EXPECT_FALSE(loader->start()) << "it is being read already";
  load_the_rest();
  EXPECT_EQ(active(), 251u);
  EXPECT_TRUE(after.from_caller("INFO", 2).at(0).starts_with("INFO sip:callee@"));
}

TEST_F(LoadingTest, AByeBeforeItsDialogIsReadPassesAndEndsIt) {
  load_the_first_page();
  EXPECT_TRUE(after.from_caller("BYE", 2).at(0).starts_with("BYE sip:callee@127.0.0.1:5080 "));
  load_the_rest();
  EXPECT_EQ(active(), 250u);
  work_until([this] { return !table.has(kLast); });
  EXPECT_EQ(table.size(), 250u);
}

TEST_F(LoadingTest, OneThatEndsAfterItWasReadIsForgottenWhenTheRestIsThere) {
  load_the_first_page();
  ASSERT_TRUE(after.dialogs().end(*after.dialogs().table().find_did(7), dialog::Ending::command));
  after.model.context.run_deferred();
  EXPECT_EQ(active(), 199u);
  EXPECT_TRUE(table.has(7)) << "nobody writes while the table is read";
  load_the_rest();
  EXPECT_EQ(active(), 250u);
  work_until([this] { return !table.has(7); });
}

TEST_F(LoadingTest, ACallThatComesMeanwhileIsWrittenBehindIt) {
  load_the_first_page();
  after.model.program.on_request = [this](routing::Run& run) {
    EXPECT_TRUE(after.dialogs().create(*run.request, run.server, {}));
    return after.relay(run);
  };
  after.model.receive(Request{.branch = "z9hG4bKnew", .from_tag = "new", .call_id = "new"}.bytes());
  after.model.receive(answer(after.to_callee(), 200), DialogCall::kCallee);
  EXPECT_EQ(active(), 201u);
  EXPECT_EQ(table.size(), 251u);
  load_the_rest();
  work_until([this] { return table.size() == 252; });
  EXPECT_EQ(active(), 252u);
}

}  // namespace
}  // namespace opensips::model
