//===- lacunafilter.c - A GStreamer element that hears words -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// gst-launch-1.0 filesrc location=x.wav ! wavparse ! audioconvert !
// audioresample !
//     lacunafilter model=libkeyword_model.so print=true ! fakesink
//
// Sound passes unchanged. Each word becomes an element message "lacuna-word"
// with the fields word, confidence and time. The network is in a shared library
// with kws_get_model(), so that one element serves every network.
//
//===----------------------------------------------------------------------===//

#include "kws.h"

#include <gmodule.h>
#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

typedef struct LacunaFilter {
  GstBaseTransform base;
  gchar *path;
  kws_options options;
  gboolean print;

  GModule *library;
  const kws_model *model;
  kws *recogniser;
} LacunaFilter;

typedef struct LacunaFilterClass {
  GstBaseTransformClass base;
} LacunaFilterClass;

G_DEFINE_TYPE(LacunaFilter, lacuna_filter, GST_TYPE_BASE_TRANSFORM)

enum { MODEL = 1, THRESHOLD, SMOOTHING, PAUSE, EVERY, PRINT };

static LacunaFilter *get_filter(gpointer object) {
  return G_TYPE_CHECK_INSTANCE_CAST(object, lacuna_filter_get_type(),
                                    LacunaFilter);
}

static void set_property(GObject *object, guint id, const GValue *value,
                         GParamSpec *spec) {
  LacunaFilter *filter = get_filter(object);
  switch (id) {
  case MODEL:
    g_free(filter->path);
    filter->path = g_value_dup_string(value);
    break;
  case THRESHOLD:
    filter->options.threshold = g_value_get_float(value);
    break;
  case SMOOTHING:
    filter->options.smoothing = g_value_get_float(value);
    break;
  case PAUSE:
    filter->options.pause = g_value_get_float(value);
    break;
  case EVERY:
    filter->options.every = g_value_get_int(value);
    break;
  case PRINT:
    filter->print = g_value_get_boolean(value);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

static void get_property(GObject *object, guint id, GValue *value,
                         GParamSpec *spec) {
  LacunaFilter *filter = get_filter(object);
  switch (id) {
  case MODEL:
    g_value_set_string(value, filter->path);
    break;
  case THRESHOLD:
    g_value_set_float(value, filter->options.threshold);
    break;
  case SMOOTHING:
    g_value_set_float(value, filter->options.smoothing);
    break;
  case PAUSE:
    g_value_set_float(value, filter->options.pause);
    break;
  case EVERY:
    g_value_set_int(value, filter->options.every);
    break;
  case PRINT:
    g_value_set_boolean(value, filter->print);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

static gboolean stop(GstBaseTransform *base) {
  LacunaFilter *filter = get_filter(base);
  kws_free(filter->recogniser);
  filter->recogniser = NULL;
  filter->model = NULL;
  if (filter->library)
    g_module_close(filter->library);
  filter->library = NULL;
  return TRUE;
}

static gboolean start(GstBaseTransform *base) {
  LacunaFilter *filter = get_filter(base);
  if (!filter->path) {
    GST_ELEMENT_ERROR(filter, RESOURCE, SETTINGS,
                      ("model= is not set: a shared library of a network"),
                      (NULL));
    return FALSE;
  }
  gpointer symbol = NULL;
  filter->library = g_module_open(filter->path, G_MODULE_BIND_LOCAL);
  if (!filter->library ||
      !g_module_symbol(filter->library, KWS_MODEL_SYMBOL, &symbol)) {
    GST_ELEMENT_ERROR(filter, RESOURCE, OPEN_READ,
                      ("%s is no network: %s", filter->path, g_module_error()),
                      (NULL));
    stop(base);
    return FALSE;
  }
  const char *why;
  filter->model = ((const kws_model *(*)(void))symbol)();
  filter->recogniser = kws_create(filter->model, &filter->options, &why);
  if (!filter->recogniser) {
    GST_ELEMENT_ERROR(filter, RESOURCE, SETTINGS, ("%s: %s", filter->path, why),
                      (NULL));
    stop(base);
    return FALSE;
  }
  return TRUE;
}

/* Only what the network was trained on, once it is known: others convert. */
static GstCaps *transform_caps(GstBaseTransform *base,
                               GstPadDirection direction, GstCaps *caps,
                               GstCaps *wanted) {
  LacunaFilter *filter = get_filter(base);
  GstCaps *own = gst_caps_copy(caps);
  if (filter->model) {
    GstCaps *rate =
        gst_caps_new_simple("audio/x-raw", "rate", G_TYPE_INT,
                            (gint)filter->model->features.sample_rate, NULL);
    GstCaps *both = gst_caps_intersect(own, rate);
    gst_caps_unref(own);
    gst_caps_unref(rate);
    own = both;
  }
  if (wanted) {
    GstCaps *both =
        gst_caps_intersect_full(wanted, own, GST_CAPS_INTERSECT_FIRST);
    gst_caps_unref(own);
    own = both;
  }
  (void)direction;
  return own;
}

static void report(LacunaFilter *filter, const kws_hop *hop) {
  if (hop->word < 0)
    return;
  const char *word = filter->model->names[hop->word];
  if (filter->print)
    g_print("%.2f s: %s (%.1f %%)\n", hop->seconds, word,
            100 * (double)hop->confidence);
  gst_element_post_message(
      GST_ELEMENT(filter),
      gst_message_new_element(
          GST_OBJECT(filter),
          gst_structure_new("lacuna-word", "word", G_TYPE_STRING, word,
                            "confidence", G_TYPE_DOUBLE,
                            (gdouble)hop->confidence, "time",
                            GST_TYPE_CLOCK_TIME,
                            (GstClockTime)(hop->seconds * GST_SECOND), NULL)));
}

static void hear(LacunaFilter *filter, const gint16 *samples, gsize count) {
  while (count) {
    kws_hop hop;
    gsize taken = kws_push(filter->recogniser, samples, count, &hop);
    samples += taken;
    count -= taken;
    report(filter, &hop);
  }
}

static GstFlowReturn transform_ip(GstBaseTransform *base, GstBuffer *buffer) {
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
    return GST_FLOW_ERROR;
  hear(get_filter(base), (const gint16 *)(gpointer)map.data,
       map.size / sizeof(gint16));
  gst_buffer_unmap(buffer, &map);
  return GST_FLOW_OK;
}

static gboolean sink_event(GstBaseTransform *base, GstEvent *event) {
  LacunaFilter *filter = get_filter(base);
  if (filter->recogniser && GST_EVENT_TYPE(event) == GST_EVENT_EOS) {
    static const gint16 silence[160];
    for (gsize left = kws_clip(filter->recogniser); left;) {
      gsize part = MIN(left, G_N_ELEMENTS(silence));
      hear(filter, silence, part);
      left -= part;
    }
    kws_hop hop;
    while (kws_finish(filter->recogniser, &hop))
      report(filter, &hop);
  }
  if (filter->recogniser && GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP)
    kws_reset(filter->recogniser);
  return GST_BASE_TRANSFORM_CLASS(lacuna_filter_parent_class)
      ->sink_event(base, event);
}

static void finalize(GObject *object) {
  g_free(get_filter(object)->path);
  G_OBJECT_CLASS(lacuna_filter_parent_class)->finalize(object);
}

static void lacuna_filter_init(LacunaFilter *filter) {
  filter->options = kws_default_options();
  gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(filter), TRUE);
}

static void install_properties(GObjectClass *object) {
  const kws_options otherwise = kws_default_options();
  const GParamFlags flags =
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;
  g_object_class_install_property(
      object, MODEL,
      g_param_spec_string("model", "Model",
                          "A shared library of a network that hears words",
                          NULL, flags));
  g_object_class_install_property(
      object, THRESHOLD,
      g_param_spec_float("threshold", "Threshold",
                         "Confidence from which a word is reported", 0, 1,
                         otherwise.threshold, flags));
  g_object_class_install_property(
      object, SMOOTHING,
      g_param_spec_float("smoothing", "Smoothing",
                         "Seconds over which probabilities are averaged", 0, 60,
                         otherwise.smoothing, flags));
  g_object_class_install_property(
      object, PAUSE,
      g_param_spec_float("pause", "Pause",
                         "Seconds after a word for which none is reported", 0,
                         3600, otherwise.pause, flags));
  g_object_class_install_property(
      object, EVERY,
      g_param_spec_int("every", "Every",
                       "Hops from one run of the network to the next", 1, 1000,
                       otherwise.every, flags));
  g_object_class_install_property(
      object, PRINT,
      g_param_spec_boolean("print", "Print",
                           "Write the words to standard output too", FALSE,
                           flags));
}

static void lacuna_filter_class_init(LacunaFilterClass *class) {
  GObjectClass *object = G_OBJECT_CLASS(class);
  object->set_property = set_property;
  object->get_property = get_property;
  object->finalize = finalize;
  install_properties(object);

  GstElementClass *element = GST_ELEMENT_CLASS(class);
  gst_element_class_set_static_metadata(
      element, "Lacuna word filter", "Filter/Analyzer/Audio",
      "Reports words that a network compiled by Lacuna hears", "Lacuna");
  GstCaps *caps = gst_caps_from_string(
      "audio/x-raw, format=S16LE, channels=1, layout=interleaved, "
      "rate=[1, 2147483647]");
  gst_element_class_add_pad_template(
      element,
      gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));
  gst_element_class_add_pad_template(
      element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
  gst_caps_unref(caps);

  GstBaseTransformClass *base = GST_BASE_TRANSFORM_CLASS(class);
  base->start = start;
  base->stop = stop;
  base->transform_caps = transform_caps;
  base->transform_ip = transform_ip;
  base->transform_ip_on_passthrough = TRUE;
  base->sink_event = sink_event;
}

static gboolean plugin_init(GstPlugin *plugin) {
  return gst_element_register(plugin, "lacunafilter", GST_RANK_NONE,
                              lacuna_filter_get_type());
}

#define PACKAGE "lacuna"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, lacunafilter,
                  "Words heard by networks that Lacuna compiled", plugin_init,
                  "0.1.0", "Apache 2.0", "lacuna", "lacuna")
