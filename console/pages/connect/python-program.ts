import { keyFile, SECRET_PLACE, type Target } from './target.ts';

const importsFor = ({ proof }: Target): string =>
  proof.kind === 'secret'
    ? `# pip install paho-mqtt cbor2
import secrets, cbor2, paho.mqtt.client as mqtt`
    : `# pip install paho-mqtt cbor2 "pyjwt[crypto]"
import secrets, time, cbor2, jwt, paho.mqtt.client as mqtt`;

const proofFor = ({ proof, device }: Target): string =>
  proof.kind === 'secret'
    ? `client.username_pw_set(f"{TENANT}/{DEVICE}", "${proof.secret ?? SECRET_PLACE}")`
    : `
def sign_in(*_):  # a token for each link, signed with the device's own key
    now = int(time.time())
    claims = {"sub": f"{TENANT}/{DEVICE}", "aud": "switchyard", "iat": now, "exp": now + 43_200}
    key = open("${keyFile(device)}").read()
    client.username_pw_set(f"{TENANT}/{DEVICE}", jwt.encode(claims, key, algorithm="${proof.algorithm}"))

sign_in()
client.on_disconnect = sign_in`;

const trustFor = ({ hub }: Target): string =>
  hub.secure ? 'client.tls_set("ca.pem")  # the authority of this hub\n' : '';

export const pythonProgram = (target: Target): string => `${importsFor(target)}

TENANT, DEVICE = "${target.tenant}", "${target.device}"
TOPIC, BOOT = f"iot/1/{TENANT}/{DEVICE}", secrets.randbits(32)
seq, on, ver = 0, False, secrets.randbits(32)

def up(channel, message, retain=False):
    client.publish(f"{TOPIC}/up/{channel}", cbor2.dumps(message, canonical=True), 1, retain)

def report(channel, more={}, retain=False):  # boot, seq, t, vals, ver
    global seq
    seq += 1
    up(channel, {1: BOOT, 2: seq, 3: 0, 4: {1: on}, 5: ver, **more}, retain)

def on_connect(client, _, __, code):
    print(mqtt.connack_string(code), flush=True)
    if code: return  # it tries again by itself
    client.subscribe(f"{TOPIC}/dn/#", 1)
    up("status", {1: BOOT, 10: 1, 20: 1}, True)  # online
    power = {30: 1, 31: "power", 32: 0, 33: 1, 34: "Power"}  # a switch that can be written
    up("desc", {22: [1, 0], 23: "Lamp", 24: "1.0", 25: [power]}, True)
    report("state", retain=True)

def on_message(client, _, message):
    global on, ver
    if not message.topic.endswith("/dn/cmd"): return
    command = cbor2.loads(message.payload)
    on, ver = command.get(4, {}).get(1, on), (ver + 1) % 2**32
    print("lamp is", "on" if on else "off")
    report("ack", {6: command[6], 10: 3})  # done
    report("state", retain=True)

client = mqtt.Client(client_id=DEVICE, transport="websockets", protocol=mqtt.MQTTv311)
client.on_connect, client.on_message = on_connect, on_message
${proofFor(target)}
client.ws_set_options("/mqtt")
${trustFor(target)}client.connect("${target.hub.host}", ${target.hub.port})
client.loop_forever()
`;
