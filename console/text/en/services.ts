import type { Role } from '#broker/contract/session.ts';
import type { Preset } from '../../pages/services/presets.ts';

const presets: Record<Preset, { readonly name: string; readonly does: string }> = {
  nodeRed: {
    name: 'Node-RED',
    does: 'Hears all devices, operates them, and has topics of its own below node-red/.',
  },
  homeAssistant: {
    name: 'Home Assistant',
    does: 'Hears all devices, operates them, and has the topics below homeassistant/.',
  },
  dashboard: {
    name: 'Read-only dashboard',
    does: 'Hears all devices and the feeds, and reads the API. It changes nothing.',
  },
  script: {
    name: 'Script over HTTP',
    does: 'Reads the API, and operates devices through it. No MQTT.',
  },
};

const roles: Record<Role | 'none', string> = {
  none: 'Not at all',
  viewer: 'Viewer: reads',
  operator: 'Operator: reads and operates',
  admin: 'Administrator: everything',
};

/** English, for services. */
export const services = {
  presets,
  roles,
  title: 'Services',
  lead: 'Programs that work with the hub: Node-RED, Home Assistant, a script. Each has a token of its own, which is its password for MQTT and its bearer token for HTTP.',
  none: 'None yet.',
  loading: 'Waiting for the services',
  create: 'New service',
  submit: 'Create',
  edit: 'Edit',
  editTitle: (name: string) => `Edit ${name}`,
  save: 'Save',
  editEnds: 'Its links end when anything but its name is changed, and may come back at once.',
  renew: 'New token',
  renewTitle: (name: string) => `Make a new token for “${name}”?`,
  renewDetail: 'Links with the old one end within a second, and it opens nothing any more.',
  disable: 'Disable',
  enable: 'Enable',
  remove: 'Delete',
  removeTitle: (name: string) => `Delete “${name}”?`,
  removeDetail: 'Its links end within a second, and what waits for them is dropped.',
  never: 'Never expires',
  expires: (moment: string) => `Expires ${moment}`,
  expired: (moment: string) => `Expired ${moment}`,
  disabled: 'Disabled',
  tokenOf: (moment: string) => `Token of ${moment}`,
  publish: 'Publishes',
  subscribe: 'Subscribes',
  http: 'HTTP',
  nothing: 'nothing',
  form: {
    presets: 'Begin with',
    idHint: 'Its user name is @ and this. It stays.',
    publish: 'May publish to, one filter a line',
    publishHint: (commands: string) =>
      `Commands go to ${commands}; topics outside iot/ are free. Where devices and the hub speak, not even “#” allows it to.`,
    subscribe: 'May subscribe to, one filter a line',
    subscribeHint: (devices: string, feeds: string) =>
      `Devices speak below ${devices}, the hub below ${feeds}. What the hub tells devices is for them alone.`,
    wrong: (line: number, message: string) => `Filter ${line} ${message}.`,
    vain: (filter: string) => `“${filter}” allows nothing: only devices and the hub are there.`,
    role: 'May use the HTTP API',
  },
  made: {
    created: (name: string) => `${name} may connect`,
    renewed: (name: string) => `A new token for ${name}`,
    token: 'Token',
    address: 'MQTT over WebSocket',
    user: 'User name',
    password: 'Password',
    theToken: 'the token',
    client: 'Client id',
    any: 'any; one that stays the same, to keep a session',
    listen: 'Listen, in a shell',
    ask: 'Ask the API, in a shell',
  },
};
