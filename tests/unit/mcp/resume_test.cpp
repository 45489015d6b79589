// What becomes of a legacy call when its connection breaks, when it is cancelled, and when it asks
// its client something.
#include <fmt/format.h>

#include "live_endpoint.h"

namespace rogerthat::mcp {
namespace {

class Resume : public LiveEndpoint {
 protected:
  // A streamed call that waits; gives the id that its client has seen.
  std::string start(std::string_view revision = "2025-11-25", std::string_view more_params = {}) {
    session = session_line(open_session(revision));
    client = std::make_unique<net::Client>(*live);
    client->send(post(legacy_call("wait", 7, more_params), session));
    application.arrived.await();
    client->read_until("\r\n\r\n");
    std::string id;
    if (revision == "2025-11-25") {
      EXPECT_EQ(next_event(*client, &id), "");
      EXPECT_FALSE(id.empty());
    }
    return id;
  }
  std::unique_ptr<net::Client> come_back(const std::string& id) {
    auto again = std::make_unique<net::Client>(*live);
    again->send(
        http("GET", session + "Accept: text/event-stream\r\nLast-Event-ID: " + id + "\r\n"));
    return again;
  }
  // The beginning of what who has come back gets: the place to come back to is told anew, because
  // some clients know on a stream only the ids that it has brought itself.
  static std::string read_resumed(net::Client& again, const std::string& id) {
    std::string head = again.read_until("\r\n\r\n");
    std::string told;
    EXPECT_EQ(next_event(again, &told), "");
    EXPECT_EQ(told, id);
    return head;
  }

  std::string session;
  std::unique_ptr<net::Client> client;
};

TEST_F(Resume, AnAnswerGivenMeanwhileIsThereForWhoComesBack) {
  begin();
  const std::string id = start();
  client->reset();
  live->on_loop([this] { application.answer(); });
  const auto again = come_back(id);
  EXPECT_NE(read_resumed(*again, id).find("200 OK"), std::string::npos);
  EXPECT_EQ(next_event(*again), R"({"jsonrpc":"2.0","id":7,"result":{"content":[]}})");
  again->close();
  EXPECT_EQ(application.told.await(), "handed over");
  live->on_loop([] {});
  EXPECT_FALSE(application.told.raised());
}

TEST_F(Resume, ACallGoesOnForWhoComesBackInTime) {
  begin();
  const std::string id = start();
  client->close();
  const auto again = come_back(id);
  read_resumed(*again, id);
  live->on_loop([this] { application.answer(); });
  EXPECT_NE(next_event(*again).find("result"), std::string::npos);
  again->read_until("0\r\n\r\n");
  again->send(post(legacy_call("echo"), session));
  EXPECT_EQ(again->answer().status, 200);
  EXPECT_EQ(application.told.await(), "confirmed");
}

TEST_F(Resume, WorksFromAnotherLoopToo) {
  begin(2);
  application.home_shard = 1;
  const std::string id = start();
  client->close();
  for (int i = 0; i < 4; ++i) {  // the kernel chooses the loop
    const auto again = come_back(id);
    EXPECT_NE(read_resumed(*again, id).find("200 OK"), std::string::npos);
    if (i < 3) continue;
    live->on_loop([this] { application.answer(); }, 1);
    EXPECT_NE(next_event(*again).find("result"), std::string::npos);
  }
}

TEST_F(Resume, NotesOfTheCallAreSentAgainFromWhereTheClientWas) {
  begin();
  start();
  std::string id;
  live->on_loop([this] {
    application.waiting().log(LogLevel::info, "", "1");
    application.waiting().log(LogLevel::info, "", "2");
  });
  EXPECT_NE(next_event(*client, &id).find(R"("data":1)"), std::string::npos);
  client->reset();
  live->on_loop([this] { application.waiting().log(LogLevel::info, "", "3"); });
  const auto again = come_back(id);
  read_resumed(*again, id);
  EXPECT_NE(next_event(*again).find(R"("data":2)"), std::string::npos);
  EXPECT_NE(next_event(*again).find(R"("data":3)"), std::string::npos);
  live->on_loop([this] { application.answer(); });
  EXPECT_NE(next_event(*again).find("result"), std::string::npos);
}

TEST_F(Resume, AnAnswerThatNobodyFetchesIsLost) {
  options.resume_window = 30;
  begin();
  start();
  live->on_loop([this] {
    Reply call = std::move(application.waiting());
    call.result(R"({"content":")" + std::string(8 << 20, 'x') + "\"}");
  });
  client->reset();
  EXPECT_EQ(application.told.await(), "lost");
}

TEST_F(Resume, ACallThatNobodyComesBackForIsCancelled) {
  options.resume_window = 30;
  begin();
  const std::string id = start();
  client->close();
  EXPECT_EQ(application.told.await(), "cancelled");
  const auto late = come_back(id);
  EXPECT_EQ(late->answer().status, 400);
  EXPECT_EQ(endpoint->stats().calls, 0U);
}

TEST_F(Resume, AnAnswerIsKeptForAWhileOnly) {
  options.resume_window = 30;
  begin();
  const std::string id = start();
  live->on_loop([this] { application.answer(); });
  client->read_until("0\r\n\r\n");
  // The connection is quiet. A later call's time is up: then so is the first one's.
  net::Client later(*live);
  later.send(post(legacy_call("wait", 8), session));
  application.arrived.await();
  later.close();
  EXPECT_EQ(application.told.await(), "cancelled");
  EXPECT_EQ(come_back(id)->answer().status, 400);
  client->close();
  EXPECT_EQ(application.told.await(), "handed over");
}

TEST_F(Resume, WhoNeverSawAnIdCannotComeBack) {
  begin();
  start("2025-06-18");  // such clients do not understand an event without data
  client->close();
  EXPECT_EQ(application.told.await(), "cancelled");
}

TEST_F(Resume, AnyEventIsAPlaceToComeBackTo) {
  begin();
  start("2025-03-26");
  live->on_loop([this] { application.waiting().log(LogLevel::info, "", "1"); });
  std::string id;
  next_event(*client, &id);
  client->close();
  const auto again = come_back(id);
  again->read_until("\r\n\r\n");
  live->on_loop([this] { application.answer(); });
  EXPECT_NE(next_event(*again).find("result"), std::string::npos);
}

TEST_F(Resume, WhoComesBackMayBreakOffAgain) {
  begin();
  std::string id = start();
  client->close();
  for (int i = 0; i < 3; ++i) {
    const auto again = come_back(id);
    again->read_until("\r\n\r\n");
    next_event(*again, &id);
    again->close();
  }
  const auto last = come_back(id);
  read_resumed(*last, id);
  live->on_loop([this] { application.answer(); });
  EXPECT_NE(next_event(*last).find("result"), std::string::npos);
}

TEST_F(Resume, NotBeyondWhatWasTold) {
  begin();
  const std::string id = start();
  EXPECT_EQ(come_back(id + "9")->answer().status, 400);
}

TEST_F(Resume, IsForTheSameSessionOnly) {
  begin();
  const std::string id = start();
  client->close();
  session = session_line(open_session());
  EXPECT_EQ(come_back(id)->answer().status, 400);
}

TEST_F(Resume, AServerMayEndTheStreamEarly) {
  begin();
  const std::string id = start();
  live->on_loop([this] { application.waiting().drop_connection(); });
  client->read_until("0\r\n\r\n");
  const auto again = come_back(id);
  read_resumed(*again, id);
  live->on_loop([this] { application.answer(); });
  EXPECT_NE(next_event(*again).find("result"), std::string::npos);
}

TEST_F(Resume, AClientMayCancelByName) {
  begin();
  start();
  const net::Answer cancelled = ask(post(
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})", session));
  EXPECT_EQ(cancelled.status, 202);
  EXPECT_EQ(application.told.await(), "cancelled");
  EXPECT_EQ(client->read_until("0\r\n\r\n"), "\r\n0\r\n\r\n");  // the last chunk, and no answer
}

TEST_F(Resume, ACancelledCallWithoutAStreamGetsNoMessage) {
  begin();
  session = session_line(open_session());
  net::Client holding(*live);
  holding.send(post(legacy_call("hold", 8), session));
  application.arrived.await();
  ask(post(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":8}})",
           session));
  EXPECT_EQ(application.told.await(), "cancelled");
  const net::Answer answer = holding.answer();
  EXPECT_EQ(answer.status, 202);
  EXPECT_TRUE(answer.body.empty());
}

TEST_F(Resume, AnotherTypeOfIdIsAnotherCall) {
  begin();
  start();
  ask(post(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"7"}})",
           session));
  live->on_loop([this] { EXPECT_TRUE(application.waiting().open()); });
}

TEST_F(Resume, EndingTheSessionCancelsItsCalls) {
  begin();
  start();
  EXPECT_EQ(ask(http("DELETE", session)).status, 200);
  EXPECT_EQ(application.told.await(), "cancelled");
}

TEST_F(Resume, AHalfClosedConnectionCancelsWhatCannotBeResumed) {
  begin();
  session = session_line(open_session());
  net::Client holding(*live);
  holding.send(post(legacy_call("hold", 8), session));
  application.arrived.await();
  holding.finish_sending();
  EXPECT_EQ(application.told.await(), "cancelled");
  EXPECT_NE(holding.answer().body.find("-32000"), std::string::npos);
}

TEST_F(Resume, WaitingIsSeen) {
  options.heartbeat = 1100;  // a whole second has to pass for a number to rise
  begin();
  start("2025-11-25", R"(,"_meta":{"progressToken":"p"})");
  EXPECT_NE(next_event(*client).find(
                R"("method":"notifications/progress","params":{"progressToken":"p","progress":1)"),
            std::string::npos);
  EXPECT_NE(next_event(*client).find(R"("progress":2)"), std::string::npos);
}

TEST_F(Resume, WithoutATokenCommentsKeepTheConnection) {
  options.heartbeat = 20;
  begin();
  start();
  EXPECT_EQ(next_event(*client), "(comment)");
  EXPECT_EQ(next_event(*client), "(comment)");
}

TEST_F(Resume, ProgressOnlyRises) {
  begin();
  start("2025-11-25", R"(,"_meta":{"progressToken":3})");
  live->on_loop([this] {
    Reply& call = application.waiting();
    call.progress(0, 100);
    call.progress(50, 100, "half");
    call.progress(50, 100);
    call.progress(20, 100);
    call.progress(100, 100);
    application.answer();
  });
  EXPECT_NE(next_event(*client).find(R"("progressToken":3,"progress":0,"total":100})"),
            std::string::npos);
  EXPECT_NE(next_event(*client).find(R"("progress":50,"total":100,"message":"half")"),
            std::string::npos);
  EXPECT_NE(next_event(*client).find(R"("progress":100)"), std::string::npos);
  EXPECT_NE(next_event(*client).find("result"), std::string::npos);
}

TEST_F(Resume, AsksTheClientOnTheStreamOfTheCall) {
  begin();
  session = session_line(open_session("2025-11-25", {}, R"({"elicitation":{}})"));
  net::Client asking(*live);
  asking.send(post(legacy_call("ask"), session));
  asking.read_until("\r\n\r\n");
  next_event(asking);
  const std::string question = next_event(asking);
  EXPECT_NE(question.find(R"("method":"elicitation/create","params":{"message":"Who?")"),
            std::string::npos)
      << question;
  const std::size_t at = question.find("\"id\":") + 5;
  const std::string id = question.substr(at, question.find(',', at) - at);
  EXPECT_EQ(
      ask(post(fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{{"action":"accept"}}}})", id),
               session))
          .status,
      202);
  EXPECT_NE(next_event(asking).find(R"("state":"round one","answer":{"action":"accept"})"),
            std::string::npos);
}

TEST_F(Resume, AClientsErrorEndsTheCallThatAsked) {
  begin();
  session = session_line(open_session("2025-11-25", {}, R"({"elicitation":{}})"));
  net::Client asking(*live);
  asking.send(post(legacy_call("ask"), session));
  asking.read_until("\r\n\r\n");
  next_event(asking);
  const std::string question = next_event(asking);
  const std::size_t at = question.find("\"id\":") + 5;
  const std::string id = question.substr(at, question.find(',', at) - at);
  ask(post(fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{{"code":-1,"message":"no"}}}})", id),
           session));
  const std::string answer = next_event(asking);
  EXPECT_NE(answer.find(R"("id":7,"error":{"code":-32000)"), std::string::npos) << answer;
}

TEST_F(Resume, NothingIsAskedOfAClientThatCannotAnswer) {
  begin();
  session = session_line(open_session());
  EXPECT_NE(ask(post(legacy_call("ask"), session)).body.find("-32021"), std::string::npos);
  // Nor over a connection on which it could not be heard.
  session = session_line(open_session("2025-11-25", {}, R"({"elicitation":{}})"));
  EXPECT_NE(ask(http("POST", session, legacy_call("ask"))).body.find("-32000"), std::string::npos);
}

TEST_F(Resume, AnHttp10ClientGetsItsStreamWithoutChunks) {
  begin();
  session = session_line(open_session());
  net::Client old(*live);
  const std::string body = legacy_call("wait");
  old.send(fmt::format("POST /mcp HTTP/1.0\r\nHost: h\r\n{}{}Content-Length: {}\r\n\r\n{}",
                       kBothTypes, session, body.size(), body));
  application.arrived.await();
  live->on_loop([this] { application.answer(); });
  const std::string all = old.read_to_end();
  EXPECT_TRUE(
      all.ends_with("data: {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"content\":[]}}\n"
                    "id: c-0-1-1\n\n"))
      << all;
}

}  // namespace
}  // namespace rogerthat::mcp
