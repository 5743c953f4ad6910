// RFC 9420 §5.1, §5.2, §8, §9: the labelled primitives.
#include "lib/mls/member/labels.h"
#include "tests/mls_vectors/formats.h"

namespace wardline::mls_vectors {

void check_crypto_basics(const Case& a_case) {
  const crypto::Suite& suite = a_case.suite();
  const Case expand = a_case.object("expand_with_label");
  expect_equal("expand_with_label",
               mls::expand_with_label(suite, expand.bytes("secret"), expand.text("label"),
                                      expand.bytes("context"), expand.number("length"))
                   .view(),
               expand.bytes("out"));
  const Case derive = a_case.object("derive_secret");
  expect_equal("derive_secret",
               mls::derive_secret(suite, derive.bytes("secret"), derive.text("label")).view(),
               derive.bytes("out"));
  const Case tree = a_case.object("derive_tree_secret");
  expect_equal(
      "derive_tree_secret",
      mls::derive_tree_secret(suite, tree.bytes("secret"), tree.text("label"),
                              static_cast<std::uint32_t>(tree.number("generation")), tree.number("length"))
          .view(),
      tree.bytes("out"));
}

}  // namespace wardline::mls_vectors
