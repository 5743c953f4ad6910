#include "server/files/files.h"

#include <algorithm>

#include "server/audit/append.h"
#include "server/delivery/conversations.h"

namespace wardline::files {

using core::ErrorKind;
using core::fail;
using core::Result;
using policy::Action;

namespace {

constexpr int kPurgedAtOnce = 200;
constexpr std::chrono::hours kBetweenSweeps{24};

std::unexpected<core::Error> file_not_found() {
  return fail(ErrorKind::not_found, "file-not-found", "There is no such file in this conversation.");
}

std::unexpected<core::Error> too_large(std::uint64_t most) {
  return fail(ErrorKind::too_large, "file-too-large", "The file is larger than this server takes.",
              {{"max_bytes", static_cast<std::int64_t>(most)}});
}

}  // namespace

/// A conversation that the caller is in, and a file of it.
struct Files::Place {
  delivery::MembershipPtr membership;
  StoredFile file = {};
};

template <Action action>
Result<Files::Place> Files::enter(storage::ReadTransaction& tx, const policy::Subject& subject,
                                  core::ConversationId conversation) const {
  auto membership = delivery::load_membership(tx, conversation);
  if (!membership) return delivery::conversation_not_found();
  const auto* device = membership->find(subject.device.value());
  const bool member = device && device->user == subject.user && !device->removal_pending &&
                      membership->users.contains(subject.user);
  const auto permitted = policy::authorize<action>(policy_, subject, {.member = member});
  if (!permitted) return std::unexpected(permitted.error());
  return Place{std::move(membership)};
}

template <Action action>
Result<Files::Place> Files::find(storage::ReadTransaction& tx, const policy::Subject& subject,
                                 core::ConversationId conversation, core::FileId file) const {
  auto place = enter<action>(tx, subject, conversation);
  if (!place) return place;
  const auto found = find_file(tx, file);
  if (!found || found->conversation_no != place->membership->conversation_no) return file_not_found();
  // An upload is the business of the device that makes it, and of nobody else.
  if (!found->completed_at && found->device != subject.device) return file_not_found();
  place->file = *found;
  return place;
}

Upload Files::standing(const StoredFile& file, std::uint64_t received) const {
  return {.received = received,
          .expires_at = file.begun_at + limits_.keep_pending,
          .complete = file.completed_at.has_value()};
}

audit::Entry Files::entry_of(const policy::Subject& subject, Action action, const Place& place) const {
  auto entry = audit::Entry::by(subject, action, audit::Outcome::done, clock_.now());
  entry.objects = {place.membership->conversation, place.file.file};
  if (place.membership->patient) entry.patient = patients_.of(*place.membership->patient);
  entry.facts = {{audit::Fact::Name::bytes, static_cast<std::int64_t>(place.file.size)}};
  return entry;
}

// Whoever is not in the conversation is told that there is none, and the record says that they tried.
core::Error Files::refused(const policy::Subject& subject, Action action, core::ConversationId conversation,
                           core::FileId file, core::Error why) {
  const bool denied = why.kind == ErrorKind::denied;
  const bool of_note = denied || why.kind == ErrorKind::too_large || why.kind == ErrorKind::storage_full ||
                       why.kind == ErrorKind::rejected || why.kind == ErrorKind::rate_limited;
  if (!of_note) return why;
  const auto written = database_.write([&](storage::Transaction& tx) -> Result<void> {
    auto entry = audit::Entry::by(subject, action, denied ? audit::Outcome::denied : audit::Outcome::failed,
                                  clock_.now());
    entry.objects = {conversation, file};
    entry.reason = audit::Code::of(why);
    audit::append(tx, entry);
    return {};
  });
  if (!written) return written.error();
  return denied ? delivery::conversation_not_found().error() : why;
}

Result<void> Files::check_limits(storage::ReadTransaction& tx, const Place& place,
                                 const BeginUpload& request) const {
  if (place.membership->state == delivery::ConversationState::closed)
    return fail(ErrorKind::conflict, "conversation-closed", "This conversation takes nothing new.");
  if (request.size > limits_.largest_bytes) return too_large(limits_.largest_bytes);
  const Usage used = usage(tx, place.membership->conversation_no, place.file.user);
  if (used.in_conversation >= limits_.per_conversation)
    return fail(ErrorKind::too_large, "too-many-files", "This conversation holds as many files as it may.",
                {{"most", limits_.per_conversation}});
  if (used.pending_of_user >= limits_.pending_per_user)
    return fail(ErrorKind::rate_limited, "too-many-uploads",
                "Too many uploads are under way. Finish or cancel one first.",
                {{"most", limits_.pending_per_user}});
  const auto free = folder_.free_space();
  if (!free) return std::unexpected(free.error());
  if (used.bytes + request.size > limits_.total_bytes || *free < limits_.reserve_bytes + request.size)
    return fail(ErrorKind::storage_full, "file-storage-full",
                "The server has no room for this file. Nothing was stored; ask your administrator.");
  return {};
}

Result<Upload> Files::begin(const policy::Subject& subject, const BeginUpload& request) {
  const auto guard = lock(request.digest);
  auto begun = database_.write([&](storage::Transaction& tx) -> Result<StoredFile> {
    auto place = enter<Action::file_begin>(tx, subject, request.conversation);
    if (!place) return std::unexpected(place.error());
    StoredFile wanted{.file = request.file,
                      .conversation_no = place->membership->conversation_no,
                      .user = subject.user,
                      .device = subject.device.value(),
                      .size = request.size,
                      .digest = request.digest,
                      .begun_at = clock_.now(),
                      .completed_at = std::nullopt};
    if (const auto known = find_file(tx, request.file)) {
      const bool same = known->conversation_no == wanted.conversation_no && known->device == wanted.device &&
                        known->size == wanted.size && known->digest == wanted.digest;
      if (same) return *known;
      return fail(ErrorKind::conflict, "file-id-taken", "Another file has this id. Choose a new one.");
    }
    place->file = wanted;
    if (auto fits = check_limits(tx, *place, request); !fits) return std::unexpected(fits.error());
    insert_file(tx, wanted);
    audit::append(tx, entry_of(subject, Action::file_begin, *place));
    return wanted;
  });
  if (!begun)
    return std::unexpected(
        refused(subject, Action::file_begin, request.conversation, request.file, begun.error()));
  if (begun->completed_at) return standing(*begun, begun->size);
  const auto received = folder_.received(request.file);
  if (!received) return std::unexpected(received.error());
  return standing(*begun, *received);
}

Result<Upload> Files::write(const policy::Subject& subject, core::ConversationId conversation,
                            core::FileId file, PlaceOfPart part, ByteView bytes) {
  const auto place = database_.read([&](storage::ReadTransaction& tx) {
    return find<Action::file_write>(tx, subject, conversation, file);
  });
  if (!place) return std::unexpected(refused(subject, Action::file_write, conversation, file, place.error()));
  const StoredFile& upload = place->file;
  // Whoever takes the file for one of another size has mixed two up: nothing of it is to be kept.
  if (part.size != upload.size)
    return fail(ErrorKind::conflict, "wrong-size", "The upload was announced with another size.",
                {{"size", static_cast<std::int64_t>(upload.size)}});
  if (upload.completed_at) return standing(upload, upload.size);
  if (part.first > upload.size || bytes.size() > upload.size - part.first || bytes.size() > kLargestPart)
    return too_large(upload.size);
  const auto guard = lock(upload.digest);
  // It may have been given up or finished meanwhile: bytes without a row would be nobody's.
  const auto still = database_.read(
      [&](storage::ReadTransaction& tx) -> Result<bool> { return find_file(tx, file) == upload; });
  if (!still) return std::unexpected(still.error());
  if (!*still) return file_not_found();
  if (auto appended = folder_.append(file, part.first, bytes); !appended)
    return std::unexpected(appended.error());
  return standing(upload, part.first + bytes.size());
}

Result<Upload> Files::complete(const policy::Subject& subject, core::ConversationId conversation,
                               core::FileId file) {
  const auto place = database_.read([&](storage::ReadTransaction& tx) {
    return find<Action::file_complete>(tx, subject, conversation, file);
  });
  if (!place)
    return std::unexpected(refused(subject, Action::file_complete, conversation, file, place.error()));
  const StoredFile& upload = place->file;
  if (upload.completed_at) return standing(upload, upload.size);
  const auto guard = lock(upload.digest);
  if (auto kept = folder_.keep(file, upload.size, upload.digest); !kept) {
    if (kept.error().code == "digest-mismatch") {
      auto entry = entry_of(subject, Action::file_complete, *place);
      entry.outcome = audit::Outcome::failed;
      entry.reason = audit::Code::of(kept.error());
      if (auto forgotten = forget_upload(upload, entry); !forgotten)
        return std::unexpected(forgotten.error());
      return std::unexpected(kept.error());
    }
    return std::unexpected(refused(subject, Action::file_complete, conversation, file, kept.error()));
  }
  // Membership once more, in the transaction that makes it so: whoever was removed meanwhile adds nothing.
  auto whole = database_.write([&](storage::Transaction& tx) -> Result<StoredFile> {
    auto now = find<Action::file_complete>(tx, subject, conversation, file);
    if (!now) return std::unexpected(now.error());
    if (now->file.completed_at) return now->file;
    mark_complete(tx, file, clock_.now());
    audit::append(tx, entry_of(subject, Action::file_complete, *now));
    now->file.completed_at = clock_.now();
    return now->file;
  });
  if (!whole)
    return std::unexpected(refused(subject, Action::file_complete, conversation, file, whole.error()));
  if (auto discarded = folder_.discard(file); !discarded) return std::unexpected(discarded.error());
  return standing(*whole, whole->size);
}

Result<void> Files::cancel(const policy::Subject& subject, core::ConversationId conversation,
                           core::FileId file) {
  const auto place = database_.read([&](storage::ReadTransaction& tx) {
    return find<Action::file_cancel>(tx, subject, conversation, file);
  });
  if (!place && place.error().code == "file-not-found") return {};
  if (!place)
    return std::unexpected(refused(subject, Action::file_cancel, conversation, file, place.error()));
  if (place->file.completed_at)
    return fail(ErrorKind::conflict, "file-complete", "The file is whole already, and members may have it.");
  const auto guard = lock(place->file.digest);
  return forget_upload(place->file, entry_of(subject, Action::file_cancel, *place));
}

Result<Part> Files::read(const policy::Subject& subject, core::ConversationId conversation, core::FileId file,
                         std::uint64_t first, std::uint64_t last) {
  struct Found {
    Place place;
    bool recorded = false;
  };
  const auto look = [&](storage::ReadTransaction& tx) -> Result<Found> {
    auto place = find<Action::file_read>(tx, subject, conversation, file);
    if (!place) return std::unexpected(place.error());
    if (!place->file.completed_at) return file_not_found();
    const auto before = last_reading(tx, file, subject.device.value());
    return Found{std::move(*place), before && clock_.now() - *before < kOneReading};
  };
  auto found = database_.read(look);
  if (!found) return std::unexpected(refused(subject, Action::file_read, conversation, file, found.error()));
  const std::uint64_t size = found->place.file.size;
  if (first >= size || last < first)
    return fail(ErrorKind::invalid, "range-not-satisfiable", "The file does not have this part.",
                {{"size", static_cast<std::int64_t>(size)}});
  if (!found->recorded) {
    // No byte without its entry.
    const auto noted = database_.write([&](storage::Transaction& tx) -> Result<void> {
      const auto again = look(tx);
      if (!again) return std::unexpected(again.error());
      if (again->recorded) return {};
      note_reading(tx, file, subject.device.value(), clock_.now());
      audit::append(tx, entry_of(subject, Action::file_read, again->place));
      return {};
    });
    if (!noted) return std::unexpected(noted.error());
  }
  const std::uint64_t wanted =
      std::min<std::uint64_t>({last - first, kLargestPart - 1, size - first - 1}) + 1;
  auto bytes = folder_.read(found->place.file.digest, first, static_cast<std::size_t>(wanted));
  if (!bytes) return std::unexpected(bytes.error());
  return Part{std::move(*bytes), first, size};
}

// The lock of its digest is held. The row goes last: with it, what is left on disk after a crash is found
// again.
Result<void> Files::forget_upload(const StoredFile& file, const audit::Entry& entry) {
  const auto still = database_.read([&](storage::ReadTransaction& tx) -> Result<std::pair<bool, bool>> {
    const auto found = find_file(tx, file.file);
    return std::pair(found && !found->completed_at, is_content_used(tx, file.digest));
  });
  if (!still) return std::unexpected(still.error());
  const auto [is_upload, used] = *still;
  if (!is_upload) return {};
  if (auto discarded = folder_.discard(file.file); !discarded) return discarded;
  // A crash between `keep` and its transaction leaves the content without a row that says it is whole.
  if (!used)
    if (auto removed = folder_.remove(file.digest); !removed) return removed;
  return database_.write([&](storage::Transaction& tx) -> Result<void> {
    if (delete_upload(tx, file.file)) audit::append(tx, entry);
    return {};
  });
}

Result<void> Files::purge() {
  const core::Time then = clock_.now() - limits_.keep_pending;
  const auto abandoned = database_.read([&](storage::ReadTransaction& tx) -> Result<std::vector<StoredFile>> {
    return uploads_begun_before(tx, then, kPurgedAtOnce);
  });
  if (!abandoned) return std::unexpected(abandoned.error());
  for (const StoredFile& upload : *abandoned) {
    const auto guard = lock(upload.digest);
    auto entry = audit::Entry::by_system(audit::SystemAct::file_expire, audit::Outcome::done, clock_.now());
    entry.objects = {upload.file};
    if (auto forgotten = forget_upload(upload, entry); !forgotten) return forgotten;
  }
  if (swept_at_ && clock_.now() - *swept_at_ < kBetweenSweeps) return {};
  swept_at_ = clock_.now();
  return sweep();
}

// What no row knows of: after a crash between two steps, or a database that was restored to an earlier day.
Result<void> Files::sweep() {
  const core::Time then = clock_.now() - limits_.keep_pending;
  const auto uploads = folder_.uploads_before(then);
  if (!uploads) return std::unexpected(uploads.error());
  for (const core::FileId& upload : *uploads) {
    const auto row = database_.read([&](storage::ReadTransaction& tx) -> Result<std::optional<StoredFile>> {
      return find_file(tx, upload);
    });
    if (!row) return std::unexpected(row.error());
    if (*row && !(*row)->completed_at) continue;
    if (auto discarded = folder_.discard(upload); !discarded) return discarded;
  }
  const auto contents = folder_.contents_before(then);
  if (!contents) return std::unexpected(contents.error());
  for (const Digest& digest : *contents) {
    const auto guard = lock(digest);
    const auto used = database_.read(
        [&](storage::ReadTransaction& tx) -> Result<bool> { return is_content_used(tx, digest); });
    if (!used) return std::unexpected(used.error());
    if (*used) continue;
    if (auto removed = folder_.remove(digest); !removed) return removed;
  }
  return {};
}

}  // namespace wardline::files
