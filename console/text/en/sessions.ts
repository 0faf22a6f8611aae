/** English, for the sessions of a person. */
export const sessions = {
  loading: 'Waiting for the sessions',
  none: 'No session goes on.',
  on: (browser: string, system: string) => `${browser} on ${system}`,
  unknownAgent: 'A program that does not say what it is',
  from: (address: string) => `from ${address}`,
  since: (moment: string) => `since ${moment}`,
  renewed: (ago: string) => `last renewed ${ago}`,
  current: 'This one',
  end: 'End',
};
