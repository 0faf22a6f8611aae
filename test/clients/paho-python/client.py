"""paho-mqtt for Python, driven by requests in JSON on its input, a line each; answers and messages are on its output."""

import json
import os
import ssl
import sys
import threading
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt

URL = urlsplit(os.environ["HUB_URL"])
VERSION1 = [mqtt.CallbackAPIVersion.VERSION1] if hasattr(mqtt, "CallbackAPIVersion") else []
lock = threading.RLock()
asked = {}  # numbers of requests, by what their answer comes with
client = None


def say(**what):
    with lock:
        print(json.dumps(what), flush=True)


def answer(key, **what):
    with lock:
        number = asked.pop(key, None)
    if number is not None:
        say(n=number, **what)


def connected(client, userdata, flags, code, properties=None):
    if code == 0:
        answer("connect", present=bool(flags["session present"]))
    else:
        client.disconnect()
        answer("connect", error=f"refused: {code}")


def received(client, userdata, message):
    say(
        message={
            "topic": message.topic,
            "payload": message.payload.decode(),
            "qos": message.qos,
            "retain": bool(message.retain),
        }
    )


def connect(request):
    global client
    version = {4: mqtt.MQTTv311, 5: mqtt.MQTTv5}[request["protocolVersion"]]
    session = {} if version == mqtt.MQTTv5 else {"clean_session": request["clean"]}
    client = mqtt.Client(
        *VERSION1, client_id=request["clientId"], transport="websockets", protocol=version, **session
    )
    client.ws_set_options(path=URL.path)
    client.tls_set(ca_certs=os.environ["HUB_CA"], cert_reqs=ssl.CERT_REQUIRED)
    client.username_pw_set(os.environ["HUB_USER"], os.environ["HUB_PASSWORD"])
    if will := request.get("will"):
        client.will_set(will["topic"], will["payload"], will["qos"])
    client.on_connect, client.on_message = connected, received
    client.on_disconnect = lambda *_: answer("disconnect")
    client.on_subscribe = client.on_unsubscribe = lambda client, userdata, mid, *_: answer(mid)
    client.on_publish = lambda client, userdata, mid: answer(mid)
    asked["connect"] = request["n"]
    client.connect(URL.hostname, URL.port, keepalive=30)
    client.loop_start()


def disconnect(request):
    asked["disconnect"] = request["n"]
    client.disconnect()


# With the lock held, so that no answer comes before it is known to what.
def under_way(request, sent):
    asked[sent[1]] = request["n"]


DEEDS = {
    "connect": connect,
    "disconnect": disconnect,
    "subscribe": lambda request: under_way(request, client.subscribe(request["filter"], request["qos"])),
    "unsubscribe": lambda request: under_way(request, client.unsubscribe(request["filter"])),
    "publish": lambda request: under_way(
        request, client.publish(request["topic"], request["payload"], request["qos"], request["retain"])
    ),
}

for line in sys.stdin:
    asking = json.loads(line)
    try:
        with lock:
            DEEDS[asking["do"]](asking)
    except Exception as error:
        say(n=asking["n"], error=str(error))
