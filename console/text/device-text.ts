export { device as deviceText } from './en/device.ts';
