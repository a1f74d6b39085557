// make_ahba OUT [--tables DIR] [--probes N] [--scale F] [--seed N] [--threads N]: writes a set in
// the raw format of the Allen Human Brain Atlas, six donors, of its real size unless told
// otherwise. Expression is made up; see README.md.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/byte_writer.hpp"
#include "tables.hpp"

using namespace inrgene;
using namespace ahba_set;

namespace {

constexpr Index waves = 11;
constexpr Index features = waves + tissues;

/// log2 intensity above which a sample is called present more often than not. The baseline of
/// probes is drawn so that a threshold of 0.5 keeps about 31,000 of 45,821 annotated probes.
constexpr double background = 5.0;

struct Options {
  std::filesystem::path out;
  std::optional<std::filesystem::path> tables;
  Index probes = all_probes;
  double scale = 1;
  std::uint64_t seed = 0;
  Threads threads;
};

template <class T>
T number(const std::string& option, std::string_view words) {
  T value{};
  const auto [end, error] = std::from_chars(words.data(), words.data() + words.size(), value);
  if (error != std::errc() || end != words.data() + words.size()) {
    throw ArgumentError(text(option, ": found '", words, "', expected a number"));
  }
  return value;
}

Options parse(std::span<char*> words) {
  Options out;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string word = words[i];
    if (!word.starts_with("--")) {
      out.out = word;
      continue;
    }
    if (i + 1 == words.size()) throw ArgumentError(word + ": expected a value after it");
    const std::string_view value = words[++i];
    if (word == "--tables")
      out.tables = value;
    else if (word == "--probes")
      out.probes = number<Index>(word, value);
    else if (word == "--scale")
      out.scale = number<double>(word, value);
    else if (word == "--seed")
      out.seed = number<std::uint64_t>(word, value);
    else if (word == "--threads")
      out.threads.count = number<int>(word, value);
    else
      throw ArgumentError(word + ": expected --tables, --probes, --scale, --seed or --threads");
  }
  require(!out.out.empty(), "OUT", "nothing", "a folder to write to");
  require(out.probes >= 1 && out.probes <= all_probes, "--probes", out.probes, "1 to 58692");
  require(out.scale > 0 && out.scale <= 1, "--scale", out.scale, "above 0, at most 1");
  return out;
}

/// Smooth functions of the place, alike on both sides of the brain but for a little, and which
/// tissue it is: [feature][sample], single precision.
std::vector<std::vector<float>> features_of(std::span<const Sample> samples, std::uint64_t seed) {
  std::vector<std::vector<float>> out(features, std::vector<float>(samples.size()));
  Random random = stream(seed, Stream::field);
  for (Index k = 0; k < waves; ++k) {
    std::array<double, 3> direction{random.normal(), random.normal(), random.normal()};
    const double length = std::hypot(direction[0], direction[1], direction[2]);
    const double wavelength_mm = 60.0 * std::pow(4.0, random.uniform());  // 60 … 240
    const double phase = 2 * std::numbers::pi * random.uniform();
    for (std::size_t s = 0; s < samples.size(); ++s) {
      const auto& mm = samples[s].mm;
      const double x = 0.9 * std::abs(mm[0]) + 0.1 * mm[0];
      const double along =
          (direction[0] * x + direction[1] * mm[1] + direction[2] * mm[2]) / length;
      out[static_cast<std::size_t>(k)][s] =
          static_cast<float>(std::cos(2 * std::numbers::pi * along / wavelength_mm + phase));
    }
  }
  for (std::size_t s = 0; s < samples.size(); ++s) {
    out[static_cast<std::size_t>(waves + static_cast<Index>(samples[s].tissue))][s] = 1;
  }
  return out;
}

/// What is the same for all samples of one donor at one probe.
struct ProbeModel {
  double base = 0;   ///< log2 intensity
  double noise = 0;  ///< standard deviation, log2
  std::array<float, features> weights{};
};

/// A gene's weights are shared by donors; a probe shows more or less of them, and a donor differs.
ProbeModel model_of(const Probe& probe, Index row, int donor, std::uint64_t seed) {
  Random gene = stream(seed, Stream::genes, static_cast<std::uint64_t>(probe.gene));
  Random own = stream(seed, Stream::probes, static_cast<std::uint64_t>(row));
  ProbeModel out;
  // Present at most places or at few: genes and their probes together have a spread of 2.2, and
  // the background lies 0.46 of it below the centre.
  const double level = background + 0.46 * 2.2 + 1.88 * gene.normal();
  out.base = std::clamp(level + 1.15 * own.normal(), 2.0, 13.5);
  const double amplitude = 0.10 + 0.35 * gene.uniform();
  const double gain = own.uniform(0.15, 1.1);
  out.noise = own.uniform(0.12, 0.55);
  for (Index k = 0; k < features; ++k) {
    const double scale = k < waves ? amplitude : 1.6 * amplitude;
    const double shared = gene.normal(), stray = own.normal();
    out.weights[static_cast<std::size_t>(k)] =
        static_cast<float>(scale * (gain * shared + 0.15 * stray));
  }
  Random between = stream(seed, Stream::genes,
                          (static_cast<std::uint64_t>(donor) << 24U) | (std::uint64_t{1} << 40U) |
                              static_cast<std::uint64_t>(probe.gene));
  out.base += 0.25 * between.normal();
  for (float& weight : out.weights) {
    weight += static_cast<float>(0.4 * amplitude * gain * between.normal());
  }
  return out;
}

/// Appends a number below 100 with at most ten decimals, as the real files have them.
char* write_decimal(char* out, double value) {
  const auto scaled = static_cast<std::uint64_t>(value * 1e10 + 0.5);
  const std::uint64_t whole = scaled / 10'000'000'000U;
  std::uint64_t rest = scaled % 10'000'000'000U;
  if (whole >= 10) *out++ = static_cast<char>('0' + whole / 10);
  *out++ = static_cast<char>('0' + whole % 10);
  *out++ = '.';
  for (int digit = 9; digit >= 0; --digit, rest /= 10) {
    out[digit] = static_cast<char>('0' + rest % 10);
  }
  out += 10;
  while (out[-1] == '0' && out[-2] != '.') --out;
  return out;
}

/// One probe's lines of MicroarrayExpression.csv and PACall.csv.
struct Lines {
  std::string expression;
  std::string calls;
};

void write_lines(Lines& out, Index id, const ProbeModel& model, Random noise,
                 const std::vector<std::vector<float>>& field, std::vector<float>& values) {
  const std::size_t samples = field.front().size();
  values.assign(samples, static_cast<float>(model.base));
  for (std::size_t k = 0; k < field.size(); ++k) {
    const float weight = model.weights[k];
    const float* wave = field[k].data();
    for (std::size_t s = 0; s < samples; ++s) values[s] += weight * wave[s];
  }
  const std::string key = text(id);
  out.expression.resize(key.size() + samples * 15 + 1);
  out.calls.resize(key.size() + samples * 2 + 1);
  char* number = std::copy(key.begin(), key.end(), out.expression.data());
  char* call = std::copy(key.begin(), key.end(), out.calls.data());
  for (std::size_t s = 0; s < samples; ++s) {
    // Four parts of one draw: their sum is nearly normal, and a difference of them is not
    // correlated with it.
    const std::uint64_t bits = noise.bits();
    const auto part = [bits](unsigned k) {
      return static_cast<double>((bits >> (16U * k)) & 0xFFFFU) / 65536.0 - 0.5;
    };
    const double a = part(0) + part(1), b = part(2) + part(3);
    const double spread = std::numbers::sqrt3;
    const double value =
        std::clamp(static_cast<double>(values[s]) + model.noise * spread * (a + b), 0.1, 20.0);
    *number++ = ',';
    number = write_decimal(number, value);
    *call++ = ',';
    *call++ = value + 0.3 * spread * (a - b) > background ? '1' : '0';
  }
  *number++ = '\n';
  *call++ = '\n';
  out.expression.resize(static_cast<std::size_t>(number - out.expression.data()));
  out.calls.resize(static_cast<std::size_t>(call - out.calls.data()));
}

std::string probes_csv(std::span<const Probe> probes) {
  std::string out = "probe_id,probe_name,gene_id,gene_symbol,gene_name,entrez_id,chromosome\n";
  for (Index p = 0; p < std::ssize(probes); ++p) {
    const Probe& probe = probes[static_cast<std::size_t>(p)];
    out += text(first_probe_id + p, ",", quoted(probe.name), ",", 1000 + probe.gene, ",",
                quoted(probe.symbol), ",\"gene ", 1000 + probe.gene, ", expression made up\",",
                probe.entrez, ",", 1 + probe.gene % 22, "\n");
  }
  return out;
}

void write_donor(const std::filesystem::path& folder, const Donor& donor, const Tables& tables,
                 std::span<const Sample> samples, const Options& options) {
  std::filesystem::create_directories(folder);
  write_file(folder / "Ontology.csv", tables.ontology);
  write_file(folder / "Probes.csv", probes_csv(tables.probes));
  std::string annotation(sample_header);
  for (const Sample& sample : samples) annotation += sample.row;
  write_file(folder / "SampleAnnot.csv", annotation);

  const auto field = features_of(samples, options.seed);
  AtomicFile expression(folder / "MicroarrayExpression.csv"), calls(folder / "PACall.csv");
  const Index workers = options.threads.resolved(), probes = std::ssize(tables.probes);
  const Index block = 64 * workers;
  std::vector<Lines> lines(static_cast<std::size_t>(block));
  for (Index begin = 0; begin < probes; begin += block) {
    const Index count = std::min(block, probes - begin);
    run_workers(static_cast<int>(workers), [&](int worker) {
      std::vector<float> values;
      for (Index i = worker; i < count; i += workers) {
        const Index row = begin + i;
        const Probe& probe = tables.probes[static_cast<std::size_t>(row)];
        const auto item =
            (static_cast<std::uint64_t>(donor.number) << 24U) | static_cast<std::uint64_t>(row);
        write_lines(lines[static_cast<std::size_t>(i)], first_probe_id + row,
                    model_of(probe, row, donor.number, options.seed),
                    stream(options.seed, Stream::noise, item), field, values);
      }
    });
    for (Index i = 0; i < count; ++i) {
      expression.write(lines[static_cast<std::size_t>(i)].expression);
      calls.write(lines[static_cast<std::size_t>(i)].calls);
    }
  }
  expression.commit();
  calls.commit();
}

void write_packed(const std::filesystem::path& path, std::string_view bytes) {
  ByteWriter file(path);
  file.write(bytes);
  file.commit();
}

void make_set(const Options& options) {
  const Tables tables =
      options.tables ? read_tables(*options.tables, options.scale, options.probes, options.seed)
                     : make_tables(options.scale, options.probes, options.seed);
  double values = 0;
  for (const auto& samples : tables.samples) {
    values += static_cast<double>(samples.size()) * static_cast<double>(options.probes);
  }
  std::filesystem::create_directories(options.out);
  const double wanted = values * 15.2 + 64e6;
  const auto room = static_cast<double>(std::filesystem::space(options.out).available);
  if (room < wanted) {
    throw ArgumentError(text(options.out.string(), ": found room for ", std::llround(room / 1e6),
                             " MB, expected ", std::llround(wanted / 1e6), " MB"));
  }
  write_packed(options.out / "corrected_mni_coordinates.csv.gz", tables.corrected);
  write_packed(options.out / "reannotated.csv.gz", tables.reannotated);
  for (std::size_t d = 0; d < donors.size(); ++d) {
    const auto folder =
        options.out / "microarray" / text("normalized_microarray_donor", donors[d].number);
    write_donor(folder, donors[d], tables, tables.samples[d], options);
    std::cerr << folder.string() << ": " << tables.samples[d].size() << " samples\n";
  }
}

}  // namespace

int main(int argc, char** argv) try {
  const auto began = std::chrono::steady_clock::now();
  make_set(parse(std::span(argv, static_cast<std::size_t>(argc))));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::fprintf(stderr, "%.1f s\n", took.count());
  return 0;
} catch (const ArgumentError& error) {
  std::cerr << "make_ahba: " << error.what()
            << "\nusage: make_ahba OUT [--tables DIR] [--probes N] [--scale F] [--seed N] "
               "[--threads N]\n";
  return 2;
} catch (const std::exception& error) {
  std::cerr << "make_ahba: " << error.what() << '\n';
  return 3;
}
