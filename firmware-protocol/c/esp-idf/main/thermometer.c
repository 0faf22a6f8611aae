#include "thermometer.h"

#include <driver/temperature_sensor.h>
#include <esp_log.h>
#include <math.h>

static const char tag[] = "thermometer";

static temperature_sensor_handle_t sensor;

void thermometer_open(void) {
  const temperature_sensor_config_t range = TEMPERATURE_SENSOR_CONFIG_DEFAULT(-10, 80);
  esp_err_t problem = temperature_sensor_install(&range, &sensor);
  if (problem == ESP_OK) problem = temperature_sensor_enable(sensor);
  if (problem == ESP_OK) return;
  ESP_LOGW(tag, "it does not work (%s): there will be no readings", esp_err_to_name(problem));
  sensor = NULL;
}

struct sy_optional thermometer_read(void) {
  struct sy_optional reading = {false, 0};
  float celsius;
  if (sensor == NULL || temperature_sensor_get_celsius(sensor, &celsius) != ESP_OK) return reading;
  reading.set = true;
  reading.value = lroundf(celsius * 100.0f);
  return reading;
}
