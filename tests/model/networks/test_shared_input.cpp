// Networks whose first layer takes its input in two parts.
#include <doctest/doctest.h>

#include <string>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/model/built_ins.hpp"
#include "support/backbone_checks.hpp"
#include "support/compare.hpp"
#include "support/module_runs.hpp"

namespace inrgene::test {

namespace {

/// Which of two ways to put the parts together again.
enum class Way { share_of_both, share_of_one };

/// Network of inputs whose last `rest` features are the same for all samples.
template <Backend B, class N>
Values run_in_parts(const B& backend, const N& network, const Values& theta, const Values& x,
                    Index rest, Way way) {
  using T = scalar_of<B>;
  const Index in = network.in_features(), n = std::ssize(x) / in;
  const auto parameters = on_backend(backend, theta);
  const auto inputs = on_backend(backend, x);
  const std::span<const T> span(parameters.data(), parameters.size());
  const MatrixView<const T> all(inputs.data(), in, n);
  Matrix<T, B> z(network.share_features(), n), s(network.share_features(), 1);
  Values y;
  backend_traits<B>::run(backend, 1, [&](int /*worker*/, context_of<B>& context) {
    typename N::template Tape<B> tape(network, n, TapeMode::evaluate);
    network.template share<B>(context, span, {in - rest, InputShare::Bias::added},
                              all.features(in - rest, rest).columns(0, 1), s.view());
    const auto first = all.features(0, in - rest);
    MatrixView<T> out;
    if (way == Way::share_of_one) {
      out = network.template forward_share<B>(context, span, first, s.view(), tape);
    } else {
      network.template share<B>(context, span, {}, first, z.view());
      out = network.template forward_shares<B>(context, span, z.view(), s.view(), tape);
    }
    y = on_host(backend, out.data, out.rows * out.cols);
  });
  return y;
}

template <class K, class B>
void check_parts(const B& backend, double tolerance) {
  const Index in = 6, n = 19;
  for (const Index rest : {1, 2, 5}) {
    CAPTURE(rest);
    const auto network = small_network<K>(in, 2);
    const Values theta = drawn_parameters(network, 3);
    Values x = drawn_values(in * n, 4);
    for (Index i = 0; i < in * n; ++i) {
      if (i % in >= in - rest) {
        x[static_cast<std::size_t>(i)] = x[static_cast<std::size_t>(i % in)];
      }
    }
    const Values whole = run_forward(backend, network, theta, x);
    for (const Way way : {Way::share_of_both, Way::share_of_one}) {
      CHECK(relative_difference(run_in_parts(backend, network, theta, x, rest, way), whole) <
            tolerance);
    }
  }
}

}  // namespace

TEST_CASE(
    "an input in two parts gives what it gives as a whole, for every backbone that takes it") {
  for_each_type(Backbones{}, []<class K>() {
    if constexpr (SharedInput<typename K::Network, Cpu<float>>) {
      CAPTURE(std::string(K::name));
      check_parts<K>(Reference<double>{}, 1e-12);
      check_parts<K>(Cpu<double>{}, 1e-12);
      check_parts<K>(Cpu<float>{}, 1e-5);
    }
  });
}

template <class K>
constexpr bool in_parts = SharedInput<typename K::Network, Cpu<float>>;

static_assert(in_parts<Siren> && in_parts<Wire> && in_parts<Wire2d> && in_parts<Gauss> &&
              in_parts<ReluNetwork> && in_parts<FinerNetwork>);
// Their inputs enter every layer, or as rows beside each other.
static_assert(!in_parts<Mfn> && !in_parts<Oinr>);

}  // namespace inrgene::test
