export { networkOf } from '../config/network.ts';
