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

/** Credentials that never change. */
export class FixedCredentials implements CredentialSource {
  readonly #credentials: Credentials;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  async current(): Promise<Credentials> {
    return this.#credentials;
  }

  async refresh(): Promise<undefined> {
    return undefined;
  }
}

/** Credentials, and the milliseconds since 1970 until which they hold. */
export interface FetchedCredentials {
  readonly credentials: Credentials;
  readonly expiresAt: number;
}

/**
 * What failed, or gave what the server refuses, is not asked again at once: it may ask a person to log in each time.
 */
const pauseMs = 10_000;

/** Credentials that are fetched once for all that ask at the same time, and kept until they expire or are refused. */
export class CachedCredentials implements CredentialSource {
  readonly #fetch: () => Promise<FetchedCredentials>;
  readonly #now: () => number;
  #held: FetchedCredentials | undefined;
  #underWay: Promise<Credentials> | undefined;
  #failure: { readonly error: unknown; readonly until: number } | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  /** `fetch` rejects with a KprError, and so does what this gives; `now` in milliseconds since 1970. */
  constructor(fetch: () => Promise<FetchedCredentials>, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  async current(): Promise<Credentials> {
    if (this.#held && this.#now() < this.#held.expiresAt) return this.#held.credentials;
    if (this.#failure && this.#now() < this.#failure.until) throw this.#failure.error;
    this.#failure = undefined;
    this.#underWay ??= this.#renew();
    return this.#underWay;
  }

  async refresh(refused: Credentials): Promise<Credentials | undefined> {
    if (this.#held?.credentials === refused && this.#underWay === undefined) {
      if (this.#now() < this.#refreshedAt + pauseMs) return undefined;
      this.#refreshedAt = this.#now();
      this.#held = { ...this.#held, expiresAt: 0 };
    }
    const renewed = await this.current();
    return renewed === refused ? undefined : renewed;
  }

  async #renew(): Promise<Credentials> {
    try {
      const fetched = await this.#fetch();
      // The same token again is the same credential: a server that refused it will refuse it again.
      const credentials =
        this.#held && isSame(this.#held.credentials, fetched.credentials)
          ? this.#held.credentials
          : fetched.credentials;
      this.#held = { credentials, expiresAt: fetched.expiresAt };
      return credentials;
    } catch (error) {
      this.#failure = { error, until: this.#now() + pauseMs };
      throw error;
    } finally {
      this.#underWay = undefined;
    }
  }
}

function isSame(a: Credentials, b: Credentials): boolean {
  return (
    a.authorization === b.authorization &&
    a.clientCertificate?.cert === b.clientCertificate?.cert &&
    a.clientCertificate?.key === b.clientCertificate?.key
  );
}
