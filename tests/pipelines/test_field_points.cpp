// Points made tile by tile from voxels: the features, the maps, and what they hold in memory.
#include "inrgene/pipelines/field_points.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/backend/reference/reference.hpp"
#include "pipelines/small_fields.hpp"

namespace inrgene {

namespace test {

/// Bytes that buffers of a CountedCpu hold now and held at most.
struct Held {
  static inline std::atomic<std::size_t> now = 0, most = 0;
  static void add(std::size_t bytes) {
    now += bytes;
    most = std::max<std::size_t>(most, now);
  }
};

template <class E>
struct CountedBuffer : HostBuffer<E> {
  CountedBuffer() = default;
  explicit CountedBuffer(std::size_t size) : HostBuffer<E>(size) { Held::add(size * sizeof(E)); }
  CountedBuffer(CountedBuffer&&) noexcept = default;
  CountedBuffer& operator=(CountedBuffer&& other) noexcept {
    Held::now -= this->size() * sizeof(E);
    HostBuffer<E>::operator=(std::move(other));
    return *this;
  }
  ~CountedBuffer() { Held::now -= this->size() * sizeof(E); }
};

struct CountedCpu : Cpu<float> {};

}  // namespace test

template <>
struct backend_traits<test::CountedCpu> : backend_traits<Cpu<float>> {
  template <class E>
  using buffer = test::CountedBuffer<E>;
};

namespace test {

namespace {

/// A block of voxels, all labelled but for some corners, on an oblique grid.
Atlas oblique_atlas(std::size_t side = 5) {
  Volume<std::int32_t> labels;
  labels.values = Array<std::int32_t, 3>::from_shape({side, side, side});
  labels.values.fill(1);
  labels.values(0, 0, 0) = labels.values(2, 1, 1) = labels.values(1, 2, 0) = 0;
  const double mm = 80.0 / static_cast<double>(side);
  labels.voxel_to_mm = {
      {{mm, 0.31, -0.17, -41.3}, {-0.23, mm, 0.71, -38.9}, {0.47, -0.13, mm, -39.7}, {0, 0, 0, 1}}};
  return make_atlas(labels);
}

TissueMasks halves(const Atlas& atlas) {
  TissueMasks masks{.grey = atlas.labels.like<float>(0.0F),
                    .white = atlas.labels.like<float>(0.0F)};
  for (Index v = 0; v < atlas.labels.size(); ++v) {
    if (v % 3 == 0) masks.grey.values.data()[v] = 1;
    if (v % 3 == 1) masks.white.values.data()[v] = 1;
  }
  return masks;
}

/// All features of some points, read in pieces of `piece` that need not end with a voxel.
template <Backend B>
std::vector<scalar_of<B>> read_in_pieces(const B& backend, const detail::FieldPoints<B>& points,
                                         Index piece) {
  using T = scalar_of<B>;
  std::vector<T> all;
  Matrix<T, B> room(site_features, points.room(piece));
  for (Index begin = 0; begin < points.size(); begin += piece) {
    const Index count = std::min(piece, points.size() - begin);
    backend_traits<B>::run(backend, 1, [&](int, context_of<B>& context) {
      const auto x = points.features(context, begin, count, room.view());
      REQUIRE(x.cols == count);
      for (Index j = 0; j < count; ++j) {
        for (Index i = 0; i < site_features; ++i) all.push_back(x(i, j));
      }
    });
  }
  return all;
}

template <Backend B>
void check_features(const B& backend) {
  using Field = GeneField<Siren, NerfOnGeneAxis, B>;
  const Atlas atlas = oblique_atlas();
  const VoxelSet voxels = labelled_voxels(atlas);
  const TissueMasks masks = halves(atlas);
  FieldDescription description = three_gene_description();
  for (const TissueScaling scaling : {TissueScaling::none, TissueScaling::with_coordinates}) {
    description.tissue_scaling = scaling;
    for (const TissueMasks* classes : {static_cast<const TissueMasks*>(nullptr), &masks}) {
      for (const Index points : {1, 3}) {
        const MapSettings how{.masks = classes, .sub_voxel = {.points = points, .seed = 11}};
        const Eigen::Matrix3Xd mni_mm = voxels.mni_mm(0, voxels.size(), how.sub_voxel);
        const auto tissue =
            classes == nullptr ? std::vector<Tissue>{} : classify_tissue(mni_mm, masks);
        const auto expected = Field::site_inputs(description, mni_mm, tissue);
        const detail::FieldPoints<B> made(backend, voxels, description, how);
        CHECK(made.size() == mni_mm.cols());
        for (const Index piece : {Index{1}, Index{7}, Index{1000}}) {
          CHECK(read_in_pieces(backend, made, piece) == expected);
        }
      }
    }
  }
}

}  // namespace

TEST_SUITE("field_points") {
  TEST_CASE("voxels' features are those of their points, to the last bit") {
    check_features(Cpu<float>{});
    check_features(Cpu<double>{});
    check_features(Reference<double>{});
  }

  TEST_CASE("a map is what is predicted at the voxels' points, to the last bit") {
    const Atlas atlas = oblique_atlas();
    const VoxelSet voxels = labelled_voxels(atlas);
    const TissueMasks masks = halves(atlas);
    const Eigen::Matrix3Xd mni_mm = voxels.mni_mm(0, voxels.size());
    const auto tissue = classify_tissue(mni_mm, masks);
    for_each_field_kind([&]<class K, class E>(FieldNetworks networks) {
      CAPTURE(std::string(K::name));
      const auto field = drawn_field<K, E>(Cpu<float>{{2}, 16}, three_gene_description(networks));
      const auto check = [&](const std::string& gene, const Volume<float>& map) {
        const auto values = field.predict(gene, mni_mm, tissue);
        for (Index v = 0; v < voxels.size(); ++v) {
          CHECK(map.values.data()[voxels.voxels[static_cast<std::size_t>(v)]] ==
                static_cast<float>(values[static_cast<std::size_t>(v)]));
        }
      };
      check("B", field.map("B", atlas, {.masks = &masks}));
      // Evaluated with others, a gene is the same. (The last step of a product field is one product
      // of all genes, whose sums may be in another order.)
      if constexpr (std::same_as<K, Siren>) {
        field.for_each_map(std::vector<std::string>{"C", "A", "B"}, atlas, check,
                           {.masks = &masks});
      }
    });
  }

  TEST_CASE("memory of a map does not grow with the points of a voxel") {
    const Atlas atlas = oblique_atlas(20);
    const auto field =
        drawn_field<Siren, NerfOnGeneAxis>(CountedCpu{{{1}, 64}}, three_gene_description());
    std::vector<std::size_t> most;
    for (const Index points : {1, 2, 16}) {
      Held::most = Held::now.load();
      const std::size_t before = Held::now;
      (void)field.map("A", atlas, {.sub_voxel = {.points = points}});
      CHECK(Held::now == before);
      most.push_back(Held::most - before);
    }
    // An index and a value a voxel, and tiles of 64 points: of some 30 numbers each here.
    const auto voxels = static_cast<std::size_t>(labelled_voxels(atlas).size());
    CHECK(most[0] > voxels * (sizeof(Index) + sizeof(float)));
    CHECK(most[0] < voxels * (sizeof(Index) + sizeof(float)) + 64 * 100 * sizeof(float));
    // A tile is read in whole voxels: some points more.
    CHECK(most[1] <= most[0] + 2 * 16 * site_features * sizeof(float));
    CHECK(most[2] <= most[0] + 2 * 16 * site_features * sizeof(float));
  }

  TEST_CASE("progress goes forward, from gene to gene, often enough") {
    const Atlas atlas = oblique_atlas(20);
    const VoxelSet voxels = labelled_voxels(atlas);
    for_each_field_kind([&]<class K, class E>(FieldNetworks networks) {
      const auto field = drawn_field<K, E>(Cpu<float>{{1}, 4}, three_gene_description(networks));
      std::vector<Index> done;
      std::vector<std::string> taken;
      const std::vector<std::string> wanted{"C", "A", "B"};
      field.for_each_map(
          wanted, atlas,
          [&](const std::string& gene, const Volume<float>& /*map*/) { taken.push_back(gene); }, {},
          [&](const Progress& p) {
            done.push_back(p.done);
            if (p.done < 3) {
              CHECK(p.stage == "predict " + wanted[static_cast<std::size_t>(p.done)]);
            }
          });
      CHECK(taken == wanted);
      CHECK(std::is_sorted(done.begin(), done.end()));
      CHECK(done.back() == 3);
      for (const Index gene : {0, 1, 2}) {
        CHECK(std::find(done.begin(), done.end(), gene) != done.end());
      }
      // At least once in 80 tiles of a gene.
      CHECK(std::ssize(done) >= voxels.size() / (4 * 80));
    });
  }
}

}  // namespace test

}  // namespace inrgene
