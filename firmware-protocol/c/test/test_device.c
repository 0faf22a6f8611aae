#include "rules.h"

static const struct sy_text modes[] = {SY_TEXT("off"), SY_TEXT("eco"), SY_TEXT("on")};
static const struct sy_text presses[] = {SY_TEXT("short"), SY_TEXT("long")};

static const struct sy_property properties[] = {
    {.pid = PID_SWITCH, .key = SY_TEXT("switch"), .type = SY_TYPE_BOOL, .flags = SY_SET(SY_WRITABLE)},
    {.pid = PID_LEVEL,
     .key = SY_TEXT("level"),
     .type = SY_TYPE_INT,
     .flags = SY_SET(SY_WRITABLE),
     .min = SY_INTEGER(10),
     .max = SY_INTEGER(100),
     .step = SY_INTEGER(5)},
    {.pid = PID_GAIN,
     .key = SY_TEXT("gain"),
     .type = SY_TYPE_FLOAT,
     .flags = SY_SET(SY_WRITABLE),
     .min = SY_REAL(-0.5),
     .max = SY_REAL(2.5),
     .step = SY_REAL(0.5)},
    {.pid = PID_MODE,
     .key = SY_TEXT("mode"),
     .type = SY_TYPE_ENUM,
     .flags = SY_SET(SY_WRITABLE),
     .names = modes,
     .name_count = 3},
    {.pid = PID_NAME, .key = SY_TEXT("name"), .type = SY_TYPE_TEXT, .flags = SY_SET(SY_WRITABLE)},
    {.pid = PID_BLOB, .key = SY_TEXT("blob"), .type = SY_TYPE_BYTES, .flags = SY_SET(SY_WRITABLE)},
    {.pid = PID_COLOUR, .key = SY_TEXT("colour"), .type = SY_TYPE_RGB, .flags = SY_SET(SY_WRITABLE)},
    {.pid = PID_BUTTON, .key = SY_TEXT("button"), .type = SY_TYPE_EVENT, .names = presses, .name_count = 2},
    {.pid = PID_RING, .key = SY_TEXT("ring"), .type = SY_TYPE_EVENT, .min = SY_INTEGER(1), .max = SY_INTEGER(5)},
    {.pid = PID_KEPT,
     .key = SY_TEXT("kept"),
     .type = SY_TYPE_INT,
     .flags = SY_SET(SY_WRITABLE | SY_PERSISTENT),
     .min = SY_INTEGER(0),
     .max = SY_INTEGER(9)},
    {.pid = PID_READ_ONLY, .key = SY_TEXT("read-only"), .type = SY_TYPE_BOOL},
    {.pid = PID_OPEN, .key = SY_TEXT("open"), .type = SY_TYPE_INT, .flags = SY_SET(SY_WRITABLE)},
};

static const struct sy_property blink[] = {
    {.pid = 1, .key = SY_TEXT("times"), .type = SY_TYPE_INT, .min = SY_INTEGER(1), .max = SY_INTEGER(5)},
    {.pid = 2, .key = SY_TEXT("fast"), .type = SY_TYPE_BOOL},
};

static const struct sy_action actions[] = {
    {.pid = ACTION_BLINK, .key = SY_TEXT("blink"), .params = blink, .param_count = 2},
    {.pid = SY_IDENTIFY, .key = SY_TEXT("identify")},
};

const struct sy_description test_device = {
    .proto = {1, 0},
    .model = SY_TEXT("test"),
    .fw = SY_TEXT("1"),
    .props = properties,
    .prop_count = sizeof properties / sizeof *properties,
    .acts = actions,
    .act_count = sizeof actions / sizeof *actions,
};
