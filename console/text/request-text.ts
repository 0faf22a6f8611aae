export { requestFailure } from './en/requests.ts';
