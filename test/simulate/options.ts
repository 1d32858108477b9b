import { parseArgs } from 'node:util';
import { type ClusterSize, namesKinds } from './ClusterShape.ts';

/**
 * How pods fare that somebody makes. `silent`: they run, and commands in them never end; `forgetful`: of the first
 * connections they say nothing; `early`: the first three of all are lost; `lossy`: so is every one; `ending`: the
 * same, and they are about to be deleted.
 */
const podFates = ['run', 'noCreate', 'noDelete', 'silent', 'forgetful', 'early', 'lossy', 'ending'] as const;
export type PodFate = (typeof podFates)[number];

const tokenKinds = ['fixed', 'plugin'] as const;
export type TokenKind = (typeof tokenKinds)[number];

export interface SimulatorOptions extends Required<ClusterSize> {
  /** Milliseconds that pass before anything is answered. */
  readonly latencyMs: number;
  /** Bytes per second of one connection's answers; 0: as many as go through. */
  readonly bandwidth: number;
  /** Of all requests that list or get, the part that is answered with 500. */
  readonly errors: number;
  /** More execs than that at a time are answered with 429; 0: there is no such number. */
  readonly maxExecs: number;
  /** How often a continue token is answered with 410, of each list. */
  readonly expiries: number;
  /** The last word of a list's path that never comes to an end. */
  readonly endless: string;
  /** How pods fare that are made. */
  readonly pods: PodFate;
  /** Parts of the nodes, 0.05 for 5 %, or how many of them, from 1 on. */
  readonly hung: number;
  readonly refusing: number;
  readonly corrupt: number;
  readonly differing: number;
  /** These answer after three seconds. */
  readonly slow: number;
  /** These say digests with the nonce of an exec before. */
  readonly replaying: number;
  /** The digests of these lack a digit. */
  readonly misdigesting: number;
  /** Of so many nodes, or this part of them, kube-proxy's rules are left. */
  readonly proxyRules: number;
  /** The agents of these have the version before. */
  readonly older: number;
  /** These leave the cluster while a run reads, these join it, and of these the agent's pod is replaced. */
  readonly leaving: number;
  /** As those that leave, and their maps differ before. */
  readonly leavingWrong: number;
  readonly joining: number;
  readonly replaced: number;
  /** As these are, but while their agents speak. */
  readonly killed: number;
  /** After how many execs that happens; 0: as soon as agents' pods have been listed. */
  readonly changesAfter: number;
  /** For how many requests a token holds; 0: for good. */
  readonly tokenRequests: number;
  /** Whether a token is fixed, or a plugin gives another each time. */
  readonly token: TokenKind;
}

export const healthyOptions: SimulatorOptions = {
  nodes: 10,
  services: 100,
  backends: 3,
  podsPerNode: 30,
  names: 'plain',
  latencyMs: 0,
  bandwidth: 0,
  errors: 0,
  maxExecs: 0,
  expiries: 0,
  endless: '',
  pods: 'run',
  hung: 0,
  refusing: 0,
  corrupt: 0,
  differing: 0,
  slow: 0,
  replaying: 0,
  misdigesting: 0,
  proxyRules: 0,
  older: 0,
  leaving: 0,
  leavingWrong: 0,
  joining: 0,
  replaced: 0,
  killed: 0,
  changesAfter: 0,
  tokenRequests: 0,
  token: 'fixed',
};

/** `--pods-per-node 30 --latency-ms 50`: each option by its name. Throws TypeError for what is not one. */
export function readOptionWords(argv: readonly string[]): SimulatorOptions {
  const names = Object.keys(healthyOptions) as (keyof SimulatorOptions)[];
  const options = Object.fromEntries(names.map((name) => [flagOf(name), { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...argv], options });
  const given = names.flatMap((name): [string, string | number][] => {
    const text = values[flagOf(name)];
    if (typeof text !== 'string') return [];
    if (name === 'endless') return [[name, text]];
    if (name === 'pods') return [[name, podFates.find((one) => one === text) ?? healthyOptions.pods]];
    if (name === 'names') return [[name, namesKinds.find((one) => one === text) ?? healthyOptions.names]];
    if (name === 'token') return [[name, tokenKinds.find((one) => one === text) ?? healthyOptions.token]];
    const number = Number(text);
    if (!Number.isFinite(number) || number < 0) throw new TypeError(`--${flagOf(name)} ${text} is not a number`);
    return [[name, number]];
  });
  return { ...healthyOptions, ...Object.fromEntries(given) };
}

const flagOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
