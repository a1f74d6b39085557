// The one file that includes Eigen: threading is ours alone, so Eigen's own is switched off.
// Works with Eigen 3.4 and 5.
#pragma once

#ifndef EIGEN_DONT_PARALLELIZE
#define EIGEN_DONT_PARALLELIZE
#endif
#include <Eigen/Core>
