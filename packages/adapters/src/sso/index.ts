export { createTokenVerifier, type TokenIssuer } from './token-verifier.ts';
