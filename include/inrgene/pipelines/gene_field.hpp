// A trained gene field: predicts any of its genes anywhere, saves to and loads from one file.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/brain/expression/tissue.hpp"
#include "inrgene/core/progress.hpp"
#include "inrgene/io/safetensors.hpp"
#include "inrgene/pipelines/encodings.hpp"
#include "inrgene/pipelines/field_checkpoint.hpp"
#include "inrgene/pipelines/field_description.hpp"
#include "inrgene/pipelines/field_maps.hpp"
#include "inrgene/pipelines/field_module.hpp"
#include "inrgene/pipelines/field_points.hpp"
#include "inrgene/pipelines/field_values.hpp"
#include "inrgene/training/checkpoints/state_dict.hpp"

namespace inrgene {

/// Φ(x, y, z, c, γ(e_g)) with its scalings, gene axis and weights. K is the backbone, E the
/// encoding of the raw input, B the backend.
///
/// Of a factorised backbone the trunk runs once a point and the head once a gene, whatever is asked
/// for. Fields of FieldNetworks::per_gene hold a network for each gene, of the same K and E.
template <Backbone K, GeneEncoding E, Backend B>
class GeneField {
  using Made = FieldModule<K, E>;

 public:
  using T = scalar_of<B>;
  using Module = typename Made::type;
  static constexpr std::string_view file_format = "inrgene.gene_field.1";

  struct Configuration {
    typename K::Settings network{};
    typename E::Settings encoding{};
  };

  /// `theta` on the host: `network_count` blocks of [module's parameter_count], in the order of
  /// the axis's genes where each has its own.
  GeneField(Configuration configuration, FieldDescription description, std::vector<T> theta,
            B backend = {})
      : configuration_(std::move(configuration)),
        description_(std::move(description)),
        module_(build(configuration_, description_)),
        backend_(std::move(backend)),
        theta_(theta.size()) {
    const Index count = module_.parameter_count() * description_.network_count();
    require(std::ssize(theta) == count, "parameters of the field", theta.size(), text(count));
    backend_traits<B>::upload(backend_, std::span<const T>(theta), theta_.data());
  }

  /// The module that a configuration describes, for the genes of a description.
  [[nodiscard]] static Module build(const Configuration& configuration,
                                    const FieldDescription& description) {
    const bool joint = description.networks == FieldNetworks::joint;
    return Made::build(configuration.network, configuration.encoding,
                       joint ? description.axis.size() : 1);
  }

  [[nodiscard]] const Configuration& configuration() const { return configuration_; }
  [[nodiscard]] const FieldDescription& description() const { return description_; }
  [[nodiscard]] const std::vector<std::string>& genes() const { return description_.axis.genes; }
  /// The network of all genes, or the one that each gene has with parameters of its own.
  [[nodiscard]] const Module& module() const { return module_; }
  /// All blocks, on the host.
  [[nodiscard]] std::vector<T> parameters() const {
    std::vector<T> host(theta_.size());
    backend_traits<B>::download(backend_, theta_.data(), std::span<T>(host));
    return host;
  }

  /// Values of `gene` at `mni_mm` [3 × points] (millimetres); `tissue` has one class a point, or
  /// is empty: all grey. Throws InputError for an unknown gene, ArgumentError for sizes.
  /// Cost: one evaluation of the network a point.
  [[nodiscard]] std::vector<double> predict(const std::string& gene, const Eigen::Matrix3Xd& mni_mm,
                                            std::span<const Tissue> tissue = {}) const {
    const std::vector<Index> genes{description_.gene_index(gene, "model")};
    std::vector<double> out(static_cast<std::size_t>(mni_mm.cols()));
    const Features features = prepare(mni_mm, tissue);
    each_gene<detail::FieldChannels::value>(genes, detail::FieldPoints<B>(features.view()), {},
                                            [&](Index, const detail::GeneValues<T>& values) {
                                              for (Index p = 0; p < mni_mm.cols(); ++p)
                                                out[static_cast<std::size_t>(p)] = values(p, 0);
                                            });
    return out;
  }

  /// Values of all genes at `sites`, [genes × sites], genes in the order of the axis.
  [[nodiscard]] Eigen::MatrixXd predict(const Sites& sites) const {
    const Features features = prepare(sites.mni_mm, sites.tissue);
    Eigen::MatrixXd out(std::ssize(genes()), sites.size());
    std::vector<Index> all;
    for (Index g = 0; g < out.rows(); ++g) all.push_back(g);
    each_gene<detail::FieldChannels::value>(all, detail::FieldPoints<B>(features.view()), {},
                                            [&](Index i, const detail::GeneValues<T>& values) {
                                              for (Index s = 0; s < out.cols(); ++s)
                                                out(i, s) = values(s, 0);
                                            });
    return out;
  }

  /// Maps of several genes on the labelled voxels of `atlas`, 0 elsewhere, handed to
  /// `take(gene, Volume<float>&&)` one after the other, in the order wanted. `progress` is called
  /// some times a second (two for the published model on one core) and may throw to stop.
  /// Memory: a map; the results of the genes that are evaluated together, at most 64 MiB or one
  /// gene's; an index a voxel, a byte a point where masks give the class; of a factorised field K
  /// numbers a voxel. Points are made as they are needed, however many a voxel has.
  template <class Take>
  void for_each_map(std::span<const std::string> wanted, const Atlas& atlas, Take&& take,
                    const MapSettings& settings = {}, const ProgressCallback& progress = {}) const {
    map_genes<detail::FieldChannels::value>(
        wanted, {atlas, settings}, progress,
        [&](const std::string& gene, std::vector<Volume<float>>&& maps) {
          take(gene, std::move(maps.front()));
        });
  }

  /// The same with derivatives, handed to `take(gene, DerivativeMaps&&)`: exact in the coordinates
  /// (forward mode, no differences of values), by the chain rule in millimetres and in the units
  /// of the values. Of several points a voxel it is the derivatives that are averaged.
  /// Memory: five times for_each_map's.
  template <class Take>
  void for_each_derivative_map(std::span<const std::string> wanted, const Atlas& atlas, Take&& take,
                               const MapSettings& settings = {},
                               const ProgressCallback& progress = {}) const {
    map_genes<detail::FieldChannels::derivatives>(
        wanted, {atlas, settings}, progress,
        [&](const std::string& gene, std::vector<Volume<float>>&& maps) {
          take(gene, DerivativeMaps{std::move(maps[0]), std::move(maps[1]), std::move(maps[2]),
                                    std::move(maps[3]), std::move(maps[4])});
        });
  }

  /// The map of one gene.
  [[nodiscard]] Volume<float> map(const std::string& gene, const Atlas& atlas,
                                  const MapSettings& settings = {}) const {
    Volume<float> out;
    for_each_map(
        std::span(&gene, 1), atlas,
        [&](const std::string& /*gene*/, Volume<float>&& m) { out = std::move(m); }, settings);
    return out;
  }

  /// Writes weights and description as one .safetensors file; `training` is kept as a record.
  /// A gene's own network has its tensors under "GENE/".
  void save(const std::filesystem::path& path, const Json& training = Json::object()) const {
    SafetensorsFile file;
    const std::vector<T> theta = parameters();
    file.tensors = state_dict<T>(detail::field_layout(module_.layout(), description_), theta);
    const Json model{{"backbone", K::name},
                     {"network", settings_to_json(configuration_.network, K::fields)},
                     {"encoding_name", E::name},
                     {"encoding", E::to_json(configuration_.encoding)},
                     {"description", to_json(description_)},
                     {"training", training},
                     {"version", version}};
    file.metadata = {{"format", std::string(file_format)}, {"model", model.dump()}};
    write_safetensors(file, path);
  }

  /// Reads what `save` wrote. Throws InputError when the file is no gene field, holds another
  /// backbone or encoding, or tensors of other names or shapes.
  [[nodiscard]] static GeneField load(const std::filesystem::path& path, B backend = {}) {
    const SafetensorsFile file = read_safetensors(path);
    const Json model = read_model_json(file);
    const std::string name = path.string();
    detail::expect_word(model, "backbone", K::name, name);
    Configuration configuration{
        settings_from_json<K>(get<Json>(model, "network", name, "model"), name),
        detail::read_encoding<E>(model, name)};
    FieldDescription description =
        field_description_from_json(get<Json>(model, "description", name, "model"), name);
    const Module module = checked_build(configuration, description, name);
    std::vector<T> theta =
        read_state_dict<T>(detail::field_layout(module.layout(), description), file);
    return GeneField(std::move(configuration), std::move(description), std::move(theta),
                     std::move(backend));
  }

  /// The model's JSON of a checkpoint: what a program asks before it chooses the types to load.
  [[nodiscard]] static Json read_model_json(const SafetensorsFile& file) {
    return detail::read_model_json(file, file_format);
  }

  /// Features of sites for a ProductSource or a prediction: [4 × points], x, y, z, c.
  [[nodiscard]] static std::vector<T> site_inputs(const FieldDescription& description,
                                                  const Eigen::Matrix3Xd& mni_mm,
                                                  std::span<const Tissue> tissue) {
    require(tissue.empty() || std::ssize(tissue) == mni_mm.cols(), "tissue classes", tissue.size(),
            text(mni_mm.cols(), ", one a point, or none"));
    std::vector<T> inputs;
    inputs.reserve(static_cast<std::size_t>(site_features * mni_mm.cols()));
    for (Index i = 0; i < mni_mm.cols(); ++i) {
      for (Index a = 0; a < 3; ++a) {
        inputs.push_back(static_cast<T>(description.coordinates_mm.to_signed(mni_mm(a, i))));
      }
      const Tissue c = tissue.empty() ? Tissue::grey : tissue[static_cast<std::size_t>(i)];
      inputs.push_back(static_cast<T>(description.tissue_input_value(c)));
    }
    return inputs;
  }

  /// What the module reads of each gene of the axis, behind a site's features: its place, or its
  /// number (0 where each gene has a network of its own).
  [[nodiscard]] static std::vector<T> gene_inputs(const FieldDescription& description) {
    std::vector<T> inputs;
    for (Index g = 0; g < description.axis.size(); ++g) {
      if constexpr (Made::gene_input == GeneInput::place) {
        inputs.push_back(static_cast<T>(description.axis.position[static_cast<std::size_t>(g)]));
      } else {
        inputs.push_back(static_cast<T>(description.networks == FieldNetworks::joint ? g : 0));
      }
    }
    return inputs;
  }

 private:
  /// The raw inputs of points, in the backend's memory.
  using Features = Matrix<T, B>;

  struct Maps {
    const Atlas& atlas;
    const MapSettings& settings;
  };

  /// build(), with a bad size in the file told as bad input.
  static Module checked_build(const Configuration& configuration,
                              const FieldDescription& description, const std::string& file) {
    try {
      return build(configuration, description);
    } catch (const ArgumentError& error) {
      throw InputError({file, "model", error.what(), "settings that make a network"});
    }
  }
  [[nodiscard]] Features prepare(const Eigen::Matrix3Xd& mni_mm,
                                 std::span<const Tissue> tissue) const {
    const std::vector<T> inputs = site_inputs(description_, mni_mm, tissue);
    Features features(site_features, mni_mm.cols());
    backend_traits<B>::upload(backend_, std::span<const T>(inputs), features.view().data);
    return features;
  }

  [[nodiscard]] std::span<const T> parameters_of(Index gene) const {
    const auto count = static_cast<std::size_t>(module_.parameter_count());
    const bool joint = description_.networks == FieldNetworks::joint;
    return {theta_.data() + (joint ? 0 : static_cast<std::size_t>(gene) * count), count};
  }

  /// How the network's output stands for a gene's values: from [0, 1] to this range.
  [[nodiscard]] MinMax value_range(Index gene) const {
    return description_.value_range.empty()
               ? MinMax{}
               : description_.value_range[static_cast<std::size_t>(gene)];
  }

  /// Calls `use(i, GeneValues)` for the i-th of some genes of the axis, in their order; `tick(i)`
  /// between runs of tiles, when the work of i genes is done. A number goes back when genes that
  /// were evaluated together are used.
  template <detail::FieldChannels C>
  void each_gene(std::span<const Index> genes, const detail::FieldPoints<B>& points,
                 const std::function<void(Index)>& tick,
                 const std::function<void(Index, const detail::GeneValues<T>&)>& use) const {
    detail::FieldValues<Module, E, B, C> evaluate(backend_, module_, configuration_.encoding,
                                                  points);
    const std::vector<T> inputs = gene_inputs(description_);
    const bool joint = description_.networks == FieldNetworks::joint;
    const double per_mm =
        2.0 / (description_.coordinates_mm.high - description_.coordinates_mm.low);
    for (Index first = 0; first < std::ssize(genes);) {
      const Index count =
          joint ? std::min(evaluate.genes_at_a_time(), std::ssize(genes) - first) : Index{1};
      const auto some =
          genes.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
      std::vector<T> wanted;
      for (const Index g : some) wanted.push_back(inputs[static_cast<std::size_t>(g)]);
      detail::FieldTick step;
      if (tick) step = [&](Index done, Index total) { tick(first + count * done / total); };
      evaluate(parameters_of(some.front()), wanted, step);
      for (Index i = 0; i < count; ++i) {
        const MinMax range = value_range(some[static_cast<std::size_t>(i)]);
        use(first + i, detail::GeneValues<T>(evaluate.gene(i), range, per_mm));
      }
      first += count;
    }
  }

  template <detail::FieldChannels C, class Take>
  void map_genes(std::span<const std::string> wanted, const Maps& how,
                 const ProgressCallback& progress, Take&& take) const {
    const VoxelSet voxels = labelled_voxels(how.atlas);
    std::vector<Index> genes;
    for (const std::string& gene : wanted) {
      genes.push_back(description_.gene_index(gene, "model"));
    }
    const detail::FieldPoints<B> points(backend_, voxels, description_, how.settings);
    Index reported = 0;
    const auto report = [&](Index gene) {
      if (!progress) return;
      reported = std::max(reported, gene);
      progress({"predict " + wanted[static_cast<std::size_t>(reported)], reported,
                std::ssize(wanted), std::nan("")});
    };
    each_gene<C>(genes, points, report, [&](Index i, const detail::GeneValues<T>& values) {
      report(i);
      std::vector<Volume<float>> maps;
      for (Index c = 0; c < detail::channel_count(C); ++c) {
        maps.push_back(detail::filled_map(how.atlas, voxels, values, c));
      }
      take(wanted[static_cast<std::size_t>(i)], std::move(maps));
    });
    if (progress) progress({"predict", std::ssize(wanted), std::ssize(wanted), std::nan("")});
  }

  Configuration configuration_;
  FieldDescription description_;
  Module module_;
  B backend_;
  typename backend_traits<B>::template buffer<T> theta_;
};

}  // namespace inrgene
