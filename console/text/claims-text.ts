export { claims as claimsText } from './en/claims.ts';
