export { access as accessText } from './en/access.ts';
