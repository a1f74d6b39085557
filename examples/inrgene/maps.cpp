#include "maps.hpp"

#include <algorithm>
#include <map>

#include "inrgene/core/error.hpp"

namespace inrgene::program {

namespace fs = std::filesystem;

namespace {

std::string gene_of(const fs::path& file) {
  std::string name = file.filename().string();
  for (const std::string ending : {".gz", ".nii"}) {
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  }
  return name;
}

std::vector<fs::path> maps_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    // Names that begin with a dot are hidden: unfinished files of a killed run, for instance.
    if (is_map_name(entry.path()) && !entry.path().filename().string().starts_with('.')) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    throw InputError({folder.string(), "folder", "no map", "files GENE.nii.gz or GENE.nii"});
  }
  return files;
}

}  // namespace

bool is_map_name(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.ends_with(".nii") || name.ends_with(".nii.gz");
}

std::vector<MapFile> list_maps(const std::vector<std::string>& names) {
  std::vector<fs::path> files;
  for (const std::string& name : names) {
    if (fs::is_directory(name)) {
      const std::vector<fs::path> inside = maps_in(name);
      files.insert(files.end(), inside.begin(), inside.end());
    } else if (is_map_name(name)) {
      files.emplace_back(name);
    } else {
      throw InputError({name, "file name", "neither .nii nor .nii.gz at its end",
                        "a NIfTI map GENE.nii.gz or GENE.nii, or a folder of maps"});
    }
  }
  std::vector<MapFile> maps;
  std::map<std::string, fs::path> file_of;
  for (const fs::path& file : files) {
    const auto [first, fresh] = file_of.emplace(gene_of(file), file);
    if (!fresh) {
      throw InputError({file.string(), "gene " + first->first,
                        "a second map of it beside " + first->second.string(), "one map a gene"});
    }
    maps.push_back({first->first, file});
  }
  return maps;
}

}  // namespace inrgene::program
