//===- SoundFrontEnd.cpp - How sound becomes the input of a network -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SoundFrontEnd.h"

#include "lacuna/Frontend/Metadata.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLTraits.h"
#include "llvm/Support/raw_ostream.h"

namespace llvm::yaml {

template <>
struct ScalarEnumerationTraits<lacuna_window_shape> {
  static void enumeration(IO &io, lacuna_window_shape &value) {
    io.enumCase(value, "hann", LACUNA_WINDOW_HANN);
    io.enumCase(value, "hamming", LACUNA_WINDOW_HAMMING);
    io.enumCase(value, "rectangular", LACUNA_WINDOW_RECTANGULAR);
  }
};

template <>
struct ScalarEnumerationTraits<lacuna_mel_scale> {
  static void enumeration(IO &io, lacuna_mel_scale &value) {
    io.enumCase(value, "htk", LACUNA_MEL_HTK);
    io.enumCase(value, "slaney", LACUNA_MEL_SLANEY);
  }
};

template <>
struct ScalarEnumerationTraits<lacuna_mel_norm> {
  static void enumeration(IO &io, lacuna_mel_norm &value) {
    io.enumCase(value, "peak", LACUNA_MEL_NORM_PEAK);
    io.enumCase(value, "area", LACUNA_MEL_NORM_AREA);
  }
};

template <>
struct MappingTraits<lacuna::SoundFrontEnd> {
  static void mapping(IO &io, lacuna::SoundFrontEnd &frontEnd) {
    lacuna_features_config &c = frontEnd.config;
    io.mapOptional("sample-rate", c.sample_rate, c.sample_rate);
    io.mapOptional("window", c.window, c.window);
    io.mapOptional("hop", c.hop, c.hop);
    io.mapOptional("fft", c.fft, c.fft);
    io.mapOptional("window-shape", c.window_shape, c.window_shape);
    bool isSymmetric = c.window_is_symmetric;
    io.mapOptional("window-is-symmetric", isSymmetric, isSymmetric);
    c.window_is_symmetric = isSymmetric;
    io.mapOptional("mels", c.mels, c.mels);
    io.mapOptional("mel-scale", c.mel_scale, c.mel_scale);
    io.mapOptional("mel-norm", c.mel_norm, c.mel_norm);
    io.mapOptional("low", c.low, c.low);
    io.mapOptional("high", c.high, c.high);
    io.mapOptional("floor", c.floor, c.floor);
    io.mapOptional("coefficients", c.coefficients, c.coefficients);
    io.mapOptional("mean", frontEnd.mean);
    io.mapOptional("scale", frontEnd.scale);
    io.mapOptional("clip", frontEnd.clip, frontEnd.clip);
  }
};

} // namespace llvm::yaml

namespace lacuna {

lacuna_features_config SoundFrontEnd::getConfig() const {
  lacuna_features_config result = config;
  result.mean = mean.empty() ? nullptr : mean.data();
  result.scale = scale.empty() ? nullptr : scale.data();
  return result;
}

int64_t SoundFrontEnd::getClip() const {
  return clip ? clip : int64_t(config.sample_rate);
}

/// A list of one number stands for as many as a frame has.
static bool fitToFrame(std::vector<float> &values, size_t width) {
  if (values.size() == 1)
    values.resize(width, values[0]);
  return values.empty() || values.size() == width;
}

static llvm::Expected<SoundFrontEnd> parse(llvm::StringRef text,
                                           const llvm::Twine &where) {
  SoundFrontEnd frontEnd;
  if (text.trim().empty())
    return frontEnd;
  std::string message;
  llvm::yaml::Input input(
      text, nullptr,
      [](const llvm::SMDiagnostic &diagnostic, void *context) {
        std::string &message = *static_cast<std::string *>(context);
        if (message.empty())
          message = ("line " + llvm::Twine(diagnostic.getLineNo()) + ": " +
                     diagnostic.getMessage())
                        .str();
      },
      &message);
  input >> frontEnd;
  if (input.error())
    return llvm::createStringError(where + ": " + message);
  frontEnd.text = text.str();
  size_t width = lacuna_features_width(&frontEnd.config);
  if (frontEnd.config.coefficients < 0 || frontEnd.config.mels < 1 ||
      !fitToFrame(frontEnd.mean, width) || !fitToFrame(frontEnd.scale, width))
    return llvm::createStringError(
        where +
        ": mean and scale must have one number, or one for each of "
        "the " +
        llvm::Twine(width) + " in a frame");
  lacuna_features_config config = frontEnd.getConfig();
  if (!lacuna_features_bytes(&config))
    return llvm::createStringError(
        where + ": no front end can be so: fft must be a power of two and at "
                "least the window, high at most half the rate, coefficients "
                "at most mels");
  if (lacuna_features_frames(&config, frontEnd.getClip()) == 0 ||
      frontEnd.clip > int64_t(1) << 30)
    return llvm::createStringError(
        where + ": a clip must be at least a window, and not hours");
  return frontEnd;
}

llvm::Expected<SoundFrontEnd> findSoundFrontEnd(llvm::StringRef model) {
  llvm::SmallString<128> path(model);
  if (llvm::sys::fs::is_directory(model))
    llvm::sys::path::append(path, kFrontEndFile);
  else
    llvm::sys::path::replace_extension(path, kFrontEndFile);
  if (auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/true))
    return parse((*file)->getBuffer(), path);
  else if (file.getError() != std::errc::no_such_file_or_directory)
    return llvm::createStringError(path + ": " + file.getError().message());
  return parse(readModelMetadata(model, "lacuna.features"),
               model + ": metadata 'lacuna.features'");
}

/// A float as C has it, exactly.
static std::string toC(float value) {
  return llvm::formatv("{0:e9}f", double(value));
}

static std::string toC(const std::vector<float> &values) {
  std::string text;
  for (float value : values)
    text += (text.empty() ? "" : ",\n      ") + toC(value);
  return text;
}

std::string SoundFrontEnd::writeHeader(llvm::StringRef name) const {
  static constexpr const char *shapes[] = {"HANN", "HAMMING", "RECTANGULAR"};
  std::string upper = name.upper(), text;
  llvm::raw_string_ostream os(text);
  os << llvm::formatv(
      "/* The front end of '{0}', as its model says. Generated: do not edit. "
      "*/\n\n#ifndef {1}_FEATURES_H\n#define {1}_FEATURES_H\n\n#include "
      "<lacuna/features.h>\n\nstatic inline lacuna_features_config "
      "{0}_features(void) {{\n  lacuna_features_config config = "
      "lacuna_features_default();\n",
      name, upper);
  for (auto [member, values] :
       {std::pair("mean", &mean), std::pair("scale", &scale)})
    if (!values->empty())
      os << llvm::formatv("  static const float {0}[] = {{\n      {1}};\n  "
                          "config.{0} = {0};\n",
                          member, toC(*values));
  os << "  config.sample_rate = " << toC(config.sample_rate)
     << ";\n  config.window = " << config.window
     << ";\n  config.hop = " << config.hop << ";\n  config.fft = " << config.fft
     << ";\n  config.window_shape = LACUNA_WINDOW_"
     << shapes[config.window_shape]
     << ";\n  config.window_is_symmetric = " << config.window_is_symmetric
     << ";\n  config.mels = " << config.mels
     << ";\n  config.mel_scale = LACUNA_MEL_"
     << (config.mel_scale == LACUNA_MEL_HTK ? "HTK" : "SLANEY")
     << ";\n  config.mel_norm = LACUNA_MEL_NORM_"
     << (config.mel_norm == LACUNA_MEL_NORM_PEAK ? "PEAK" : "AREA")
     << ";\n  config.low = " << toC(config.low)
     << ";\n  config.high = " << toC(config.high)
     << ";\n  config.floor = " << toC(config.floor)
     << ";\n  config.coefficients = " << config.coefficients
     << ";\n  return config;\n}\n\n#endif /* " << upper << "_FEATURES_H */\n";
  return text;
}

} // namespace lacuna
