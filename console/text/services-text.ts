export { services as servicesText } from './en/services.ts';
