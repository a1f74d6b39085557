// The library in one include: what a program needs to go from samples to maps.
// A program that counts its compile seconds includes the parts it uses instead.
#pragma once

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/brain/atlas/parcellation.hpp"
#include "inrgene/brain/atlas/region_table.hpp"
#include "inrgene/brain/atlas/samplers.hpp"
#include "inrgene/brain/datasets/splits.hpp"
#include "inrgene/brain/expression/join.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/brain/expression/tissue.hpp"
#include "inrgene/brain/gene_axis/gene_axis_file.hpp"
#include "inrgene/brain/gene_axis/principal.hpp"
#include "inrgene/brain/gene_axis/spectral.hpp"
#include "inrgene/core/version.hpp"
#include "inrgene/io/nifti.hpp"
#include "inrgene/model/built_ins.hpp"
#include "inrgene/pipelines/regressor.hpp"
#include "inrgene/statistics/correlation.hpp"
#include "inrgene/training/built_ins.hpp"
