export { credentials as credentialsText } from './en/credentials.ts';
