#include "script_test/fake_database.hh"

#include <type_traits>
#include <variant>

#include <fmt/format.h>

namespace opensips::script_test {

using storage::Error;

namespace {

/// The text of a value, as a test writes it; "NULL" for none.
std::string shown(const storage::Value& value) {
  return std::visit(
      [](const auto& one) -> std::string {
        using Kind = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<Kind, std::monostate>) return "NULL";
        if constexpr (std::is_same_v<Kind, std::string>) return one;
        if constexpr (std::is_same_v<Kind, storage::Blob>) return one.bytes;
        if constexpr (std::is_arithmetic_v<Kind>) return fmt::format("{}", one);
      },
      value);
}

}  // namespace

class FakeDatabase::Link final : public storage::Connection {
 public:
  explicit Link(FakeDatabase& database) : database_(database) {}

  storage::Outcome execute(const storage::Statement& statement,
                           std::span<const storage::Value> values) override {
    if (statement.text == database_.probe()) return storage::Rows{};
    Question question{.service = database_.is_sql() ? Service::sql : Service::redis,
                      .text = statement.text};
    for (const auto& value : values) question.values.push_back(shown(value));
    if (auto found = database_.answers_.find(question)) {
      return std::get<storage::Outcome>(std::move(found->reply));
    }
    if (!database_.is_sql()) return refuse(question, {});
    auto outcome = database_.tables_.execute(statement, values);
    const bool is_known = outcome || (outcome.error().kind != Error::Kind::missing &&
                                      outcome.error().kind != Error::Kind::statement);
    return is_known ? std::move(outcome) : refuse(question, outcome.error().text);
  }

  std::expected<void, Error> transaction(Step step) override {
    return database_.is_sql() ? database_.tables_.transaction(step) : std::expected<void, Error>{};
  }
  void interrupt() override {}
  bool usable() const override { return true; }

 private:
  storage::Outcome refuse(const Question& question, std::string_view why) {
    database_.answers_.nothing_for(question, why);
    return std::unexpected(Error{Error::Kind::statement, "nothing answers"});
  }

  FakeDatabase& database_;
};

std::expected<std::unique_ptr<storage::Connection>, Error> FakeDatabase::connect(
    const storage::Url&, const ConnectOptions&) {
  return std::make_unique<Link>(*this);
}

}  // namespace opensips::script_test
