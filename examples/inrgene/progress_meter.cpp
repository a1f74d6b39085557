#include "progress_meter.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace inrgene::program {

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(std::clamp(seconds, 0.0, 1e9) + 0.5);
  std::ostringstream out;
  out << std::setfill('0');
  if (whole >= 3600) out << whole / 3600 << ':' << std::setw(2);
  out << whole / 60 % 60 << ':' << std::setw(2) << whole % 60;
  return out.str();
}

ProgressMeter::ProgressMeter(std::string label)
    : label_(std::move(label)), terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressMeter::show(const Progress& progress) {
  const auto now = Clock::now();
  const std::string job(progress.stage.substr(0, progress.stage.find(' ')));
  if (job != job_) {
    job_ = job;
    began_ = shown_ = now;
    done_at_begin_ = std::max<Index>(progress.done - 1, 0);
  }
  const double since_shown = std::chrono::duration<double>(now - shown_).count();
  const bool finished = progress.total > 0 && progress.done >= progress.total;
  // A terminal's last bar is always drawn; elsewhere the subcommand's own summary follows.
  if (since_shown < (terminal_ ? 0.1 : 5.0) && !(terminal_ && finished)) return;
  shown_ = now;
  const std::string text = line(progress, std::chrono::duration<double>(now - began_).count());
  if (terminal_) {
    std::cerr << '\r' << text << "\x1b[K" << std::flush;
    bar_shown_ = true;
  } else {
    std::cerr << text << std::endl;
  }
}

std::string ProgressMeter::line(const Progress& progress, double seconds) const {
  std::ostringstream out;
  out << label_ << ": ";
  const double done = static_cast<double>(progress.done);
  const double total = static_cast<double>(progress.total);
  if (terminal_ && progress.total > 0) {
    constexpr int width = 24;
    const int filled = static_cast<int>(width * std::min(done / total, 1.0));
    out << '[' << std::string(static_cast<std::size_t>(filled), '#')
        << std::string(static_cast<std::size_t>(width - filled), '.') << "] ";
  }
  out << progress.stage << ' ' << progress.done;
  if (progress.total > 0) out << '/' << progress.total;
  const double rate = static_cast<double>(progress.done - done_at_begin_) / seconds;
  if (seconds > 0 && rate > 0) {
    out << ", " << std::setprecision(3) << rate << "/s";
    if (progress.total > 0) out << ", " << clock_text((total - done) / rate) << " left";
  }
  if (!std::isnan(progress.value)) out << ", loss " << std::setprecision(4) << progress.value;
  return out.str();
}

void ProgressMeter::clear_line() {
  if (!bar_shown_) return;
  std::cerr << "\r\x1b[K" << std::flush;
  bar_shown_ = false;
}

}  // namespace inrgene::program
