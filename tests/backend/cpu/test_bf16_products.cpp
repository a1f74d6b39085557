// Products of factors rounded to bf16, by the instruction where this build has it and emulated
// everywhere, against sums in double of numbers that are rounded here by the definition.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "backend/cpu/product_checks.hpp"
#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/core/random.hpp"

using namespace inrgene;
using namespace inrgene::test;

namespace {

using Instruction = detail::Bf16Pairs<>;  // emulated where there is none
using Emulation = detail::Bf16Pairs<false>;

/// The nearest number of 8 significant bits, ties to an even one, in double; beyond the largest
/// bf16, as if there were more exponents, infinity.
double by_definition(float x) {
  if (!std::isfinite(x) || x == 0) return static_cast<double>(x);
  const double size = std::abs(static_cast<double>(x));
  // Subnormal numbers are apart as the smallest normal ones are.
  const double unit = std::ldexp(1.0, std::max(std::ilogb(size), -126) - 7);
  const double below = std::floor(size / unit);
  const double rest = size / unit - below;  // exact
  const bool up = rest > 0.5 || (rest == 0.5 && std::fmod(below, 2.0) == 1.0);
  const double rounded = (below + (up ? 1 : 0)) * unit;
  const double largest = std::ldexp(255.0, 127 - 7);
  return std::copysign(rounded > largest ? std::numeric_limits<double>::infinity() : rounded,
                       static_cast<double>(x));
}

float of_half(std::uint32_t bits) {
  return std::bit_cast<float>(bits << 16);
}

std::vector<float> hard_numbers() {
  std::vector<float> out;
  for (std::uint32_t high = 0; high <= 0xffff; ++high) {
    for (const std::uint32_t low : {0U, 1U, 0x7fffU, 0x8000U, 0x8001U, 0xffffU}) {
      out.push_back(std::bit_cast<float>(high << 16 | low));
    }
  }
  return out;
}

/// Whether a bf16's bits are those of x rounded; the sign of zero and infinity counts.
bool is_rounded(float x, std::uint32_t half) {
  const float found = of_half(half);
  if (std::isnan(x)) return std::isnan(found);
  return static_cast<double>(found) == by_definition(x) && std::signbit(found) == std::signbit(x);
}

template <class T>
Framed<T> rounded(Framed<T> m) {
  for (Index j = 0; j < m.cols; ++j) {
    for (Index i = 0; i < m.rows; ++i)
      m.view()(i, j) = static_cast<T>(by_definition(m.view()(i, j)));
  }
  return m;
}

/// op(A)·op(B) in one format, with all the memory it lies in.
template <class Format, Op OpA, Op OpB>
std::vector<float> tiled(Framed<float>& a, Framed<float>& b, Framed<float> c, bool add) {
  detail::ProductScratch scratch;
  const auto v = b.constant();
  const detail::SpreadFactor<float> spread = OpB == Op::transpose
                                                 ? detail::SpreadFactor<float>{v.data, v.stride, 1}
                                                 : detail::SpreadFactor<float>{v.data, 1, v.stride};
  detail::TiledProduct<Format, float>({a.constant(), OpA == Op::transpose}, spread)(c.view(), add,
                                                                                    scratch);
  return c.memory;
}

template <Op OpA, Op OpB>
void check_formats(const Size& s, Random& random) {
  using F = Framed<float>;
  F a = OpA == Op::transpose ? F(s.k, s.m, s.gap, not_a_number, random)
                             : F(s.m, s.k, s.gap, not_a_number, random);
  F b = OpB == Op::transpose ? F(s.n, s.k, s.gap, not_a_number, random)
                             : F(s.k, s.n, s.gap, not_a_number, random);
  F rounded_a = rounded(a), rounded_b = rounded(b);
  const F c(s.m, s.n, s.gap, 7.0, random);
  for (const bool add : {false, true}) {
    const auto plain = product<Reference<float>, OpA, OpB>(rounded_a, rounded_b, c,
                                                           add ? Write::add : Write::replace);
    const double bound = tolerance<float>(s.k);  // of sums in float
    const double instruction = distance(tiled<Instruction, OpA, OpB>(a, b, c, add), plain);
    const double emulation = distance(tiled<Emulation, OpA, OpB>(a, b, c, add), plain);
    if (instruction <= bound && emulation <= bound) continue;
    CAPTURE(s.m);
    CAPTURE(s.n);
    CAPTURE(s.k);
    CHECK(instruction <= bound);
    CHECK(emulation <= bound);
  }
}

void check_all(const Size& s, Random& random) {
  check_formats<Op::none, Op::none>(s, random);
  check_formats<Op::transpose, Op::none>(s, random);
  check_formats<Op::conjugate, Op::transpose>(s, random);
}

using Bf16 = Cpu<float, Bf16Products>;

/// What a layer asks for, against plain loops over rounded factors; biases are not rounded.
void check_bf16_layer(Index in, Index out, Index n, Index gap, Random& random) {
  using F = Framed<float>;
  F w(in, out, 0, not_a_number, random), bias(out, 1, 0, not_a_number, random),
      x(in, n, gap, not_a_number, random), dz(out, n, gap, not_a_number, random);
  const auto results = [&](Index rows) { return F(rows, n, gap, 7.0, random); };
  LayerResults<float> own{results(out), results(out), results(out),
                          results(out), results(in),  results(in)};
  LayerResults<float> plain = own;
  F gradient(in, out, 0, 7.0, random);
  const auto found_gradient =
      product<Bf16, Op::conjugate, Op::transpose>(x, dz, gradient, Write::add);
  own.run(Bf16{}, w, bias, x, dz);
  if (in > 32 && out > 32) {
    w = rounded(w);
    x = rounded(x);
    dz = rounded(dz);
  }
  plain.run(Reference<float>{}, w, bias, x, dz);
  const auto plain_gradient =
      product<Reference<float>, Op::conjugate, Op::transpose>(x, dz, gradient, Write::add);
  const double bound = 2 * static_cast<double>(in + 2) * tolerance<float>(std::max(in, out));
  const double apart = own.distance_to(plain), gradients = distance(found_gradient, plain_gradient);
  if (apart <= bound && gradients <= tolerance<float>(n)) return;
  CAPTURE(in);
  CAPTURE(out);
  CAPTURE(n);
  CHECK(apart <= bound);
  CHECK(gradients <= tolerance<float>(n));
}

}  // namespace

TEST_CASE("numbers are rounded to the nearest bf16, ties to even, NaN to NaN") {
  const auto numbers = hard_numbers();
  const auto n = std::ssize(numbers);
  int wrong = 0;
  for (const float x : numbers) {
    const auto both = Instruction::pair(x, 1.0F), other = Instruction::pair(1.0F, x);
    if (!is_rounded(x, both & 0xffffU) || both >> 16 != 0x3f80U) ++wrong;
    if (!is_rounded(x, other >> 16) || (other & 0xffffU) != 0x3f80U) ++wrong;
  }
  CHECK(wrong == 0);
  // In vectors as alone, along and across the depth and in panels.
  std::vector<std::uint32_t> found(numbers.size());
  Instruction::along_depth(numbers.data(), n - 1, found.data());
  for (Index k = 0; k < n - 1; ++k) {
    const auto element = found[static_cast<std::size_t>(k / 2)];
    const auto at = static_cast<std::size_t>(k);
    if (!is_rounded(numbers[at], k % 2 == 0 ? element & 0xffffU : element >> 16)) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK((found[static_cast<std::size_t>(n / 2 - 1)] >> 16) ==
        0);  // what an odd depth is filled with
  Instruction::across_depth(numbers.data(), numbers.data() + 1, n - 1, 1, found.data());
  for (std::size_t k = 0; k + 1 < numbers.size(); ++k) {
    if (!is_rounded(numbers[k], found[k] & 0xffffU)) ++wrong;
    if (!is_rounded(numbers[k + 1], found[k] >> 16)) ++wrong;
  }
  CHECK(wrong == 0);
  Instruction::across_depth(numbers.data(), nullptr, n / 3, 3, found.data());
  for (std::size_t k = 0; k < numbers.size() / 3; ++k) {
    if (!is_rounded(numbers[3 * k], found[k]) || found[k] >> 16 != 0) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("rounding worked by hand") {
  const auto half = [](float x) { return Emulation::pair(x, 0); };
  CHECK(half(1.0F) == 0x3f80);
  CHECK(half(-0.0F) == 0x8000);
  CHECK(half(1.00390625F) == 0x3f80);    // 1 + 2⁻⁸: half way, to the even 1
  CHECK(half(1.01171875F) == 0x3f82);    // 1 + 3·2⁻⁸: half way, to the even 1 + 2⁻⁶
  CHECK(half(1.0039064F) == 0x3f81);     // a little more than half way
  CHECK(half(3.3895314e38F) == 0x7f7f);  // the largest
  CHECK(half(3.4e38F) == 0x7f80);        // nearer to 2^128
  CHECK(half(std::numeric_limits<float>::infinity()) == 0x7f80);
}

TEST_CASE("bf16 products of every width and depth agree with sums in double of rounded numbers") {
  Random random(1);
  for (Index m = 1; m <= 70; ++m) {
    for (const Index n : {1, 2, 4, 6, 13, 14, 15, 23}) {
      check_all({m, n, 1 + (7 * m + n) % 19, m % 3}, random);
    }
  }
  for (Index k = 1; k <= 70; ++k) check_all({33, 19, k, 1}, random);
}

TEST_CASE("bf16 products of every number of samples agree with sums in double") {
  Random random(2);
  for (Index n = 1; n <= 600; ++n) {
    check_formats<Op::transpose, Op::none>({n % 5 + 30, n, 5, n % 2}, random);
    check_formats<Op::none, Op::transpose>({n % 5 + 30, 9, n, n % 2}, random);
  }
}

TEST_CASE("bf16 products longer than a block of second-level cache are put together") {
  Random random(3);
  check_all({40, 20, 2100, 0}, random);
  check_all({600, 17, 1025, 2}, random);
  check_all({5, 1030, 40, 0}, random);
  check_all({34, 29, 1024, 0}, random);
}

TEST_CASE("the instruction and its emulation agree") {
  if (!detail::has_bf16_instruction) MESSAGE("this build has no instruction: both are emulated");
  Random random(4);
  const Framed<float> c(65, 30, 1, 7.0, random);
  for (const Index k : {1, 2, 31, 600}) {
    Framed<float> a(65, k, 1, not_a_number, random), b(k, 30, 2, not_a_number, random);
    // Infinities and NaN come through both.
    b.view()(0, 3) = std::numeric_limits<float>::infinity();
    const auto one = tiled<Instruction, Op::none, Op::none>(a, b, c, true);
    const auto other = tiled<Emulation, Op::none, Op::none>(a, b, c, true);
    for (std::size_t i = 0; i < one.size(); ++i) {
      const bool same = std::isfinite(one[i]) ? std::abs(one[i] - other[i]) <= tolerance<float>(k)
                                              : !std::isfinite(other[i]) &&
                                                    std::isnan(one[i]) == std::isnan(other[i]);
      if (!same) CHECK(one[i] == other[i]);
    }
    CHECK(std::any_of(one.begin(), one.end(), [](float v) { return std::isinf(v); }));
  }
}

TEST_CASE("every term of a bf16 product is within its documented error") {
  Random random(5);
  Framed<float> w(512, 64, 0, 0, random), x(512, 40, 0, 0, random), sizes_w = w, sizes_x = x;
  for (float& v : sizes_w.memory) v = std::abs(v);
  for (float& v : sizes_x.memory) v = std::abs(v);
  const Framed<float> room(64, 40, 0, 0, random);
  const auto exact = product<Reference<float>, Op::transpose, Op::none>(w, x, room, Write::replace);
  const auto sizes =
      product<Reference<float>, Op::transpose, Op::none>(sizes_w, sizes_x, room, Write::replace);
  auto found = room;
  context_of<Bf16> context;
  backend_traits<Bf16>::affine(context, w.constant(), MatrixView<const float>(), x.constant(),
                               found.view());
  const double term = std::ldexp(1.0, -7) * (1 + std::ldexp(1.0, -9));
  double worst = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double apart = std::abs(static_cast<double>(found.memory[i]) - exact[i]);
    worst = std::max(worst, (apart - tolerance<float>(512)) / sizes[i]);
  }
  CHECK(worst <= term);
  CHECK(worst > 1e-5);  // it is rounded
}

TEST_CASE("what a wide layer asks for is computed in bf16, a narrow one's in float") {
  Random random(6);
  for (const Index in : {1, 3, 32, 33, 70}) {
    for (const Index out : {1, 2, 31, 32, 33, 65}) {
      for (const Index n : {1, 3, 14, 29, 260}) check_bf16_layer(in, out, n, n % 3, random);
    }
  }
  for (Index width = 25; width <= 110; ++width) {
    check_bf16_layer(width, 135 - width, 20, 0, random);
  }
  check_bf16_layer(1030, 40, 20, 0, random);
}

TEST_CASE("other products keep all digits, complex ones too") {
  Random random(7);
  const auto same = [&]<class E, Op OpA, Op OpB>() {
    Framed<E> a(40, 40, 0, 0, random), b(40, 40, 0, 0, random);
    const Framed<E> c(40, 40, 0, 0, random);
    const auto one = product<Bf16, OpA, OpB>(a, b, c, Write::add);
    CHECK(distance(one, product<Cpu<float>, OpA, OpB>(a, b, c, Write::add)) == 0);
  };
  same.operator()<float, Op::none, Op::none>();
  same.operator()<float, Op::none, Op::transpose>();
  same.operator()<float, Op::transpose, Op::none>();
  same.operator()<math::Complex<float>, Op::conjugate, Op::transpose>();
  same.operator()<math::Complex<float>, Op::transpose, Op::none>();
}

TEST_CASE("the bf16 kernel names itself") {
  using Shape = detail::KernelShape<float>;
  const bool instruction = detail::has_bf16_instruction;
  const std::string name = text(detail::simd_name, instruction ? " BF16, " : ", ", Shape::samples,
                                "x", Shape::features, instruction ? ", bf16" : ", bf16, emulated");
  CHECK(kernel_name<float, Bf16Products>() == name);
}
