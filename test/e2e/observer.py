"""An MQTT client of another make: prints each message of a topic filter as one line, "topic hex"."""

import os
import ssl
import sys
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt

url = urlsplit(os.environ["HUB_URL"])
arguments = [mqtt.CallbackAPIVersion.VERSION1] if hasattr(mqtt, "CallbackAPIVersion") else []
client = mqtt.Client(*arguments, client_id="observer", transport="websockets", protocol=mqtt.MQTTv311)
client.ws_set_options(path=url.path)
client.tls_set(ca_certs=os.environ["HUB_CA"], cert_reqs=ssl.CERT_REQUIRED)
client.username_pw_set(os.environ["HUB_USER"], os.environ["HUB_PASSWORD"])


def on_connect(client, userdata, flags, code):
    if code != 0:
        sys.exit(f"refused with return code {code}")
    client.subscribe(os.environ["HUB_FILTER"], qos=1)


def on_subscribe(client, userdata, mid, granted):
    print("subscribed", flush=True)


def on_message(client, userdata, message):
    print(message.topic, message.payload.hex(), flush=True)


client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = on_message
client.connect(url.hostname, url.port, keepalive=30)
client.loop_forever()
