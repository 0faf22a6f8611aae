#include "light.h"

#include <driver/ledc.h>
#include <sdkconfig.h>

/** Too fast to be seen. */
#define FREQUENCY_HZ 5000
#define FULL_DUTY (1u << 10)
#define BLINK_MS 250

#ifdef CONFIG_LAMP_LIGHT_ACTIVE_LOW
#define ACTIVE_LOW 1
#else
#define ACTIVE_LOW 0
#endif

static void set_duty(uint32_t duty) {
  ledc_set_duty(LEDC_LOW_SPEED_MODE, LEDC_CHANNEL_0, duty);
  ledc_update_duty(LEDC_LOW_SPEED_MODE, LEDC_CHANNEL_0);
}

esp_err_t light_open(struct light *light) {
  const ledc_timer_config_t timer = {
      .speed_mode = LEDC_LOW_SPEED_MODE,
      .duty_resolution = LEDC_TIMER_10_BIT,
      .timer_num = LEDC_TIMER_0,
      .freq_hz = FREQUENCY_HZ,
      .clk_cfg = LEDC_AUTO_CLK,
  };
  const ledc_channel_config_t channel = {
      .gpio_num = CONFIG_LAMP_LIGHT_GPIO,
      .speed_mode = LEDC_LOW_SPEED_MODE,
      .channel = LEDC_CHANNEL_0,
      .timer_sel = LEDC_TIMER_0,
      .flags.output_invert = ACTIVE_LOW,
  };
  *light = (struct light){0};
  esp_err_t problem = ledc_timer_config(&timer);
  return problem == ESP_OK ? ledc_channel_config(&channel) : problem;
}

void light_show(struct light *light, bool on, uint8_t brightness) {
  light->blinks = false;
  set_duty(on ? brightness * FULL_DUTY / 100 : 0);
}

void light_blink(struct light *light, int64_t now) {
  light->blinks = true;
  light->is_lit = false;
  light_tick(light, now);
}

int64_t light_due(const struct light *light) { return light->blinks ? light->toggle_at : INT64_MAX; }

void light_tick(struct light *light, int64_t now) {
  light->is_lit = !light->is_lit;
  light->toggle_at = now + BLINK_MS;
  set_duty(light->is_lit ? FULL_DUTY : 0);
}
