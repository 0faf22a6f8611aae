#include "describe_vector.h"

static const struct sy_text *names_of(const cJSON *list, size_t *count) {
  *count = (size_t)cJSON_GetArraySize(list);
  struct sy_text *names = part(*count * sizeof *names);
  for (size_t i = 0; i < *count; i++) names[i] = value_from_json(cJSON_GetArrayItem(list, (int)i)).as.text;
  return names;
}

static const struct sy_report *report_of(const cJSON *list) {
  struct sy_report *report = part(sizeof *report);
  report->min = (uint32_t)list->child->valuedouble;
  report->max = (uint32_t)list->child->next->valuedouble;
  report->deadband = number_from_json(list->child->next->next);
  return report;
}

static struct sy_property property_of(const cJSON *json) {
  struct sy_property property = {
      .pid = (uint8_t)integer_from_json(json, "pid"),
      .key = text_from_json(json, "key"),
      .type = (enum sy_type)integer_from_json(json, "type"),
      .flags = optional_from_json(json, "flags"),
      .label = text_from_json(json, "label"),
      .unit = text_from_json(json, "unit"),
      .min = number_from_json(optional_member(json, "min")),
      .max = number_from_json(optional_member(json, "max")),
      .step = number_from_json(optional_member(json, "step")),
      .scale = optional_from_json(json, "scale"),
      .class_hint = text_from_json(json, "class"),
      .group = optional_from_json(json, "group"),
      .cat = optional_from_json(json, "cat"),
  };
  const cJSON *names = optional_member(json, "enum");
  if (names != NULL) property.names = names_of(names, &property.name_count);
  const cJSON *report = optional_member(json, "rpt");
  if (report != NULL) property.rpt = report_of(report);
  return property;
}

static const struct sy_property *properties_of(const cJSON *list, size_t *count) {
  *count = (size_t)cJSON_GetArraySize(list);
  struct sy_property *properties = part((*count + 1) * sizeof *properties);
  struct sy_property *next = properties;
  for (const cJSON *json = list->child; json != NULL; json = json->next) *next++ = property_of(json);
  return properties;
}

static const struct sy_action *actions_of(const cJSON *list, size_t *count) {
  *count = (size_t)cJSON_GetArraySize(list);
  struct sy_action *actions = part((*count + 1) * sizeof *actions);
  struct sy_action *action = actions;
  for (const cJSON *json = list->child; json != NULL; json = json->next, action++) {
    action->pid = (uint8_t)integer_from_json(json, "pid");
    action->key = text_from_json(json, "key");
    action->flags = optional_from_json(json, "flags");
    action->label = text_from_json(json, "label");
    action->class_hint = text_from_json(json, "class");
    action->group = optional_from_json(json, "group");
    const cJSON *params = optional_member(json, "params");
    if (params != NULL) action->params = properties_of(params, &action->param_count);
  }
  return actions;
}

enum sy_code encode_description(const cJSON *message, uint8_t *buffer, size_t size, size_t *length) {
  const cJSON *proto = member(message, "proto");
  struct sy_description description = {
      .proto = {(uint8_t)proto->child->valuedouble, (uint8_t)proto->child->next->valuedouble},
      .model = text_from_json(message, "model"),
      .fw = text_from_json(message, "fw"),
      .maxrx = optional_from_json(message, "maxrx"),
      .feat = optional_from_json(message, "feat"),
  };
  description.props = properties_of(member(message, "props"), &description.prop_count);
  const cJSON *acts = optional_member(message, "acts");
  if (acts != NULL) description.acts = actions_of(acts, &description.act_count);
  return sy_encode_desc(&description, buffer, size, length);
}
