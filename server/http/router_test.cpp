#include "server/http/router.h"

#include <gtest/gtest.h>

#include "server/http/problem.h"

namespace wardline::http {
namespace {

using policy::Action;

Handler nothing() {
  return [](Context&) -> Result<Response> { return Response(); };
}

// DESIGN §6: without an action there is no way to add a route.
template <class SomeRouter>
concept AddsWithoutAction = requires(SomeRouter router) { router.add(Method::get, "/x", nothing()); };
static_assert(!AddsWithoutAction<Router>);

TEST(Router, FindsARouteByMethodAndPath) {
  Router router;
  router.add<Action::conversation_list>(Method::get, "/v1/conversations", nothing());
  router.add<Action::conversation_create>(Method::post, "/v1/conversations", nothing());
  router.add<Action::message_send>(Method::post, "/v1/conversations/{id}/messages", nothing());
  router.add<Action::session_read>(Method::get, "/v1/conversations/mine", nothing());

  EXPECT_EQ(router.match(Method::get, "/v1/conversations").route->action, Action::conversation_list);
  EXPECT_EQ(router.match(Method::post, "/v1/conversations").route->action, Action::conversation_create);
  EXPECT_EQ(router.match(Method::get, "/v1/conversations/mine").route->action, Action::session_read);
  const auto match = router.match(Method::post, "/v1/conversations/a%20b/messages");
  ASSERT_TRUE(match.route);
  EXPECT_EQ(match.parameters, (PathParameters{{"id", "a b"}}));
  EXPECT_EQ(router.routes().size(), 4u);
}

TEST(Router, TellsAnUnknownPathFromAMethodThatThePathDoesNotHave) {
  Router router;
  router.add<Action::message_send>(Method::post, "/v1/conversations/{id}/messages", nothing());
  const auto wrong_method = router.match(Method::get, "/v1/conversations/7/messages");
  EXPECT_FALSE(wrong_method.route);
  EXPECT_EQ(wrong_method.allowed, std::vector{Method::post});
  for (const char* path :
       {"/", "", "/v1", "/v1/conversations//messages", "/v1/conversations/7/messages/",
        "/v1/conversations/7%2f8/messages", "/v1/conversations/%zz/messages",
        "/v1/conversations/%00/messages", "/v1/conversations/%ff/messages", "/V1/conversations/7/messages"})
    EXPECT_TRUE(router.match(Method::post, path).allowed.empty()) << path;
}

TEST(Router, RefusesTheSameMethodAndPathTwice) {
  Router router;
  router.add<Action::device_read>(Method::get, "/v1/devices", nothing());
  EXPECT_THROW(router.add<Action::device_read>(Method::get, "/v1/devices", nothing()), std::logic_error);
}

TEST(Context, ReadsNumbersOfTheQueryWithinTheirRange) {
  const auto read = [](std::string query) {
    Request request;
    request.query = std::move(query);
    const Context context(std::move(request), {}, Action::conversation_read, RequestId(), std::nullopt);
    const auto needed = context.query_integer("after", 0, 100);
    const auto value = context.query_integer_or(5, "after", 0, 100);
    EXPECT_EQ(needed.value_or(5), value.value_or(5)) << "they differ where there is none, and nowhere else";
    if (!needed) {
      EXPECT_EQ(needed.error().code, "invalid-query");
    }
    return value ? *value : -1;
  };
  EXPECT_EQ(read(""), 5);
  EXPECT_EQ(read("before=3"), 5);
  EXPECT_EQ(read("after=7"), 7);
  EXPECT_EQ(read("limit=3&after=100"), 100);
  for (const char* bad : {"after", "after=", "after=101", "after=-1", "after=7x", "after=%37",
                          "after=1&after=2", "after=1&after=x"})
    EXPECT_EQ(read(bad), -1) << bad;
}

TEST(Context, TrustsNoCookieThatIsSentTwice) {
  Request request;
  request.fields = {{"cookie", "a=1; __Host-wardline-session=abc; b=2"}};
  EXPECT_EQ(cookie(request, kSessionCookie), "abc");
  EXPECT_EQ(cookie(request, "b"), "2");
  EXPECT_EQ(cookie(request, "c"), std::nullopt);
  request.fields.emplace_back("cookie", "__Host-wardline-session=other");
  EXPECT_EQ(cookie(request, kSessionCookie), std::nullopt);
}

TEST(Problem, EveryKindOfErrorHasItsStatus) {
  const std::pair<ErrorKind, int> expected[] = {
      {ErrorKind::invalid, 400},     {ErrorKind::unauthenticated, 401}, {ErrorKind::denied, 403},
      {ErrorKind::not_found, 404},   {ErrorKind::conflict, 409},        {ErrorKind::too_large, 413},
      {ErrorKind::rejected, 422},    {ErrorKind::rate_limited, 429},    {ErrorKind::internal, 500},
      {ErrorKind::unavailable, 503}, {ErrorKind::storage_full, 507}};
  for (const auto& [kind, status] : expected)
    EXPECT_EQ(problem({kind, "some-code", "A sentence.", {}}, RequestId()).status, status);
}

TEST(Problem, CarriesCodeDetailAndFacts) {
  const auto response = problem(
      {ErrorKind::rate_limited, "locked-out", "Too many tries.", {{"retry_after_seconds", 30}}}, RequestId());
  EXPECT_EQ(
      response.body,
      R"({"type":"urn:wardline:problem:locked-out","title":"Too often","status":429,"detail":"Too many tries.",)"
      R"("request_id":"00000000-0000-0000-0000-000000000000","retry_after_seconds":30})");
  EXPECT_EQ(response.fields, (net::Fields{{"content-type", "application/problem+json"},
                                          {"cache-control", "no-store"},
                                          {"retry-after", "30"}}));
}

TEST(Problem, AnInternalErrorTellsTheCallerNothingOfItsCause) {
  testing::internal::CaptureStderr();
  const auto response =
      problem({ErrorKind::internal, "sql-state", "table users is gone", {{"rows", 3}}}, RequestId());
  EXPECT_NE(testing::internal::GetCapturedStderr().find("table users is gone"), std::string::npos);
  EXPECT_EQ(response.body.find("users"), std::string::npos);
  EXPECT_EQ(response.body.find("sql-state"), std::string::npos);
  EXPECT_EQ(response.body.find("rows"), std::string::npos);
}

}  // namespace
}  // namespace wardline::http
