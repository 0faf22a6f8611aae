const HOURS_OF_DAY = 24;
const DAYS_OF_YEAR = 365;

function after(hours: number): string {
  if (hours < HOURS_OF_DAY) return hours === 1 ? 'After an hour' : `After ${hours} hours`;
  const days = hours / HOURS_OF_DAY;
  if (days === DAYS_OF_YEAR) return 'After a year';
  return days === 1 ? 'After a day' : `After ${days} days`;
}

/** English, for fields that several forms have. */
export const fields = {
  name: 'Name',
  id: 'Id',
  expiry: {
    label: 'Expires',
    never: 'Never',
    after,
    onDate: 'On a date',
    date: 'Last day',
  },
};
