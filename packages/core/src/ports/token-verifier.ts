/** Whom a token of the company's sign-in speaks of. */
export interface VerifiedToken {
  readonly issuer: string;
  readonly subject: string;
  /** The name of the team that it names, if it names one. */
  readonly team: string | null;
  readonly expiresInMs: number;
}

export interface TokenVerifier {
  /** Null for a token that is not good. Throws where its issuer cannot be asked. */
  verify(token: string): Promise<VerifiedToken | null>;
}
