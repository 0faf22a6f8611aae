export { account as accountText } from './en/account.ts';
