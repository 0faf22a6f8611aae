const count = (n: number): string => (n === 1 ? '1 session' : `${n} sessions`);

/** English, for people. */
export const people = {
  title: 'People',
  lead: 'Who may sign in here, and what they may do then.',
  loading: 'Waiting for the people',
  none: 'Nobody yet.',
  you: 'You',
  invited: 'Invited',
  active: 'Active',
  notYet: 'has not chosen a password yet',
  seen: (ago: string) => `seen ${ago}`,
  signedOut: 'not signed in',
  sessions: count,
  invite: {
    title: 'Invite somebody',
    idHint: 'What they sign in with. It stays.',
    submit: 'Make the invitation',
  },
  role: 'Role',
  edit: 'Edit',
  editTitle: (name: string) => `Edit ${name}`,
  save: 'Save',
  lowered: 'What they may do changes at once, also where they are signed in.',
  link: {
    make: 'New link',
    title: (name: string) => `Make a new link for ${name}?`,
    detail: (name: string) =>
      `Whoever has it can choose a new password for ${name}, and then is ${name}. Hand it to nobody else.`,
    yes: 'Make it',
    invited: (name: string) => `${name} is invited`,
    made: (name: string) => `A new link for ${name}`,
    label: 'One-time link',
    note: (name: string, moment: string) =>
      `Hand it to ${name}: with it they choose their password. It works once, until ${moment}, and is not shown again.`,
  },
  ofPerson: {
    open: 'Sessions',
    title: (name: string) => `Sessions of ${name}`,
    endAll: 'End all',
    close: 'Close',
  },
  remove: 'Remove',
  removeTitle: (name: string) => `Remove ${name}?`,
  removeDetail: 'They are signed out at once and can sign in no more. What they did stays in the audit.',
};
