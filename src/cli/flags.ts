import type { Options } from 'yargs';
import type { ConnectionFlags } from '../collect/ConnectionFlags.ts';
import { type Args, isSet, listOf, stringOf } from './args.ts';
import { parseDuration } from './parseDuration.ts';
import { usageError } from './usageError.ts';

type Flags = Readonly<Record<string, Options>>;

const group = (name: string, flags: Flags): Flags =>
  Object.fromEntries(Object.entries(flags).map(([flag, options]) => [flag, { group: `${name}:`, ...options }]));

const text = (describe: string, more: Options = {}): Options => ({
  type: 'string',
  requiresArg: true,
  describe,
  ...more,
});
/** Empty (a variable that is not set) is an error here: another source, or no comparison, is not what was asked for. */
const given = (flag: string, describe: string): Options =>
  text(describe, {
    coerce: (value: unknown) => {
      if ([value].flat().includes('')) throw usageError(`--${flag} is empty`);
      return value;
    },
  });
const toggle = (describe: string, more: Options = {}): Options => ({ type: 'boolean', describe, ...more });

/** kubectl's own, with its names and meanings. */
export const connectionFlags: Flags = group('Cluster, as for kubectl', {
  kubeconfig: text('Path to the kubeconfig file'),
  context: text('Context of the kubeconfig to use'),
  cluster: text('Cluster of the kubeconfig to use'),
  user: text('User of the kubeconfig to use'),
  server: text('Address and port of the API server', { alias: 's' }),
  token: text('Bearer token for the API server'),
  as: text('User to impersonate'),
  'as-group': text('Group to impersonate; may be repeated'),
  'as-uid': text('UID to impersonate'),
  'certificate-authority': text('File with the certificate of the authority'),
  'client-certificate': text('File with the client certificate'),
  'client-key': text('File with the key of the client certificate'),
  'tls-server-name': text('Name that the server certificate must have'),
  'insecure-skip-tls-verify': toggle('Do not check the server certificate'),
  'request-timeout': text('Time for one request, such as 5s; 0 means no limit'),
});

export const sourceFlags: Flags = group('What is read', {
  from: given('from', 'Read a capture or a cilium sysdump (zip or folder) instead of a cluster'),
  via: text('How to reach the cluster: the built-in client, or your kubectl', {
    choices: ['client', 'kubectl'],
    default: 'client',
  }),
  node: text('Only these nodes; may be repeated or hold commas'),
  'cilium-namespace': text('Namespace of the agents (found by itself)'),
  timeout: text('Time for the whole run', { default: '60s' }),
  'node-timeout': text('Time for one node', { default: '10s' }),
  probe: toggle('Send a DNS query and open a connection from each node; --no-probe only looks', { default: true }),
});

export const resultFlags: Flags = group('What it says', {
  namespace: text('Of the findings about Services, only those of this namespace', { alias: 'n' }),
  'all-namespaces': toggle('Services of all namespaces (the default)', { alias: 'A', conflicts: 'namespace' }),
  check: text('Only these checks (ids or codes); may be repeated or hold commas'),
  skip: text('All but these checks (ids or codes); may be repeated or hold commas'),
  'fail-on': text('Exit with 1 from this severity on', {
    choices: ['error', 'warning', 'info', 'never'],
    default: 'error',
  }),
  strict: toggle('Exit with 3 when something could not be judged'),
  'allow-unknown': {
    type: 'string',
    describe: 'Checks (ids or codes, or against) that may be unknown; without a value: all',
  },
});

/** Of `verify`. */
export const againstFlag: Flags = group('What it says', {
  against: given(
    'against',
    'Compare with a capture from when kube-proxy served: every Service must reach the same backends',
  ),
});

/** Of `trace`. `--from` is the archive everywhere, so where a connection begins is its source. */
export const traceFlags: Flags = group('Which connection', {
  namespace: text('Namespace of the Service, as for kubectl', { alias: 'n' }),
  source: text('Where it begins: in a pod, on the node itself, or outside of the cluster', {
    choices: ['pod', 'node', 'external'],
    default: 'pod',
  }),
  port: text('Only this port of the Service: its number, its name, or its node port'),
});

/** What `diff` reads: as everything else, but a file is given as an argument. */
export const comparedFlags: Flags = Object.fromEntries(
  Object.entries(sourceFlags).filter(([name]) => name !== 'from' && name !== 'probe'),
);

/** Of `diff`. */
export const diffFlags: Flags = group('What is compared', {
  live: toggle('Compare the capture with the cluster as it is now (the default without a second capture)'),
  unified: text('Print the rules as a unified diff with so many lines around each change', { alias: 'U' }),
  namespace: text('Of the Services, only those of this namespace', { alias: 'n' }),
  'all-namespaces': toggle('Services of all namespaces (the default)', { alias: 'A', conflicts: 'namespace' }),
  'allow-mismatch': toggle('Compare captures of two clusters, or in the wrong order, all the same'),
});

/** Of `capture`. */
export const captureFlags: Flags = group('The file', {
  output: text('File to write; one that is there stays as it is', { alias: 'o' }),
  overwrite: toggle('Replace the file if it is there'),
  'max-size': text('Leave nodes out rather than write more than this (exit code 3)', { default: '1G' }),
  redact: toggle('Pseudonyms for names, other public addresses, no annotations: checks and diff find the same in it'),
  'redact-key': given(
    'redact-key',
    'File with a key: the same key gives the same pseudonyms (or $KPR_REDACT_KEY; default: of the cluster)',
  ),
});

export const formatFlag: Flags = group('What it says', {
  output: text('Format', { alias: 'o', choices: ['table', 'json'], default: 'table' }),
});

/** Of `cleanup`. */
export const cleanupFlags: Flags = group('What is done', {
  output: text('Folder to write the scripts to, one file for each node', { alias: 'o' }),
  overwrite: toggle('With -o: replace files that are there'),
  apply: toggle('Run the script of --node in the pod of its agent; needs --yes'),
  yes: toggle('With --apply: yes, change the node'),
});

/** For every command. */
export const generalFlags: Flags = group('General', {
  color: text('Colours', { choices: ['auto', 'always', 'never'], default: 'auto' }),
  quiet: toggle('Findings and the last line only, no progress', { alias: 'q' }),
  verbose: toggle('Every check, all nodes, all evidence', { alias: 'v' }),
  debug: toggle('Show where errors come from'),
});

/** The connection flags as src/collect takes them. Throws KprError for a duration that is none. */
export function connectionOf(args: Args): ConnectionFlags {
  const timeout = stringOf(args, 'request-timeout');
  return {
    kubeconfig: stringOf(args, 'kubeconfig'),
    context: stringOf(args, 'context'),
    cluster: stringOf(args, 'cluster'),
    user: stringOf(args, 'user'),
    server: stringOf(args, 'server'),
    token: stringOf(args, 'token'),
    as: stringOf(args, 'as'),
    asGroups: groupsOf(args),
    asUid: stringOf(args, 'as-uid'),
    certificateAuthority: stringOf(args, 'certificate-authority'),
    clientCertificate: stringOf(args, 'client-certificate'),
    clientKey: stringOf(args, 'client-key'),
    tlsServerName: stringOf(args, 'tls-server-name'),
    insecureSkipTlsVerify: isSet(args, 'insecure-skip-tls-verify'),
    requestTimeoutMs: timeout === undefined ? undefined : parseDuration(timeout, 'request-timeout'),
  };
}

/** Names of groups may hold commas, so here only repeating makes several. */
const groupsOf = (args: Args): string[] =>
  [args['as-group']].flat().filter((value): value is string => typeof value === 'string' && value !== '');

export const nodesOf = (args: Args): ReadonlySet<string> | undefined => {
  const names = listOf(args, 'node');
  return names.length === 0 ? undefined : new Set(names);
};
