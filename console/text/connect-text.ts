export { connect as connectText } from './en/connect.ts';
