// What the GPU's threads do, run by loops on the host, against the Reference backend.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <vector>

#include "backend/cuda/emulated.hpp"
#include "backend/cuda/plain_checks.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/model/built_ins.hpp"
#include "support/small_models.hpp"

using namespace inrgene;
using test::Emulated;
using test::HostLauncher;
using test::ThreadOrder;

namespace {

template <class T>
using Launched = backend_traits<Emulated<T>>;
template <class T>
using Plain = backend_traits<Reference<T>>;

template <class E>
E number(Random& random) {
  if constexpr (math::is_complex<E>) {
    using T = math::real_of<E>;
    return {static_cast<T>(random.uniform(-1, 1)), static_cast<T>(random.uniform(-1, 1))};
  } else {
    return static_cast<E>(random.uniform(-1, 1));
  }
}

/// A matrix with `gap` elements between its columns, all of its memory random.
template <class E>
struct Gapped {
  std::vector<E> memory;
  Index rows, cols, stride;

  Gapped(Index r, Index c, Index gap, Random& random)
      : memory(static_cast<std::size_t>((r + gap) * c)), rows(r), cols(c), stride(r + gap) {
    for (E& e : memory) e = number<E>(random);
  }
  MatrixView<E> view() { return {memory.data(), rows, cols, stride}; }
  MatrixView<const E> constant() { return view(); }
};

template <class E>
double distance(const E& a, const E& b) {
  if constexpr (math::is_complex<E>) {
    return std::hypot(static_cast<double>(a.re - b.re), static_cast<double>(a.im - b.im));
  } else {
    return std::abs(static_cast<double>(a - b));
  }
}
/// The largest difference, gaps included, where nothing may have been written.
template <class E>
double distance(const Gapped<E>& a, const Gapped<E>& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.memory.size(); ++i) {
    worst = std::max(worst, distance(a.memory[i], b.memory[i]));
  }
  return worst;
}
template <class E>
constexpr double rounding = static_cast<double>(std::numeric_limits<math::real_of<E>>::epsilon());

struct SumAndProduct {
  template <class E>
  INRGENE_HD void operator()(const E& a, const E& b, E& sum, E& product) const {
    sum = a + b;
    product = a * b;
  }
};
struct Squared {
  template <class E>
  INRGENE_HD void operator()(const E& in, E& out) const {
    out = in * in;
  }
};
struct CountedSquare {
  template <class E>
  INRGENE_HD double operator()(const E& in, E& out) const {
    out = in + in;
    if constexpr (math::is_complex<E>) {
      return static_cast<double>(math::norm(in));
    } else {
      return static_cast<double>(in) * static_cast<double>(in);
    }
  }
};
struct Places {
  INRGENE_HD double operator()(Index i, Index j) const {
    return static_cast<double>(i) + 1e4 * static_cast<double>(j);
  }
};

/// Each operation on the same matrices by both; elementwise ones give the same bits, sums differ
/// by the rounding of their last step (and of a double's additions).
template <class E>
void check_shape(Index rows, Index cols, Index gap, ThreadOrder order) {
  using T = math::real_of<E>;
  CAPTURE(rows);
  CAPTURE(cols);
  CAPTURE(gap);
  Random random(static_cast<std::uint64_t>(7 + rows * 1000 + cols));
  HostLauncher c{order};
  typename Plain<T>::context plain;
  Gapped<E> a(rows, cols, gap, random), b(rows, cols, 0, random), p(rows, cols, gap, random),
      q(rows, cols, 2 * gap, random), column(rows, 1, 0, random);
  Gapped<E> plain_p = p, plain_q = q;
  const auto same = [&] {
    CHECK(distance(p, plain_p) == 0);
    CHECK(distance(q, plain_q) == 0);
  };

  Launched<T>::map(c, SumAndProduct{}, std::tuple(p.view(), q.view()), a.constant(), b.constant());
  Plain<T>::map(plain, SumAndProduct{}, std::tuple(plain_p.view(), plain_q.view()), a.constant(),
                b.constant());
  same();
  const MatrixView<const E> repeated(column.memory.data(), rows, cols, 0);
  Launched<T>::map(c, SumAndProduct{}, std::tuple(p.view(), q.view()), p.constant(), repeated);
  Plain<T>::map(plain, SumAndProduct{}, std::tuple(plain_p.view(), plain_q.view()),
                plain_p.constant(), repeated);
  same();
  Launched<T>::map(c, Squared{}, std::tuple(p.view()), p.constant());
  Plain<T>::map(plain, Squared{}, std::tuple(plain_p.view()), plain_p.constant());
  same();

  double sum = 3, plain_sum = 3;
  Launched<T>::sum_map(c, &sum, CountedSquare{}, std::tuple(q.view()), a.constant());
  Plain<T>::sum_map(plain, &plain_sum, CountedSquare{}, std::tuple(plain_q.view()), a.constant());
  same();
  const double elements = static_cast<double>(rows * cols);
  CHECK(std::abs(sum - plain_sum) <= 1e-16 * elements * (3 + plain_sum));

  Gapped<E> sums(rows, 1, 0, random);
  Gapped<E> plain_sums = sums;
  // Sums in double, rounded once: half a last place of a number up to 2·cols, and the rounding of
  // one addition after the other.
  const auto n = static_cast<double>(cols);
  const double tolerance = 2 * rounding<E> * n + 1.2e-16 * n * n;
  Launched<T>::sum_samples(c, a.constant(), sums.view());
  Plain<T>::sum_samples(plain, a.constant(), plain_sums.view());
  CHECK(distance(sums, plain_sums) <= tolerance);
  Launched<T>::map_sum_samples(c, Squared{}, p.view(), sums.view(), a.constant());
  Plain<T>::map_sum_samples(plain, Squared{}, plain_p.view(), plain_sums.view(), a.constant());
  same();
  CHECK(distance(sums, plain_sums) <= 3 * tolerance);

  Launched<T>::fill(c, p.view(), number<E>(random));
  Plain<T>::fill(plain, plain_p.view(), p.memory.empty() ? E{} : p.memory[0]);
  same();
  if constexpr (std::is_same_v<E, double>) {
    Launched<T>::generate(c, Places{}, q.view());
    Plain<T>::generate(plain, Places{}, plain_q.view());
    same();
  }
}

template <class E>
void check_shapes(ThreadOrder order) {
  // Around the lanes of a warp, the threads of a block and what a block takes at a time.
  for (const Index rows : {1, 2, 31, 32, 33, 64, 70, 255, 256, 257, 1023, 1025}) {
    for (const Index cols : {1, 2, 7, 8, 9, 33}) {
      check_shape<E>(rows, cols, 0, order);
      check_shape<E>(rows, cols, 3, order);
    }
  }
  // Around the slices of a sum over samples, and more chunks than a sum has blocks.
  for (const Index cols : {127, 128, 129, 256, 1000, 16'500}) check_shape<E>(3, cols, 1, order);
  check_shape<E>(600, 1100, 0, order);
}

}  // namespace

TEST_CASE("launches give what plain loops give, for every shape") {
  check_shapes<float>(ThreadOrder::upwards);
  check_shapes<double>(ThreadOrder::downwards);
  check_shapes<math::Complex<float>>(ThreadOrder::upwards);
  check_shapes<math::Complex<double>>(ThreadOrder::downwards);
}

TEST_CASE("sums have the same bits whatever the order of blocks and threads") {
  Random random(5);
  Gapped<float> x(77, 5000, 0, random);
  const auto sums = [&](ThreadOrder order) {
    HostLauncher c{order};
    std::vector<double> out(1);
    std::vector<float> rows(77, 0.5F);
    Launched<float>::sum_map(c, out.data(), detail::PassOn{}, std::tuple<>{}, x.constant());
    Launched<float>::sum_samples(c, x.constant(), MatrixView<float>(rows.data(), 77, 1));
    for (const float v : rows) out.push_back(static_cast<double>(v));
    return out;
  };
  CHECK(sums(ThreadOrder::upwards) == sums(ThreadOrder::downwards));
}

TEST_CASE("nothing is launched for an empty matrix") {
  HostLauncher c;
  double sum = 1.5;
  float out = 2.5F;
  const MatrixView<const float> none(&out, 3, 0), flat(&out, 0, 3);
  for (const auto& empty : {none, flat}) {
    const MatrixView<float> to(&out, empty.rows, empty.cols);
    Launched<float>::map(c, Squared{}, std::tuple(to), empty);
    Launched<float>::sum_map(c, &sum, detail::PassOn{}, std::tuple<>{}, empty);
    Launched<float>::sum_samples(c, empty, MatrixView<float>(&out, empty.rows, 1));
    Launched<float>::fill(c, to, 1.0F);
  }
  CHECK(c.launches == 0);
  CHECK(sum == 1.5);
  CHECK(out == 2.5F);
}

TEST_CASE("the host cannot reach the memory that plays a device's") {
  const test::GuardedBuffer<float> buffer(8);
  const pid_t child = fork();
  if (child == 0) {
    const volatile float* value = buffer.data();
    _exit(*value == 0 ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK_FALSE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  const test::OnDevice open;
  CHECK(*buffer.data() == 0);
}

TEST_CASE("an element's number becomes its cell, beyond 32 bits too") {
  const Index rows = 3, cols = Index{1} << 31;
  const detail::ElementLine line(rows, cols, false);
  CHECK(line.count > Index{UINT32_MAX});
  for (const Index k :
       {Index{0}, Index{5}, Index{UINT32_MAX}, Index{UINT32_MAX} + 1, line.count - 1}) {
    const detail::Cell cell = line[k];
    CHECK(cell.row + cell.col * rows == k);
    CHECK(cell.row < rows);
  }
  const detail::ElementLine edge(1, Index{UINT32_MAX}, false);
  CHECK(edge[edge.count - 1].col == edge.count - 1);
}

TEST_CASE("a float is the sum of two TF32 numbers and a rest below 2^-22 of it") {
  Random random(9);
  for (int i = 0; i < 20'000; ++i) {
    const auto x = static_cast<float>(random.normal() * std::exp2(random.uniform(-60, 60)));
    float high = 0, low = 0;
    detail::SplitTf32Kernel{}(x, high, low);
    const auto low_bits = [](float v) { return std::bit_cast<std::uint32_t>(v) & 0x1FFFU; };
    CHECK(low_bits(high) == 0);
    CHECK(high + low == x);
    CHECK(std::abs(low) <= std::abs(x) * 0x1p-11F);
    float rest_high = 0, rest = 0;
    detail::SplitTf32Kernel{}(low, rest_high, rest);
    CHECK(std::abs(rest) <= std::abs(x) * 0x1p-22F);
  }
  for (const float x : {INFINITY, -INFINITY, NAN}) {
    float high = 0, low = 0;
    detail::SplitTf32Kernel{}(x, high, low);
    CHECK_FALSE((std::isfinite(high) && std::isfinite(low)));
  }
}

TEST_CASE("three products of split factors are as good as one in float") {
  // The derivation in precision.hpp, with the middle products truncated as hardware may.
  Random random(10);
  const auto cut = [](float v) {
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(v) & 0xFFFFE000U);
  };
  for (int i = 0; i < 20'000; ++i) {
    const auto a = static_cast<float>(random.normal()), b = static_cast<float>(random.normal());
    float ah = 0, al = 0, bh = 0, bl = 0;
    detail::SplitTf32Kernel{}(a, ah, al);
    detail::SplitTf32Kernel{}(b, bh, bl);
    const double product =
        double{cut(al)} * double{bh} + double{ah} * double{cut(bl)} + double{ah} * double{bh};
    const double exact = double{a} * double{b};
    CHECK(std::abs(product - exact) <= 5 * 0x1p-22 * std::abs(exact));
  }
}

TEST_CASE("backbones give on emulated launches what they give on plain loops") {
  // One map a layer, two complex ones, and filters of distances. (All formulas of all backbones run
  // on two backends elsewhere; the launches do not know them apart.)
  for_each_type(TypeList<Siren, Wire2d, Mfn>{}, []<class K>() {
    CAPTURE(std::string(K::name));
    const auto network = K::build(4, 2, test::SmallSettings<K>::make(4));
    test::check_against_plain(Emulated<float>{}, network, 1e-4, 33);
  });
}
