import type { KeyProblem } from '../../pages/connect/public-key.ts';

const keyProblem: Record<KeyProblem, string> = {
  private: 'This is the private key. It must never leave the device: paste the public one.',
  certificate: 'This is a certificate. Paste the public key that is in it.',
  noPem:
    'A public key as PEM begins with “-----BEGIN PUBLIC KEY-----” and ends with “-----END PUBLIC KEY-----”.',
};

/** English, for how devices are registered and connected. */
export const connect = {
  firstTitle: 'No devices yet',
  firstLead:
    'A device needs an entry here and a secret of its own. Then it connects by a program of a few lines.',
  firstOthers: 'A device needs an entry here, which an administrator makes, and a secret of its own.',
  terminalTitle: 'Or from a terminal',
  terminalLead: 'Where the hub runs, this creates a device, and prints its secret once:',
  createCommand: 'npm run hub -- device create kitchen-lamp',
  secretOnce: 'Then connect with it:',
  deviceTitle: 'Connect this device',
  deviceLead: 'It exists, but has never connected. With the secret that was shown when it was created:',
  hint: 'Either program is a whole device: a lamp that can be switched. It appears here as soon as it connects.',
  language: 'Language',
  authority: {
    download: 'Download ca.pem',
    why: 'It is this hub’s own authority, and goes beside the program. With a certificate of a public one, leave it out.',
  },
  keyBeside: (file: string) => `Its private key is taken to be in ${file}, beside the program.`,
  add: {
    title: 'Add a device',
    submit: 'Add',
    idHint: 'It stands in topics, and stays.',
    place: 'Place',
    tags: 'Tags, with commas between them',
    proof: 'It connects with',
    bySecret: 'a secret that the hub makes',
    byKey: 'a key of its own',
  },
  key: {
    label: 'Its public key, as PEM',
    hint: 'Ed25519 or P-256. To make a pair where the device runs:',
    problem: keyProblem,
  },
  added: {
    title: (name: string) => `${name} may connect`,
    secret: 'Secret',
    program: 'With it in place, this program is the device:',
    byKey: 'It signs its tokens with its own key. This program is the device:',
  },
};
