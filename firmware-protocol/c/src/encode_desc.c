#include "writer.h"

static void put_text_field(struct sy_writer *writer, enum sy_key key, const struct sy_text *text) {
  if (text->at == NULL) return;
  sy_put_integer(writer, key);
  sy_put_text(writer, text);
}

static void put_required_text(struct sy_writer *writer, enum sy_key key, const struct sy_text *text) {
  if (text->at == NULL) sy_writer_fail(writer);
  put_text_field(writer, key, text);
}

static void put_number(struct sy_writer *writer, const struct sy_number *number) {
  if (number->kind == SY_IS_INTEGER) {
    sy_put_integer(writer, number->integer);
  } else {
    sy_put_real(writer, number->real);
  }
}

static void put_number_field(struct sy_writer *writer, enum sy_key key, const struct sy_number *number) {
  if (number->kind == SY_ABSENT) return;
  sy_put_integer(writer, key);
  put_number(writer, number);
}

static void put_names(struct sy_writer *writer, const struct sy_property *property) {
  if (property->names == NULL) {
    if (property->type == SY_TYPE_ENUM) sy_writer_fail(writer);
    return;
  }
  if (property->name_count < 1 || property->name_count > SY_MAX_NAMES) sy_writer_fail(writer);
  sy_put_integer(writer, SY_KEY_ENUM);
  sy_put_array(writer, property->name_count);
  for (size_t i = 0; i < property->name_count && writer->code == SY_OK; i++) sy_put_text(writer, &property->names[i]);
}

static void put_report(struct sy_writer *writer, const struct sy_report *report) {
  if (report == NULL) return;
  if (report->deadband.kind == SY_ABSENT) sy_writer_fail(writer);
  sy_put_integer(writer, SY_KEY_RPT);
  sy_put_array(writer, 3);
  sy_put_integer(writer, report->min);
  sy_put_integer(writer, report->max);
  put_number(writer, &report->deadband);
}

static void put_property(struct sy_writer *writer, const struct sy_property *property) {
  if ((unsigned)property->type > SY_TYPE_EVENT) sy_writer_fail(writer);
  sy_put_map(writer, 3u + property->flags.set + (property->label.at != NULL) + (property->unit.at != NULL) +
                         (property->min.kind != SY_ABSENT) + (property->max.kind != SY_ABSENT) +
                         (property->step.kind != SY_ABSENT) + property->scale.set + (property->names != NULL) +
                         (property->class_hint.at != NULL) + property->group.set + property->cat.set +
                         (property->rpt != NULL));
  sy_put_field(writer, SY_KEY_PID, property->pid);
  put_required_text(writer, SY_KEY_KEY, &property->key);
  sy_put_field(writer, SY_KEY_TYPE, property->type);
  sy_put_optional(writer, SY_KEY_FLAGS, property->flags, 0, UINT32_MAX);
  put_text_field(writer, SY_KEY_LABEL, &property->label);
  put_text_field(writer, SY_KEY_UNIT, &property->unit);
  put_number_field(writer, SY_KEY_MIN, &property->min);
  put_number_field(writer, SY_KEY_MAX, &property->max);
  put_number_field(writer, SY_KEY_STEP, &property->step);
  sy_put_optional(writer, SY_KEY_SCALE, property->scale, -9, 9);
  put_names(writer, property);
  put_text_field(writer, SY_KEY_CLASS, &property->class_hint);
  sy_put_optional(writer, SY_KEY_GROUP, property->group, 0, UINT8_MAX);
  sy_put_optional(writer, SY_KEY_CAT, property->cat, SY_PRIMARY, SY_DIAGNOSTIC);
  put_report(writer, property->rpt);
}

static void put_properties(struct sy_writer *writer, enum sy_key key, const struct sy_property *properties,
                           size_t count, size_t most) {
  if (count < 1 || count > most) sy_writer_fail(writer);
  sy_put_integer(writer, key);
  sy_put_array(writer, count);
  for (size_t i = 0; i < count && writer->code == SY_OK; i++) put_property(writer, &properties[i]);
}

static void put_action(struct sy_writer *writer, const struct sy_action *action) {
  sy_put_map(writer, 2u + action->flags.set + (action->label.at != NULL) + (action->class_hint.at != NULL) +
                         action->group.set + (action->params != NULL));
  sy_put_field(writer, SY_KEY_PID, action->pid);
  put_required_text(writer, SY_KEY_KEY, &action->key);
  sy_put_optional(writer, SY_KEY_FLAGS, action->flags, 0, UINT32_MAX);
  put_text_field(writer, SY_KEY_LABEL, &action->label);
  put_text_field(writer, SY_KEY_CLASS, &action->class_hint);
  sy_put_optional(writer, SY_KEY_GROUP, action->group, 0, UINT8_MAX);
  if (action->params != NULL) {
    put_properties(writer, SY_KEY_PARAMS, action->params, action->param_count, SY_MAX_ARGUMENTS);
  }
}

static void put_actions(struct sy_writer *writer, const struct sy_action *actions, size_t count) {
  if (actions == NULL) return;
  if (count < 1 || count > SY_MAX_ACTIONS) sy_writer_fail(writer);
  sy_put_integer(writer, SY_KEY_ACTS);
  sy_put_array(writer, count);
  for (size_t i = 0; i < count && writer->code == SY_OK; i++) put_action(writer, &actions[i]);
}

/** An id that is used twice is found again as the first one that has it. */
static bool has_distinct_ids(const struct sy_description *description) {
  for (size_t i = 0; i < description->prop_count; i++) {
    if (sy_find_property(description, description->props[i].pid) != &description->props[i]) return false;
  }
  for (size_t i = 0; i < description->act_count; i++) {
    if (sy_find_action(description, description->acts[i].pid) != &description->acts[i]) return false;
  }
  return true;
}

enum sy_code sy_encode_desc(const struct sy_description *description, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_writer writer;
  sy_writer_open(&writer, buffer, size);
  if (!has_distinct_ids(description)) sy_writer_fail(&writer);
  sy_put_map(&writer, 4u + (description->acts != NULL) + description->maxrx.set + description->feat.set);
  sy_put_integer(&writer, SY_KEY_PROTO);
  sy_put_array(&writer, 2);
  sy_put_integer(&writer, description->proto[0]);
  sy_put_integer(&writer, description->proto[1]);
  put_required_text(&writer, SY_KEY_MODEL, &description->model);
  put_required_text(&writer, SY_KEY_FW, &description->fw);
  put_properties(&writer, SY_KEY_PROPS, description->props, description->prop_count, SY_MAX_PROPERTIES);
  put_actions(&writer, description->acts, description->act_count);
  sy_put_optional(&writer, SY_KEY_MAXRX, description->maxrx, 0, UINT32_MAX);
  sy_put_optional(&writer, SY_KEY_FEAT, description->feat, 0, UINT32_MAX);
  return sy_writer_close(&writer, SY_BOUNDS_DESC, length);
}
