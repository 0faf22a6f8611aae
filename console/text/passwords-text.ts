export { passwords as passwordsText } from './en/passwords.ts';
