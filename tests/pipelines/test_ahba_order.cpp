// The order in which raw folders hold things does not matter.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/raw_options.hpp"
#include "pipelines/raw_run.hpp"

using namespace inrgene;
using test::difference;
using test::Options;
using test::options_of_every_kind;
using test::RawDonor;
using test::RawResult;
using test::RawSample;
using test::RawSet;
using test::run_raw;
using test::uneven_set;

namespace {

using Names = std::vector<std::string>;

/// The same with the samples of each donor in another order.
RawSet with_samples_mixed(RawSet set) {
  for (RawDonor& donor : set.donors) {
    auto& samples = donor.samples;
    for (std::size_t i = samples.size(); i > 1; --i) {
      const double at = test::raw::raw_fraction(i * 31 + static_cast<std::size_t>(donor.donor));
      std::swap(samples[i - 1], samples[static_cast<std::size_t>(at * static_cast<double>(i))]);
    }
  }
  return set;
}

/// Value of a gene in a sample ("9861/98610").
std::map<std::pair<std::string, std::string>, double> by_name(const RawResult& result) {
  std::map<std::pair<std::string, std::string>, double> out;
  for (const RawResult::Donor& donor : result.donors) {
    for (Index s = 0; s < donor.table.samples.size(); ++s) {
      for (std::size_t g = 0; g < donor.genes.size(); ++g) {
        out[{donor.table.samples.name(s), donor.genes[g]}] =
            donor.table.values(static_cast<Index>(g), s);
      }
    }
  }
  return out;
}

void check_same(const RawResult& a, const RawResult& b, double tolerance) {
  CHECK(a.regions.genes == b.regions.genes);
  CHECK(a.regions.labels == b.regions.labels);
  CHECK(a.regions.counts == b.regions.counts);
  CHECK(a.selected.probe == b.selected.probe);
  CHECK(difference(a.regions.values, b.regions.values) <= tolerance);
  REQUIRE(a.regions.by_donor.size() == b.regions.by_donor.size());
  for (std::size_t d = 0; d < a.regions.by_donor.size(); ++d) {
    CHECK(difference(a.regions.by_donor[d], b.regions.by_donor[d]) <= tolerance);
  }
  const auto one = by_name(a), other = by_name(b);
  REQUIRE(one.size() == other.size());
  double largest = 0;
  for (const auto& [key, value] : one) {
    const auto found = other.find(key);
    REQUIRE(found != other.end());
    REQUIRE(std::isnan(value) == std::isnan(found->second));
    if (!std::isnan(value)) largest = std::max(largest, std::abs(value - found->second));
  }
  CHECK(largest <= tolerance);
}

}  // namespace

TEST_CASE("the order of the samples in a donor's files does not change the result") {
  const RawSet set = uneven_set(), mixed = with_samples_mixed(set);
  for (Options o : options_of_every_kind()) {
    CAPTURE(o.name);
    // Of equally near samples the first in the file fills a voxel, as in abagen: a rule of order.
    if (o.settings.missing == MissingRegions::interpolate) o.settings.missing = {};
    const RawResult one = run_raw(set, o.settings, o.how);
    const RawResult other = run_raw(mixed, o.settings, o.how);
    check_same(one, other, 1e-12);
    for (const char* kind : {"probe", "sample", "region", "gene"}) {
      CHECK(one.reported(kind) == other.reported(kind));
    }
  }
}

TEST_CASE("interpolation looks at the order of samples only among equally near ones") {
  // Samples of a class and side, which alone compete for a voxel, keep their order here.
  const RawSet set = uneven_set();
  RawSet turned = set;
  const auto rival = [&](const RawSample& s) {
    const auto pair = static_cast<std::size_t>((s.structure_id - 12001) / 2);
    const bool is_pair = pair < test::raw_pairs.size();
    return std::pair(std::string(is_pair ? test::raw_pairs[pair].tissue : ""),
                     set.structure(s.structure_id).hemisphere);
  };
  for (RawDonor& donor : turned.donors) {
    std::stable_sort(donor.samples.begin(), donor.samples.end(),
                     [&](const RawSample& a, const RawSample& b) { return rival(a) > rival(b); });
  }
  AhbaSettings settings;
  settings.missing = MissingRegions::interpolate;
  for (const bool return_donors : {false, true}) {
    settings.return_donors = return_donors;
    const RawResult one = run_raw(set, settings), other = run_raw(turned, settings);
    CHECK(one.figures.regions_filled > 0);
    check_same(one, other, 1e-12);
  }
}

TEST_CASE("the order of rows in all other tables does not change a bit of the result") {
  const RawSet set = uneven_set();
  for (Options o : options_of_every_kind()) {
    CAPTURE(o.name);
    const RawResult one = run_raw(set, o.settings, o.how);
    for (const std::uint64_t shuffle : {1U, 2U}) {
      o.how.writing = {.gzip = shuffle == 2, .shuffle = shuffle};
      const RawResult other = run_raw(set, o.settings, o.how);
      check_same(one, other, 0);
      CHECK(other.reported("probe") == one.reported("probe"));
      CHECK(other.reported("gene") == one.reported("gene"));
    }
  }
}

TEST_CASE("the order of donors, their names and the number of threads do not change a bit") {
  const RawSet set = uneven_set();
  RawSet turned = set;
  std::reverse(turned.donors.begin(), turned.donors.end());
  for (Options o : options_of_every_kind()) {
    CAPTURE(o.name);
    const RawResult one = run_raw(set, o.settings, o.how);
    for (const Names& donors : std::vector<Names>{
             {"12876", "9861", "10021"}, {"H0351.1009", "10021", "H0351.2001"}, {"all"}, {}}) {
      o.how.donors = donors;
      o.how.given_folder = !o.how.given_folder;
      o.how.threads = {donors.empty() ? 2 : 3};
      const RawResult other = run_raw(turned, o.settings, o.how);
      check_same(one, other, 0);
      CHECK(other.report() == one.report());
      CHECK(other.regions.donors == std::vector<int>{9861, 10021, 12876});
    }
  }
}
