#include "button.h"

#include <driver/gpio.h>
#include <esp_timer.h>
#include <sdkconfig.h>

#include "press_detector.h"

#define LOOK_EVERY_US 10000

struct button {
  struct happenings *happenings;
  struct press_detector detector;
};

static void look(void *context) {
  struct button *button = context;
  struct happening happening = {.kind = PRESS};
  bool pressed = gpio_get_level(CONFIG_LAMP_BUTTON_GPIO) == 0;
  if (detect_press(&button->detector, pressed, esp_timer_get_time() / 1000, &happening.press)) {
    happenings_put(button->happenings, &happening);
  }
}

esp_err_t button_start(struct happenings *happenings) {
  static struct button button;
  button.happenings = happenings;
  const gpio_config_t pin = {
      .pin_bit_mask = UINT64_C(1) << CONFIG_LAMP_BUTTON_GPIO,
      .mode = GPIO_MODE_INPUT,
      .pull_up_en = GPIO_PULLUP_ENABLE,
      .pull_down_en = GPIO_PULLDOWN_DISABLE,
      .intr_type = GPIO_INTR_DISABLE,
  };
  const esp_timer_create_args_t watch = {
      .callback = look, .arg = &button, .name = "button", .skip_unhandled_events = true};
  esp_timer_handle_t timer;
  esp_err_t problem = gpio_config(&pin);
  if (problem == ESP_OK) problem = esp_timer_create(&watch, &timer);
  return problem == ESP_OK ? esp_timer_start_periodic(timer, LOOK_EVERY_US) : problem;
}
