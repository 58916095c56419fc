export { createKeyAuthenticator, type KeyAuthenticator } from './authenticate-key.ts';
export { createKey } from './create-key.ts';
