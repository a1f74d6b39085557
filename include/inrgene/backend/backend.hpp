// What a device must offer. Models, layers, losses and optimisers are written against
// `backend_traits<B>` alone; a new backend is one specialisation and no other change.
#pragma once

#include <algorithm>
#include <concepts>
#include <span>
#include <tuple>
#include <type_traits>

#include "inrgene/backend/matrix_view.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// How gemm reads an operand.
enum class Op { none, transpose, conjugate };

/// Whether a result replaces what stands in its place or is added to it.
enum class Write { replace, add };

/// Specialised by every backend B; all members are static.
///
/// | member | meaning |
/// | --- | --- |
/// | `scalar` | working type: float or double |
/// | `buffer<E>` | owning, zero-filled, movable memory of E; `data()`, `size()` |
/// | `context` | what one worker needs to issue work (scratch on a CPU; a stream on a GPU) |
/// | `contexts` | contexts kept by who runs the same work again; default-constructible |
/// | `workers(b)` | how many workers share a batch |
/// | `tile_samples(b)` | samples a worker takes at a time |
/// | `tile_multiple(b)` | tiles are best a multiple of so many samples |
/// | `run(b, n, task)` | `task(worker, context&)` for n workers, by index; rethrows |
/// | `run(b, contexts, n, task)` | the same; what the kept contexts hold is not taken anew |
/// | `upload(b, host, device)`, `download(b, device, host)` | copies |
/// | `fill(context, view, value)` | sets every element |
/// | `gemm<OpA, OpB>(context, A, B, C, write)` | C = op(A)·op(B) or C += …; real and complex |
/// | `affine(context, W, b, x, z)` | z = Wᵀx + b, W [in × out] (PyTorch's weight as it lies) |
/// | `affine_map(context, W, b, x, f, outs)` | `f(z, outs&...)` for every element of that z |
/// | `pull_affine(context, W, dz, dx, write)` | dx = W̄·dz or dx += … |
/// | `map(context, f, outs, ins...)` | `f(ins..., outs&...)` for every element |
/// | `sum_map(context, slot, f, outs, ins...)` | the same; *slot += Σ of what f returns |
/// | `generate(context, f, out)` | out(i, j) = f(i, j) |
/// | `sum_samples(context, x, out)` | out(i) += Σ_j x(i, j) |
/// | `map_sum_samples(context, f, out, sums, ins...)` | `map`, and sums(i) += Σ_j out(i, j) |
///
/// An empty b of `affine` and `affine_map` is none; the first of `outs` is of z's type.
/// The W of `affine`, `affine_map` and `pull_affine` keeps its values, and its memory, during one
/// `run`: a backend may hold what it makes of it for the next tile. What a context is used for
/// outside of a run it does not remember.
///
/// Element types are `scalar` or `math::Complex<scalar>`; inputs of `map` may be integers or
/// enumerations too. An output of `map` may be one of its inputs. Functors are plain structs over
/// plain types: a device copies them as bytes.
template <class B>
struct backend_traits;

/// A type that `backend_traits` knows how to run.
template <class B>
concept Backend = requires(const B& b, typename backend_traits<B>::context& context,
                           typename backend_traits<B>::contexts& kept,
                           typename backend_traits<B>::template buffer<double>& sums,
                           MatrixView<typename backend_traits<B>::scalar> m,
                           MatrixView<const typename backend_traits<B>::scalar> c) {
  requires std::floating_point<typename backend_traits<B>::scalar>;
  { backend_traits<B>::workers(b) } -> std::convertible_to<int>;
  { backend_traits<B>::tile_samples(b) } -> std::convertible_to<Index>;
  backend_traits<B>::template gemm<Op::transpose, Op::none>(context, c, c, m, Write::add);
  { backend_traits<B>::tile_multiple(b) } -> std::convertible_to<Index>;
  backend_traits<B>::affine(context, c, c, c, m);
  backend_traits<B>::pull_affine(context, c, c, m, Write::add);
  requires std::default_initializable<std::remove_reference_t<decltype(kept)>>;
  backend_traits<B>::fill(context, m, typename backend_traits<B>::scalar{});
  backend_traits<B>::sum_samples(context, c, m);
  { sums.data() } -> std::same_as<double*>;
};

template <class B>
using scalar_of = typename backend_traits<B>::scalar;
template <class B>
using context_of = typename backend_traits<B>::context;

/// A matrix [rows × cols] that owns its memory on backend B.
template <class E, Backend B>
class Matrix {
 public:
  Matrix() = default;
  Matrix(Index rows, Index cols)
      : buffer_(static_cast<std::size_t>(rows * cols)), rows_(rows), cols_(cols) {}
  [[nodiscard]] MatrixView<E> view() { return {buffer_.data(), rows_, cols_}; }
  [[nodiscard]] MatrixView<const E> view() const { return {buffer_.data(), rows_, cols_}; }
  /// The first `count` samples.
  [[nodiscard]] MatrixView<E> view(Index count) { return view().columns(0, count); }
  [[nodiscard]] Index rows() const { return rows_; }
  [[nodiscard]] Index cols() const { return cols_; }

 private:
  typename backend_traits<B>::template buffer<E> buffer_;
  Index rows_ = 0;
  Index cols_ = 0;
};

/// Length of equal tiles of at most `most` that cover n samples, without a short last one, rounded
/// up to a multiple that suits the backend.
template <Backend B>
[[nodiscard]] Index even_tile(const B& backend, Index n, Index most) {
  const Index tiles = std::max<Index>(1, (n + most - 1) / most);
  const Index even = std::max<Index>(1, (n + tiles - 1) / tiles);
  const Index multiple = backend_traits<B>::tile_multiple(backend);
  const Index rounded = (even + multiple - 1) / multiple * multiple;
  return rounded <= most ? rounded : even;
}

/// Applies `f(ins..., outs&...)` to whole flat buffers, the range shared among the workers.
template <Backend B, class F, class... Outs, class... Ins>
void map_flat(const B& backend, Index size, const F& f, std::tuple<Outs*...> outs,
              const Ins*... ins) {
  using Ops = backend_traits<B>;
  const int workers = Ops::workers(backend);
  Ops::run(backend, workers, [&](int worker, typename Ops::context& context) {
    const Index begin = size * worker / workers;
    const Index count = size * (worker + 1) / workers - begin;
    const auto slice = [&](auto* p) { return MatrixView(p + begin, count, 1); };
    Ops::map(context, f, std::apply([&](auto*... o) { return std::tuple(slice(o)...); }, outs),
             slice(ins)...);
  });
}

}  // namespace inrgene
