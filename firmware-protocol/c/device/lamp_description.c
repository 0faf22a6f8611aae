#include "lamp.h"

static const struct sy_text power_on[] = {SY_TEXT("off"), SY_TEXT("on"), SY_TEXT("as before")};
static const struct sy_text presses[] = {SY_TEXT("short"), SY_TEXT("long")};

static const struct sy_property properties[] = {
    {
        .pid = LAMP_ON,
        .key = SY_TEXT("on"),
        .type = SY_TYPE_BOOL,
        .flags = SY_SET(SY_WRITABLE),
        .label = SY_TEXT("Light"),
        .class_hint = SY_TEXT("light"),
    },
    {
        .pid = LAMP_BRIGHTNESS,
        .key = SY_TEXT("brightness"),
        .type = SY_TYPE_INT,
        .flags = SY_SET(SY_WRITABLE),
        .label = SY_TEXT("Brightness"),
        .unit = SY_TEXT("/100"),
        .min = SY_INTEGER(0),
        .max = SY_INTEGER(100),
        .class_hint = SY_TEXT("brightness"),
    },
    {
        .pid = LAMP_TEMPERATURE,
        .key = SY_TEXT("temperature"),
        .type = SY_TYPE_INT,
        .flags = SY_SET(SY_SAMPLED),
        .label = SY_TEXT("Temperature"),
        .unit = SY_TEXT("Cel"),
        .scale = SY_SET(-2),
        .class_hint = SY_TEXT("temperature"),
        .cat = SY_SET(SY_DIAGNOSTIC),
    },
    {
        .pid = LAMP_POWER_ON,
        .key = SY_TEXT("power_on"),
        .type = SY_TYPE_ENUM,
        .flags = SY_SET(SY_WRITABLE | SY_PERSISTENT),
        .label = SY_TEXT("When power returns"),
        .names = power_on,
        .name_count = sizeof power_on / sizeof *power_on,
        .cat = SY_SET(SY_CONFIG),
    },
    {
        .pid = LAMP_BUTTON,
        .key = SY_TEXT("button"),
        .type = SY_TYPE_EVENT,
        .label = SY_TEXT("Button"),
        .names = presses,
        .name_count = sizeof presses / sizeof *presses,
    },
};

static const struct sy_action actions[] = {
    {.pid = SY_IDENTIFY, .key = SY_TEXT("identify"), .label = SY_TEXT("Identify"), .class_hint = SY_TEXT("identify")},
};

const struct sy_description lamp_description = {
    .proto = {1, 0},
    .model = SY_TEXT("c-lamp"),
    .fw = SY_TEXT("1.0.0"),
    .props = properties,
    .prop_count = sizeof properties / sizeof *properties,
    .acts = actions,
    .act_count = sizeof actions / sizeof *actions,
    .maxrx = SY_SET(LAMP_MAX_RECEIVED),
};
