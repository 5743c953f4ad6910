#include "server/identity/cbor_bounds.h"

#include <gtest/gtest.h>

namespace wardline::identity {
namespace {

TEST(CborBounds, WhatIsAnnouncedHasToBeThere) {
  EXPECT_TRUE(is_cbor_bounded(Bytes{}));
  EXPECT_TRUE(is_cbor_bounded(Bytes{0xa1, 0x01, 0x82, 0x02, 0x43, 1, 2, 3}));  // {1: [2, h'010203']}
  EXPECT_FALSE(is_cbor_bounded(Bytes{0xa1, 0x01}));                            // {1: nothing}
  EXPECT_FALSE(is_cbor_bounded(Bytes{0x82, 0x02}));                            // [2, nothing]
  EXPECT_FALSE(is_cbor_bounded(Bytes{0x43, 1, 2}));                            // two bytes of three
  EXPECT_FALSE(is_cbor_bounded(Bytes{0x19, 1}));                               // half a number
  EXPECT_FALSE(is_cbor_bounded(Bytes{0x1c}));                                  // no such length
  // Nine gigabytes of a map, and more entries than numbers hold.
  EXPECT_FALSE(is_cbor_bounded(Bytes{0xba, 0x22, 0x75, 0x00, 0x00, 1, 1, 1, 1}));
  EXPECT_FALSE(is_cbor_bounded(Bytes{0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1}));
}

TEST(CborBounds, DepthIsBounded) {
  EXPECT_TRUE(is_cbor_bounded(concat(Bytes(64, 0x81), Bytes{1})));
  EXPECT_FALSE(is_cbor_bounded(concat(Bytes(65, 0x81), Bytes{1})));
  EXPECT_FALSE(is_cbor_bounded(concat(Bytes(65, 0xc1), Bytes{1})));
}

TEST(CborBounds, OfAuthenticatorDataWhatFollowsTheCredentialId) {
  Bytes data(37, 0);
  EXPECT_TRUE(is_authenticator_data_bounded(data));
  EXPECT_FALSE(is_authenticator_data_bounded(ByteView(data).first(36)));
  data[32] = 0x40;
  EXPECT_FALSE(is_authenticator_data_bounded(data)) << "the credential is missing";
  data.resize(37 + 16, 0);
  data.insert(data.end(), {0, 2, 0xff, 0xff});  // An id of two bytes.
  EXPECT_TRUE(is_authenticator_data_bounded(concat(data, Bytes{0xa1, 1, 2})));
  EXPECT_FALSE(is_authenticator_data_bounded(concat(data, Bytes{0xba, 0x22, 0x75, 0, 0})));
}

}  // namespace
}  // namespace wardline::identity
