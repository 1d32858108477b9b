import type { IncomingMessage } from 'node:http';
import type { TokenKind } from './options.ts';

/** Tokens that hold for so many requests each. */
export class Tokens {
  readonly #requests: number;
  readonly #used = new Map<string, number>();

  /** @param requests 0: for good */
  constructor(requests: number) {
    this.#requests = requests;
  }

  holds({ headers: { authorization = '' } }: IncomingMessage): boolean {
    const used = (this.#used.get(authorization) ?? 0) + 1;
    this.#used.set(authorization, used);
    return this.#requests === 0 || used <= this.#requests;
  }
}

/** A user of a kubeconfig: with a token, or with a plugin that prints another one each time. */
export const userWith = (token: TokenKind): object =>
  token === 'fixed'
    ? { token: 'simulated' }
    : {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          interactiveMode: 'Never',
          command: process.execPath,
          args: ['-e', plugin],
        },
      };

const plugin = `console.log(JSON.stringify({
  apiVersion: 'client.authentication.k8s.io/v1',
  kind: 'ExecCredential',
  status: { token: 'simulated-' + process.hrtime.bigint() },
}))`;
