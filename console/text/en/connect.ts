/** English, for how devices are connected. */
export const connect = {
  firstTitle: 'No devices yet',
  firstLead: 'A device needs an entry here and a secret of its own. Create one where the hub runs:',
  createCommand: 'npm run hub -- device create kitchen-lamp',
  secretOnce: 'This prints its secret once. Then connect with it:',
  deviceTitle: 'Connect this device',
  deviceLead: 'It exists, but has never connected. With the secret that was printed when it was created:',
  hint: 'Either program is a whole device: a lamp that can be switched. It appears here as soon as it connects.',
  language: 'Language',
};
