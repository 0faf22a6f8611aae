export { fields as fieldsText } from './en/fields.ts';
