// Maps as files: which file is which gene's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace inrgene::program {

/// A map on disk, named by its file without .nii or .nii.gz.
struct MapFile {
  std::string gene;
  std::filesystem::path file;
};

/// Whether the name ends in .nii or .nii.gz.
[[nodiscard]] bool is_map_name(const std::filesystem::path& file);

/// The maps among `names`: files as they are, of a folder all its maps by name. Throws InputError
/// for a name that is no map's, a folder without maps and two maps of one gene.
[[nodiscard]] std::vector<MapFile> list_maps(const std::vector<std::string>& names);

}  // namespace inrgene::program
