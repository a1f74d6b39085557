// A trained gene field: predicts any of its genes anywhere, saves to and loads from one file.
#pragma once

#include <cmath>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/brain/atlas/samplers.hpp"
#include "inrgene/brain/expression/tissue.hpp"
#include "inrgene/core/progress.hpp"
#include "inrgene/io/safetensors.hpp"
#include "inrgene/model/field.hpp"
#include "inrgene/pipelines/encodings.hpp"
#include "inrgene/pipelines/field_description.hpp"
#include "inrgene/training/checkpoints/state_dict.hpp"
#include "inrgene/training/loop/predict.hpp"

namespace inrgene {

/// Where maps get a voxel's tissue class from, and how finely a voxel is sampled.
struct MapSettings {
  const TissueMasks* masks = nullptr;  ///< none: every voxel counts as grey matter
  SubVoxel sub_voxel{};                ///< points averaged in each voxel
};

/// Φ(x, y, z, c, γ(e_g)) with its scalings, gene axis and weights. K is the backbone, E the
/// encoding of the raw input, B the backend.
template <Backbone K, GeneEncoding E, Backend B>
class GeneField {
 public:
  using T = scalar_of<B>;
  using Module = NeuralField<typename E::Encoder, typename K::Network>;
  static constexpr std::string_view file_format = "inrgene.gene_field.1";

  struct Configuration {
    typename K::Settings network{};
    typename E::Settings encoding{};
  };

  /// `theta` [parameter_count] on the host.
  GeneField(Configuration configuration, FieldDescription description, std::vector<T> theta,
            B backend = {})
      : configuration_(std::move(configuration)),
        description_(std::move(description)),
        module_(build(configuration_)),
        backend_(std::move(backend)),
        theta_(theta.size()) {
    require(std::ssize(theta) == module_.parameter_count(), "parameters of the field", theta.size(),
            text(module_.parameter_count()));
    backend_traits<B>::upload(backend_, std::span<const T>(theta), theta_.data());
  }

  /// The encoder and network that a configuration describes.
  [[nodiscard]] static Module build(const Configuration& configuration) {
    auto encoder = E::build(configuration.encoding);
    const Index width = encoder.out_features();
    return Module(std::move(encoder), K::build(width, 1, configuration.network));
  }

  [[nodiscard]] const Configuration& configuration() const { return configuration_; }
  [[nodiscard]] const FieldDescription& description() const { return description_; }
  [[nodiscard]] const std::vector<std::string>& genes() const { return description_.axis.genes; }
  [[nodiscard]] const Module& module() const { return module_; }
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
    const Points points = prepare(mni_mm, tissue);
    return predict(description_.gene_index(gene, "model"), points);
  }

  /// Values of all genes at `sites`, [genes × sites], genes in the order of the axis.
  [[nodiscard]] Eigen::MatrixXd predict(const Sites& sites) const {
    const Points points = prepare(sites.mni_mm, sites.tissue);
    Eigen::MatrixXd out(std::ssize(genes()), sites.size());
    for (Index g = 0; g < out.rows(); ++g) {
      const std::vector<double> values = predict(g, points);
      for (Index s = 0; s < out.cols(); ++s) out(g, s) = values[static_cast<std::size_t>(s)];
    }
    return out;
  }

  /// Maps of several genes on the labelled voxels of `atlas`, 0 elsewhere, handed to
  /// `take(gene, Volume<float>&&)` one after the other: memory holds one map.
  template <class Take>
  void for_each_map(std::span<const std::string> wanted, const Atlas& atlas, Take&& take,
                    const MapSettings& settings = {}, const ProgressCallback& progress = {}) const {
    const VoxelSet voxels = labelled_voxels(atlas);
    const Index per_voxel = settings.sub_voxel.points;
    const Eigen::Matrix3Xd mni_mm = voxels.mni_mm(0, voxels.size(), settings.sub_voxel);
    const std::vector<Tissue> tissue = settings.masks == nullptr
                                           ? std::vector<Tissue>{}
                                           : classify_tissue(mni_mm, *settings.masks);
    const Points points = prepare(mni_mm, tissue);
    Index done = 0;
    for (const std::string& gene : wanted) {
      if (progress) progress({"predict " + gene, done, std::ssize(wanted), std::nan("")});
      const std::vector<double> values = predict(description_.gene_index(gene, "model"), points);
      Volume<float> map = atlas.labels.template like<float>(0.0F);
      for (Index v = 0; v < voxels.size(); ++v) {
        double sum = 0;
        for (Index p = 0; p < per_voxel; ++p) {
          sum += values[static_cast<std::size_t>(v * per_voxel + p)];
        }
        map.values.data()[voxels.voxels[static_cast<std::size_t>(v)]] =
            static_cast<float>(sum / static_cast<double>(per_voxel));
      }
      ++done;
      take(gene, std::move(map));
    }
    if (progress) progress({"predict", done, std::ssize(wanted), std::nan("")});
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
  void save(const std::filesystem::path& path, const Json& training = Json::object()) const {
    SafetensorsFile file;
    const std::vector<T> theta = parameters();
    file.tensors = state_dict<T>(module_.layout(), theta);
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
    expect(get<std::string>(model, "backbone", name, "model"), K::name, name, "backbone");
    expect(get<std::string>(model, "encoding_name", name, "model"), E::name, name, "encoding");
    Configuration configuration{
        settings_from_json<K>(get<Json>(model, "network", name, "model"), name),
        E::from_json(get<Json>(model, "encoding", name, "model"), name)};
    FieldDescription description =
        field_description_from_json(get<Json>(model, "description", name, "model"), name);
    std::vector<T> theta = read_state_dict<T>(checked_build(configuration, name).layout(), file);
    return GeneField(std::move(configuration), std::move(description), std::move(theta),
                     std::move(backend));
  }

  /// The model's JSON of a checkpoint: what a program asks before it chooses the types to load.
  [[nodiscard]] static Json read_model_json(const SafetensorsFile& file) {
    if (file.meta("format") != file_format) {
      throw InputError({file.file, "metadata 'format'", in_quotes(file.meta("format")),
                        std::string(file_format)});
    }
    Json model = parse_json(file.meta("model"), file.file);
    check_keys(
        model, file.file, "model",
        {"backbone", "network", "encoding_name", "encoding", "description", "training", "version"});
    return model;
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

 private:
  /// The raw inputs of points, in the backend's memory.
  struct Points {
    Matrix<T, B> features;
  };
  struct InputKernel {
    MatrixView<const T> site;
    T gene;
    INRGENE_HD T operator()(Index i, Index j) const {
      return i < site_features ? site(i, j) : gene;
    }
  };
  /// An InputSource of all points under one gene.
  struct GeneAtPoints {
    MatrixView<const T> features;
    T gene;
    [[nodiscard]] Index size() const { return features.cols; }
    [[nodiscard]] static Index in_features() { return site_features + gene_features; }
    void read(context_of<B>& context, Index begin, MatrixView<T> x) const {
      backend_traits<B>::generate(context, InputKernel{features.columns(begin, x.cols), gene}, x);
    }
  };

  static void expect(const std::string& found, std::string_view wanted, const std::string& file,
                     const std::string& place) {
    if (found != wanted) throw InputError({file, place, in_quotes(found), std::string(wanted)});
  }
  /// build(), with a bad size in the file told as bad input.
  static Module checked_build(const Configuration& configuration, const std::string& file) {
    try {
      return build(configuration);
    } catch (const ArgumentError& error) {
      throw InputError({file, "model", error.what(), "settings that make a network"});
    }
  }

  [[nodiscard]] Points prepare(const Eigen::Matrix3Xd& mni_mm,
                               std::span<const Tissue> tissue) const {
    const std::vector<T> inputs = site_inputs(description_, mni_mm, tissue);
    Points points{Matrix<T, B>(site_features, mni_mm.cols())};
    backend_traits<B>::upload(backend_, std::span<const T>(inputs), points.features.view().data);
    return points;
  }

  [[nodiscard]] std::vector<double> predict(Index gene, const Points& points) const {
    const auto g = static_cast<std::size_t>(gene);
    std::vector<T> values(static_cast<std::size_t>(points.features.cols()));
    inrgene::predict(
        backend_, module_, std::span<const T>(theta_.data(), theta_.size()),
        GeneAtPoints{points.features.view(), static_cast<T>(description_.axis.position[g])},
        std::span<T>(values));
    std::vector<double> out(values.begin(), values.end());
    if (!description_.value_range.empty()) {
      for (double& v : out) v = description_.value_range[g].from_unit(v);
    }
    return out;
  }

  Configuration configuration_;
  FieldDescription description_;
  Module module_;
  B backend_;
  typename backend_traits<B>::template buffer<T> theta_;
};

}  // namespace inrgene
