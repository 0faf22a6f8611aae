export { once as onceText } from './en/once.ts';
