// The one file that includes libgiftiio, and expat, which it parses with.
//
// Its header is C without the usual `extern "C"`, and it asks for NIfTI's first library, whose
// names clash with those of the second one, which nifti.hpp uses. It needs nothing from it but the
// codes of nifti1.h, which the second one brings; so the first one is told that it has been read.
#pragma once

#include <expat.h>
#include <nifti2_io.h>
#include <zlib.h>

#include <cstdio>

#ifndef _NIFTI_IO_HEADER_
#define _NIFTI_IO_HEADER_  // NOLINT: nifti1_io.h's own name
#define INRGENE_HID_NIFTI1
#endif
extern "C" {
#include <gifti/gifti_io.h>
}
#ifdef INRGENE_HID_NIFTI1
#undef _NIFTI_IO_HEADER_
#undef INRGENE_HID_NIFTI1
#endif

#include <memory>
#include <type_traits>

namespace inrgene::detail {

struct GiftiFree {
  void operator()(::gifti_image* image) const { ::gifti_free_image(image); }
};
using GiftiImage = std::unique_ptr<::gifti_image, GiftiFree>;

struct XmlFree {
  void operator()(::XML_Parser parser) const { ::XML_ParserFree(parser); }
};
using XmlParser = std::unique_ptr<std::remove_pointer_t<::XML_Parser>, XmlFree>;

}  // namespace inrgene::detail
