// `GET /metrics` on the loopback-only listener, for Prometheus (OPS-2).
#pragma once

#include "server/core/metrics.h"
#include "server/net/server.h"

namespace wardline::app {

class MetricsService final : public net::Service {
 public:
  explicit MetricsService(const core::Metrics& metrics) : metrics_(metrics) {}

  net::Admission admit(const net::RequestHead&) override { return net::ReadBody{.limit = 0}; }
  void serve(net::Request request, net::Respond respond) override {
    if (request.path != "/metrics" || request.method != net::Method::get)
      return respond(text(404, "There is only /metrics here.\n"));
    respond(text(200, metrics_.text()));
  }
  void decide_socket(net::RequestHead, net::AnswerUpgrade answer) override {
    answer(text(404, "There is only /metrics here.\n"));
  }
  net::Response explain(net::Fault) override { return text(400, "This request cannot be answered.\n"); }

 private:
  static net::Response text(int status, std::string body) {
    net::Response response{.status = status, .body = std::move(body)};
    return std::move(response.set("content-type", "text/plain; version=0.0.4"));
  }
  const core::Metrics& metrics_;
};

}  // namespace wardline::app
