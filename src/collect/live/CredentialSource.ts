import type { Connection } from './Connection.ts';

/** What a request says of who asks. Compared by identity: another object is another credential. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly clientCertificate: Connection['clientCertificate'];
}

export interface CredentialSource {
  /** Rejects with a KprError. */
  current(): Promise<Credentials>;
  /**
   * After a 401 for `refused`: other credentials, or undefined if there are none to be had. Rejects with a KprError.
   */
  refresh(refused: Credentials): Promise<Credentials | undefined>;
}

export const fixedCredentials = (credentials: Credentials): CredentialSource => ({
  current: async () => credentials,
  refresh: async () => undefined,
});

/** Where credentials come from, and the milliseconds since 1970 until which they hold. */
export type FetchCredentials = () => Promise<{ readonly credentials: Credentials; readonly expiresAt: number }>;

/**
 * What failed, or gave what the server refuses, is not asked again at once: it may ask a person to log in each time.
 */
const PAUSE_MS = 10_000;

const isSame = (a: Credentials, b: Credentials): boolean =>
  a.authorization === b.authorization &&
  a.clientCertificate?.cert === b.clientCertificate?.cert &&
  a.clientCertificate?.key === b.clientCertificate?.key;

/** Credentials that are fetched once for all that ask at the same time, and kept until they expire or are refused. */
export const cachedCredentials = (fetch: FetchCredentials, now: () => number): CredentialSource => {
  let held: Awaited<ReturnType<FetchCredentials>> | undefined;
  let underWay: Promise<Credentials> | undefined;
  let failure: { readonly error: unknown; readonly until: number } | undefined;
  let refreshedAt = Number.NEGATIVE_INFINITY;

  const renew = async (): Promise<Credentials> => {
    try {
      const fetched = await fetch();
      // The same token again is the same credential: a server that refused it will refuse it again.
      const same = held && isSame(held.credentials, fetched.credentials) ? held.credentials : fetched.credentials;
      held = { credentials: same, expiresAt: fetched.expiresAt };
      return same;
    } catch (error) {
      failure = { error, until: now() + PAUSE_MS };
      throw error;
    } finally {
      underWay = undefined;
    }
  };

  const current = async (): Promise<Credentials> => {
    if (held && now() < held.expiresAt) return held.credentials;
    if (failure && now() < failure.until) throw failure.error;
    failure = undefined;
    underWay ??= renew();
    return await underWay;
  };

  return {
    current,
    async refresh(refused) {
      if (held?.credentials === refused && underWay === undefined) {
        if (now() < refreshedAt + PAUSE_MS) return undefined;
        refreshedAt = now();
        held = { ...held, expiresAt: 0 };
      }
      const renewed = await current();
      return renewed === refused ? undefined : renewed;
    },
  };
};
