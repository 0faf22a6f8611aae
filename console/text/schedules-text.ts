export { schedules as schedulesText } from './en/schedules.ts';
