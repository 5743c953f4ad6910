#include "client/attachments/picture.h"

#include <sstream>

#include <gtest/gtest.h>

namespace wardline::client {
namespace {

using namespace std::string_literals;

std::string number(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}
std::string segment(char marker, const std::string& body) {
  return "\xff"s + marker + number(static_cast<std::uint32_t>(body.size() + 2), 2) + body;
}

/// What is sent of a file that holds this; nothing if it is not sent.
std::optional<std::string> sent(const std::string& file) {
  std::istringstream stream(file);
  const auto portions = portions_without_metadata(stream);
  if (!portions) return std::nullopt;
  std::string all;
  for (const Portion& each : *portions)
    all += each.instead.empty() ? file.substr(each.first, each.size) : each.instead;
  return all;
}

// 8 by 8 pixels of one grey (T.81 Annex B), with a stuffed 0xff and a restart marker in the scan.
const std::string kSoi = "\xff\xd8"s;
const std::string kJfif = segment('\xe0', "JFIF\0\1\2\0\0\1\0\1\0\0"s);
const std::string kPicture = segment('\xdb', "\0"s + std::string(64, '\1')) +              // DQT
                             segment('\xc0', "\10\0\10\0\10\1\1\x11\0"s) +                 // SOF0
                             segment('\xc4', "\0\1"s + std::string(15, '\0') + "\0"s) +    // DHT, DC
                             segment('\xc4', "\x10\1"s + std::string(15, '\0') + "\0"s) +  // DHT, AC
                             segment('\xda', "\1\1\0\0\77\0"s) +
                             "\x3f\xff\0\x3f\xff\xd3\x3f\xff\xd9"s;  // SOS

/// As phones write it: how to turn the picture, who made the phone, and 52° 31' 12" N as Exif 2.32 §4.6.6 has
/// it.
std::string exif(std::uint8_t orientation, bool little = false) {
  const auto value = [&](std::uint32_t number_of, int bytes) {
    std::string text = number(number_of, bytes);
    return little ? std::string(text.rbegin(), text.rend()) : text;
  };
  const auto entry = [&](std::uint32_t tag, std::uint32_t type, std::uint32_t count,
                         const std::string& what) {
    return value(tag, 2) + value(type, 2) + value(count, 4) + what;
  };
  const auto rational = [&](std::uint32_t of) { return value(of, 4) + value(1, 4); };
  constexpr std::uint32_t kGpsAt = 8 + 2 + 3 * 12 + 4;
  constexpr std::uint32_t kLatitudeAt = kGpsAt + 2 + 2 * 12 + 4;
  return segment('\xe1', "Exif\0\0"s + (little ? "II" : "MM") + value(42, 2) + value(8, 4) +  //
                             value(3, 2) + entry(0x010f, 2, 4, "Cam\0"s) +
                             entry(0x0112, 3, 1, value(orientation, 2) + "\0\0"s) +
                             entry(0x8825, 4, 1, value(kGpsAt, 4)) + value(0, 4) +  //
                             value(2, 2) + entry(1, 2, 2, "N\0\0\0"s) +
                             entry(2, 5, 3, value(kLatitudeAt, 4)) + value(0, 4) +  //
                             rational(52) + rational(31) + rational(12));
}

TEST(Picture, AJpegKeepsItsPictureAndItsColoursAndNothingOfWhereItWasTakenDlp2) {
  const std::string colours =
      segment('\xe2', "ICC_PROFILE\0\1\1\11\11"s) + segment('\xee', "Adobe\0d\0\0\0\0\1"s);
  const std::string told = segment('\xe1', "http://ns.adobe.com/xap/1.0/\0<creator>Ann</creator>"s) +
                           segment('\xe2', "MPF\0\1"s) + segment('\xed', "Photoshop 3.0"s) +
                           segment('\xfe', "bed 12"s);
  const std::string behind = "a second picture behind the first";
  EXPECT_EQ(sent(kSoi + kJfif + exif(1) + told + colours + kPicture + behind),
            kSoi + kJfif + colours + kPicture);
  EXPECT_EQ(sent(kSoi + kJfif + kPicture), kSoi + kJfif + kPicture)
      << "as it is where there is nothing to take";
}

TEST(Picture, AJpegIsStillTheRightWayUpDlp2) {
  for (const bool little : {false, true}) {
    const auto after = sent(kSoi + exif(6, little) + kPicture);
    ASSERT_TRUE(after);
    ASSERT_EQ(after->substr(2 + 36), kPicture);
    EXPECT_EQ(after->substr(2, 10), "\xff\xe1\0\x22"s + "Exif\0\0"s);
    EXPECT_EQ((*after)[2 + 29], 6);
    EXPECT_EQ(after->find("Cam"), std::string::npos);
    EXPECT_EQ(after->find(number(52, 4)), std::string::npos);
    EXPECT_EQ(sent(*after), after) << "and once more changes nothing";
  }
}

TEST(Picture, AJpegWithABrokenOrientationLosesThatAlone) {
  const std::string broken = segment('\xe1', "Exif\0\0MM\0\x2a\0\0\xff\xff"s);
  EXPECT_EQ(sent(kSoi + broken + kPicture), kSoi + kPicture);
  EXPECT_EQ(sent(kSoi + exif(9) + kPicture), kSoi + kPicture);
}

TEST(Picture, AJpegThatCannotBeFollowedToItsEndIsNotSentDlp2) {
  for (const std::string& bad :
       {"\xff"s, kPicture.substr(0, 30), kPicture.substr(0, kPicture.size() - 2),
        segment('\xdb', "\0"s) + "\1\2"s, "\xff\xe1\xff\xff\1"s, "\xff\xdb\0\1\0\0"s}) {
    EXPECT_FALSE(sent(kSoi + bad));
  }
}

const std::string kPngStart = "\x89PNG\r\n\x1a\n"s;
std::string chunk(const std::string& type, const std::string& body) {
  return number(static_cast<std::uint32_t>(body.size()), 4) + type + body + "\1\2\3\4"s;
}
const std::string kHeader = chunk("IHDR", "\0\0\0\1\0\0\0\1\10\2\0\0\0"s);
const std::string kData = chunk("IDAT", "\1\2\3"s);
const std::string kEnd = chunk("IEND", "");

TEST(Picture, APngKeepsWhatIsSeenOfItDlp2) {
  const std::string gamma = chunk("gAMA", "\0\0\1\1"s);
  EXPECT_EQ(sent(kPngStart + kHeader + gamma + chunk("eXIf", "GPS") + chunk("tEXt", "Author\0Ann"s) +
                 chunk("iTXt", "Title") + chunk("tIME", "\7"s) + chunk("zzZz", "\1"s) + kData + kData + kEnd +
                 "99"),
            kPngStart + kHeader + gamma + kData + kData + kEnd);
}

TEST(Picture, APngThatIsCutOffIsNotSentDlp2) {
  for (const std::string& bad :
       {""s, kHeader, kHeader + kData.substr(0, 10), kHeader + kData + kEnd.substr(0, 11)})
    EXPECT_FALSE(sent(kPngStart + bad));
}

TEST(Picture, AnyOtherFileGoesThroughAsItIs) {
  for (const std::string& file : {""s, "%PDF-1.7 GPS"s, "\xff\xd8"s, kPngStart.substr(0, 7)})
    EXPECT_EQ(sent(file), file);
}

TEST(Picture, OneThatIsLargerThanAWindowIsFollowedToItsEnd) {
  const std::string large = segment('\xda', "\1\1\0\0\77\0"s) + std::string(300'000, '\x11') + "\xff\xd9"s;
  EXPECT_EQ(sent(kSoi + exif(1) + large), kSoi + large);
}

}  // namespace
}  // namespace wardline::client
