export {
  type Browser,
  createIdentity,
  type Identity,
  type IdentitySettings,
  type Outcome,
  type SignedIn,
} from './create-identity.ts';
export { hashPassword, newPassword } from './password.ts';
export { type OriginCheck, sameOrigin } from './same-origin.ts';
