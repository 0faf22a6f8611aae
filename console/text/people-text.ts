export { people as peopleText } from './en/people.ts';
