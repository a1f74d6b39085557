#include "run.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <system_error>

#include "inrgene/backend/cpu/products.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/version.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "progress_meter.hpp"

namespace inrgene::program {

namespace {

/// A value as JSON: a number when the option takes numbers.
Json typed(const CLI::Option& option, const std::string& value) {
  const std::string type = option.get_type_name();
  const bool is_number = type.starts_with("INT") || type.starts_with("UINT") ||
                         type.starts_with("FLOAT") || type.starts_with("NUMBER");
  Json parsed = is_number ? Json::parse(value, nullptr, false) : Json(value);
  return parsed.is_discarded() ? Json(value) : parsed;
}

}  // namespace

Run::Run(const CLI::App& app, const Common& common)
    : name_(app.get_name()),
      app_(app),
      common_(common),
      meter_(std::make_unique<ProgressMeter>("inrgene " + name_)) {}

Run::~Run() = default;

bool Run::given(const std::string& option) const {
  const CLI::Option* found = app_.get_option_no_throw(option);
  return found != nullptr && found->count() > 0;
}

void Run::refuse_options(const std::vector<std::string>& options, const std::string& why) const {
  for (const std::string& option : options) {
    if (given(option)) throw ArgumentError(option + ": found it given, expected it only " + why);
  }
}

Json Run::configuration() const {
  Json out = Json::object();
  for (const CLI::Option* option : app_.get_options()) {
    if (option->get_lnames().empty() || option->get_group().empty()) continue;
    const std::string& name = option->get_lnames().front();
    if (name == "help") continue;
    if (option->get_expected_max() == 0) {
      out[name] = option->count() > 0;
    } else if (option->count() == 0) {
      const std::string value = option->get_default_str();
      const bool is_list = option->get_expected_max() > 1;
      out[name] = is_list ? Json::array() : value.empty() ? Json() : typed(*option, value);
    } else if (option->get_expected_max() > 1) {
      out[name] = option->results();
    } else {
      out[name] = typed(*option, option->results().back());
    }
  }
  return out;
}

void Run::warn(std::string_view message) const {
  meter_->clear_line();
  std::cerr << "inrgene " << name_ << ": warning: " << message << std::endl;
}

void Run::note(std::string_view message) const {
  if (common_.quiet) return;
  meter_->clear_line();
  std::cerr << "inrgene " << name_ << ": " << message << std::endl;
}

WarningCallback Run::warnings() const {
  return [this](std::string_view message) { warn(message); };
}

ProgressCallback Run::progress() const {
  if (common_.quiet) return {};
  return [this](const Progress& progress) { meter_->show(progress); };
}

void Run::end_stage() {
  if (stage_.empty()) return;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - stage_began_;
  seconds_.emplace_back(stage_, took.count());
}

void Run::stage(const std::string& name) {
  end_stage();
  stage_ = name;
  stage_began_ = std::chrono::steady_clock::now();
}

void Run::write_run_json(const std::filesystem::path& folder, const Json& metrics) {
  end_stage();
  stage_.clear();
  Json seconds = Json::object();
  for (const auto& [stage, took] : seconds_) {
    seconds[stage] = seconds.value(stage, 0.0) + took;
  }
  const Json run{{"version", version},
                 {"subcommand", name_},
                 {"configuration", configuration()},
                 {"seed", common_.seed},
                 {"threads", threads().resolved()},
                 {"backend", common_.backend},
                 {"cpu_kernel", kernel_name<float>()},
                 {"seconds", seconds},
                 {"metrics", metrics}};
  write_file(folder / "run.json", run.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (!code && std::filesystem::is_directory(folder, code)) return;
  throw InputError({folder.string(), "making the folder",
                    code ? code.message() : std::string("something else of that name"),
                    "a place where a folder can be made"});
}

void require_writable(const std::filesystem::path& file) {
  const AtomicFile probe(file);
}

}  // namespace inrgene::program
