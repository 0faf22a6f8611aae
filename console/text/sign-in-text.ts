export { signIn as signInText } from './en/sign-in.ts';
