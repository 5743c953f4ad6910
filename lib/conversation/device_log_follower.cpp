#include "lib/conversation/device_log_follower.h"

#include <algorithm>

namespace wardline::conversation {
namespace {

using Refusal = DeviceLogSource::Refusal;
using transparency::Alarm;

/// Now, and under the newest checkpoint.
constexpr int kTriesForRefused = 2;
/// For finding out which of a few hundred certificates are not logged.
constexpr int kMostRequests = 64;

/// An honest server can show that its log grew. One that will not is answered as one that cannot.
std::unexpected<Failure> failed(Refusal refusal) {
  if (refusal == Refusal::refused) return conversation::failed(Alarm::forked);
  return conversation::failed(Code::provider_failed);
}

}  // namespace

Outcome<void> DeviceLogFollower::keep(Outcome<LogStatus> status) {
  if (!status) return std::unexpected(status.error());
  host_.keep(*status);
  return {};
}

Outcome<void> DeviceLogFollower::advance() {
  const auto checkpoint = source_.checkpoint();
  if (!checkpoint) return failed(checkpoint.error());
  const auto size = context_.authority().log().size_of(*checkpoint);
  if (!size) return conversation::failed(size.error());
  const std::uint64_t seen = context_.log_status().size;
  merkle::Proof proof;
  if (seen != 0 && *size > seen) {
    auto shown = source_.consistency(seen, *size);
    if (!shown) return failed(shown.error());
    proof = std::move(*shown);
  }
  return keep(context_.learn(*checkpoint, proof));
}

Outcome<std::vector<OwnDevice>> DeviceLogFollower::check() {
  if (auto advanced = advance(); !advanced) return std::unexpected(advanced.error());
  std::vector<OwnDevice> own;
  for (LogStatus status = context_.log_status(); status.unread;) {
    const auto page = source_.entries(*status.unread, status.size);
    if (!page) return failed(page.error());
    auto read = context_.read_log(page->entries, page->proof);
    if (!read) return std::unexpected(read.error());
    std::ranges::copy(read->own, std::back_inserter(own));
    status = std::move(read->status);
    host_.keep(status);
  }
  return own;
}

Outcome<bool> DeviceLogFollower::prove_once(Certificates certificates) {
  while (!certificates.empty()) {
    const auto some = certificates.first(std::min(certificates.size(), kMostCertificates));
    const auto logged = source_.inclusion(context_.log_status().size, some);
    if (!logged && logged.error() == Refusal::unreachable) return failed(logged.error());
    if (!logged) return false;
    if (auto kept = keep(context_.prove(*logged)); !kept) return std::unexpected(kept.error());
    certificates = certificates.subspan(some.size());
  }
  return true;
}

Outcome<bool> DeviceLogFollower::prove(Certificates certificates) {
  const bool is_known =
      std::ranges::any_of(certificates, [&](const auto& each) { return refused_.contains(each); });
  const int tries = is_known ? kTriesForRefused : kMostTries;
  for (int attempt = 1; attempt < tries; ++attempt) {
    if (context_.log_status().size != 0) {
      const auto proven = prove_once(certificates);
      if (proven && *proven && is_known) remember(certificates);
      if (!proven || *proven) return proven;
    }
    if (attempt != 1) host_.wait();
    if (auto advanced = advance(); !advanced && advanced.error().code == Code::log_alarm) {
      return std::unexpected(advanced.error());
    }
  }
  if (context_.log_status().size == 0) return conversation::failed(Code::provider_failed);  // Nothing to ask.
  return prove_each(certificates);
}

Outcome<bool> DeviceLogFollower::prove_each(Certificates certificates) {
  int requests = kMostRequests;
  if (auto parted = part(certificates, requests); !parted) return std::unexpected(parted.error());
  remember(certificates);
  return std::ranges::all_of(certificates, [&](const auto& each) { return is_logged(each); });
}

/// Halves what is refused until single certificates are.
Outcome<void> DeviceLogFollower::part(Certificates certificates, int& requests) {
  if (requests-- <= 0) return {};
  const auto proven = prove_once(certificates);
  if (!proven) return std::unexpected(proven.error());
  if (*proven || certificates.size() == 1) return {};
  const std::size_t half = certificates.size() / 2;
  if (auto first = part(certificates.first(half), requests); !first) return first;
  return part(certificates.subspan(half), requests);
}

bool DeviceLogFollower::is_logged(const transparency::CertificateHash& certificate) const {
  return context_.authority().log().is_logged(certificate);
}

void DeviceLogFollower::remember(Certificates certificates) {
  const Refused before = refused_;
  for (const auto& each : certificates) {
    if (is_logged(each)) {
      refused_.erase(each);
    } else if (refused_.size() < kMostRefused || refused_.contains(each)) {
      refused_.insert(each);
    }
  }
  if (refused_ != before && host_.remember) host_.remember(refused_);
}

Outcome<void> DeviceLogFollower::compare(std::string_view checkpoint) {
  const auto& log = context_.authority().log();
  const auto theirs = log.size_of(checkpoint);
  if (!theirs) return {};
  // Whatever the server showed somebody before, it can show now.
  if (*theirs > log.size()) {
    if (auto advanced = advance(); !advanced) return advanced;
  }
  if (*theirs > log.size()) return conversation::failed(Alarm::forked);
  merkle::Proof proof;
  if (*theirs != 0 && *theirs < log.size()) {
    auto shown = source_.consistency(*theirs, log.size());
    if (!shown) return failed(shown.error());
    proof = std::move(*shown);
  }
  if (const auto same = log.compare(checkpoint, proof); !same) return conversation::failed(same.error());
  return {};
}

}  // namespace wardline::conversation
