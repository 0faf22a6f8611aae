export { actions as actionsText } from './en/actions.ts';
