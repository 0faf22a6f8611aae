#include <esp_event.h>
#include <esp_log.h>

#include "button.h"
#include "credentials.h"
#include "happenings.h"
#include "lamp_task.h"
#include "saved_state.h"
#include "wifi.h"

static const char tag[] = "main";

static bool went_well(esp_err_t problem, const char *what) {
  if (problem != ESP_OK) ESP_LOGE(tag, "%s: %s; there is no lamp", what, esp_err_to_name(problem));
  return problem == ESP_OK;
}

void app_main(void) {
  static struct credentials credentials;
  static struct happenings happenings;
  static struct lamp_saved saved;
  if (!went_well(saved_state_open(), "opening NVS") || !credentials_load(&credentials)) return;
  if (!went_well(saved_state_begin(&saved), "counting this boot in NVS")) return;
  if (!went_well(esp_event_loop_create_default(), "making the event loop")) return;
  // The light obeys its button before there is a network, and without one.
  bool started = happenings_open(&happenings) && lamp_task_start(&saved, &credentials, &happenings);
  if (!went_well(started ? ESP_OK : ESP_ERR_NO_MEM, "starting the lamp")) return;
  if (!went_well(button_start(&happenings), "watching the button")) return;
  went_well(wifi_start(credentials.ssid, credentials.password, &happenings), "starting the Wi-Fi");
}
