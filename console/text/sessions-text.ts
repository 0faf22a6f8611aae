export { sessions as sessionsText } from './en/sessions.ts';
