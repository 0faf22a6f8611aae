/** English, for one's own account. */
export const account = {
  title: 'Account',
  who: 'Who you are',
  name: 'Name',
  id: 'Signs in as',
  role: 'Role',
  password: {
    title: 'Password',
    lead: 'Changing it ends all other sessions.',
    current: 'Current password',
    submit: 'Change password',
    busy: 'Changing',
    wrong: 'The current password is not right.',
    changed: 'The password is changed, and all other sessions have ended.',
  },
  sessions: {
    title: 'Sessions',
    lead: 'Where you are signed in. An ended session is out within a second.',
    endOthers: 'End all others',
    endTitle: 'End this session?',
    endDetail: 'Whoever uses it has to sign in again.',
    endOwn: 'It is the one that you use just now: you are signed out.',
    endOthersTitle: 'End all other sessions?',
    yes: 'End',
  },
};
