import {
  choice,
  commaSeparated,
  duration,
  filledText,
  type Flag,
  type Flags,
  group,
  list,
  mapped,
  only,
  parsedText,
  repeated,
  size,
  text,
  toggle,
} from './Flag.ts';
import { usageError } from '../core/KprError.ts';
import type { Suppression } from '../core/suppress.ts';
import { parseSuppressionLine } from '../core/suppressionLine.ts';
import { type Change, changes } from '../model/Intent.ts';
import { reportFormats } from '../report/formats.ts';
import { traceSources } from '../expect/trace/traceWay.ts';
import { parseDuration } from './parseDuration.ts';
import { parseJobName, parseNamespace, parseObjectName } from './parseName.ts';
import { parseNumber } from './parseNumber.ts';
import { parseTraceOrigin, type TraceOrigin } from './parseTraceOrigin.ts';

/** Under it stand the flags that the help of a command leaves out: there are as many as all others together. */
export const connectionHeading = 'Cluster, as for kubectl:';

/** kubectl's own, with its names and meanings. */
export const connectionFlags = group('Cluster, as for kubectl', {
  kubeconfig: text('Path to the kubeconfig file', { value: 'FILE' }),
  context: text('Context of the kubeconfig to use', { value: 'NAME' }),
  cluster: text('Cluster of the kubeconfig to use', { value: 'NAME' }),
  user: text('User of the kubeconfig to use', { value: 'NAME' }),
  server: text('Address and port of the API server', { value: 'URL', alias: 's' }),
  token: text('Bearer token for the API server', { value: 'TOKEN' }),
  as: text('User to impersonate', { value: 'NAME' }),
  'as-group': repeated('Group to impersonate; may be repeated', 'NAME'),
  'as-uid': text('UID to impersonate', { value: 'UID' }),
  'certificate-authority': text('File with the certificate of the authority', { value: 'FILE' }),
  'client-certificate': text('File with the client certificate', { value: 'FILE' }),
  'client-key': text('File with the key of the client certificate', { value: 'FILE' }),
  'tls-server-name': text('Name that the server certificate must have', { value: 'NAME' }),
  'insecure-skip-tls-verify': toggle('Do not check the server certificate'),
  'request-timeout': parsedText('Time for one request, such as 5s; 0 means no limit', parseDuration, { value: 'TIME' }),
} satisfies Flags);

export const sourceFlags = group('What is read', {
  from: filledText(
    'Read a capture, a cilium sysdump (zip or folder) or what one cilium-bugtool collected; - is standard input',
    { value: 'FILE' },
  ),
  via: choice('How to reach the cluster: the built-in client, or your kubectl', ['client', 'kubectl']),
  node: list('Read only these nodes (names, separated by commas); may be repeated', 'NAME'),
  'cilium-namespace': parsedText('Namespace of Cilium; by default it is found automatically', parseNamespace, {
    value: 'NAMESPACE',
  }),
  timeout: parsedText(
    'Time for the whole run (60s, or 30s plus 150ms for each node if that is longer; for capture plus 500ms; none for files)',
    parseDuration,
    {
      value: 'TIME',
    },
  ),
  concurrency: parsedText('Nodes to read at the same time (starts with 32, then adapts)', parseNumber, { value: 'N' }),
  'node-timeout': duration('Time for one node', '10s'),
  probe: toggle('Send DNS queries and open test connections from each node; --no-probe only reads', { default: true }),
} satisfies Flags);

/** Of `doctor`: nodes drawn by lot. */
export const sampleFlags = group('What is read', {
  sample: parsedText(
    'Read only so many nodes, chosen at random from every zone and version; the others stay unknown',
    parseNumber,
    {
      value: 'N',
    },
  ),
  seed: parsedText('With --sample: choose the same nodes as the run that printed this number', parseSeed, {
    value: 'NUMBER',
  }),
} satisfies Flags);

function parseSeed(typed: string, name: string): number {
  if (!/^\d{1,9}$/.test(typed))
    throw usageError(`--${name} ${typed} is not a number from 0 to 999999999`, `A run with --sample prints its own`);
  return Number(typed);
}

/** What `diff` reads: as everything else, but a file is given as an argument. */
export const comparedFlags = only(
  sourceFlags,
  'via',
  'node',
  'cilium-namespace',
  'timeout',
  'concurrency',
  'node-timeout',
);

/** What `--skip` leaves out: checks that do not run, and findings that do not count until a day. */
export interface Skipped {
  readonly names: readonly string[];
  readonly suppressions: readonly Suppression[];
}

/** Commas are for names; a reason may hold them. */
const skipFlag: Flag<Skipped> = {
  ...repeated(
    'Leave out these checks (ids or codes, separated by commas), or suppress "CODE until YYYY-MM-DD: REASON"; may be repeated',
    'NAME',
  ),
  read: (typed, name) => {
    const texts = repeated('', '').read(typed, name);
    return {
      names: commaSeparated(texts.filter((one) => !isDated(one))),
      suppressions: texts.filter(isDated).map((one) => suppressionTyped(one, name)),
    };
  },
};

const isDated = (one: string): boolean => /\suntil\s/.test(one);

function suppressionTyped(line: string, name: string): Suppression {
  const parsed = parseSuppressionLine(line);
  if (parsed !== undefined) return { ...parsed, object: undefined, node: undefined, by: `--${name}`, of: 'user' };
  throw usageError(
    `--${name} ${JSON.stringify(line)} is not understood`,
    `For example: --${name} "KPR5011 until 2027-03-01: no pods at night"`,
  );
}

export const resultFlags = group('Output', {
  namespace: text('Show findings about Services of this namespace only', { value: 'NAMESPACE', alias: 'n' }),
  'all-namespaces': toggle('Show Services of all namespaces (the default)', { alias: 'A' }),
  check: list('Run only these checks (ids or codes, separated by commas); may be repeated', 'NAME'),
  skip: skipFlag,
  'fail-on': choice('Exit with 1 for findings of this severity or worse', ['error', 'warning', 'info', 'never']),
  strict: toggle('Exit with 3 if anything could not be checked'),
  'allow-unknown': names('Checks (ids or codes, or against) that may stay unknown; without a value, all of them'),
} satisfies Flags);

/** What is known already, and what nobody wants to hear of for a while. */
export const acceptFlags = group('Known findings', {
  suppressions: filledText('File that lists findings to suppress, each with a reason and a last day', {
    value: 'FILE',
  }),
  baseline: filledText('Mark what is new since an earlier run: a file of --save-baseline or of -o json', {
    value: 'FILE',
  }),
  'fail-on-new': toggle('With --baseline: exit with 1 for new findings only'),
  'save-baseline': filledText('Write the findings to a file, for a later --baseline', { value: 'FILE' }),
} satisfies Flags);

/** Without a value it stands for all; not given, for none. */
function names(describe: string): Flag<'all' | readonly string[]> {
  return {
    value: 'NAME',
    yargs: { type: 'string', describe },
    read: (typed) => {
      const given = commaSeparated(typed);
      return given.length === 0 && typed !== undefined ? 'all' : given;
    },
  };
}

/** Of what may be right in a moment. */
export const waitFlag = group('What is read', {
  wait: toggle('Read again for up to 12 s while tables may still be changing; --no-wait reads once', {
    default: true,
  }),
} satisfies Flags);

/** Of `verify`: the same, and for how many milliseconds the gate is waited for; undefined: it is not. */
export const gateWaitFlag = group('What is read', {
  wait: {
    value: '2m',
    yargs: {
      type: 'string',
      describe:
        'Repeat until the gate passes, for 2m or the given time; --no-wait reads once, even while tables are still changing',
    },
    read: (typed, name): { readonly settle: boolean; readonly gateMs: number | undefined } => {
      const last: unknown = [typed].flat().at(-1);
      if (last === undefined || last === false) return { settle: last !== false, gateMs: undefined };
      const text = typeof last === 'string' && last !== '' ? last : '2m';
      return { settle: true, gateMs: parseDuration(text, name) };
    },
  },
} satisfies Flags);

/** Of `doctor`: milliseconds between two looks; undefined: one look. */
export const watchFlag = group('What is read', {
  watch: {
    value: '30s',
    yargs: {
      type: 'string',
      describe:
        'Repeat every 30s, or the given time, and keep the report up to date; in a pipe, print one line for each change',
    },
    read: (typed, name): number | undefined => {
      const last: unknown = [typed].flat().at(-1);
      if (last === undefined || last === false) return undefined;
      const everyMs = parseDuration(typeof last === 'string' && last !== '' ? last : '30s', name);
      if (everyMs < leastPauseMs)
        throw usageError(
          `--${name} looks again after 5 s at the earliest`,
          'Every look costs the API server and each node some time',
        );
      return everyMs;
    },
  },
} satisfies Flags);

const leastPauseMs = 5000;

/** The one flag beside `cleanup --apply` by which anything is made on a cluster. */
const probePodFlag = {
  'probe-pod': toggle(
    'With --connect: create a short-lived pod on each node, connect from it and remove it; needs the right to create and delete pods',
  ),
} satisfies Flags;

/** Of commands that may try what the tables promise. */
export const connectFlags = group('Real connections', {
  connect: toggle(
    'Open a connection to every Service from every node and close it at once (DNS gets a query); prints how many before it starts',
  ),
  source: list('With --connect, where to connect from: node (the default), here, or pod:NAMESPACE/NAME', 'FROM'),
  ...probePodFlag,
} satisfies Flags);

/** Of `verify`. */
export const againstFlag = group('Output', {
  against: filledText(
    'Compare with a capture that was taken under kube-proxy: every Service must reach the same backends',
    { value: 'FILE' },
  ),
} satisfies Flags);

const traceSourceFlag: Flag<TraceOrigin> = {
  value: 'FROM',
  words: traceSources,
  yargs: {
    type: 'string',
    requiresArg: true,
    describe:
      'Where connections start: pod, node (the node itself), external (outside the cluster), or, with --connect, pod:NAMESPACE/NAME',
    default: traceSources[0],
  },
  read: (typed, name) => parseTraceOrigin([typed].flat().at(-1), name),
};

/** Of `trace`. `--from` is the archive everywhere, so where a connection begins is its source. */
export const traceFlags = group('Which connection', {
  namespace: text('Namespace of the Service, as for kubectl', { value: 'NAMESPACE', alias: 'n' }),
  source: traceSourceFlag,
  connect: toggle(
    'Open connections to it, too, and close them at once: from the nodes, from here (--source external), or from a pod (--source pod:NAMESPACE/NAME)',
  ),
  ...probePodFlag,
  port: text('Only this port of the Service: its number, its name, or its node port', { value: 'PORT' }),
} satisfies Flags);

/** Of `diff`. */
export const diffFlags = group('What is compared', {
  live: toggle('Compare the capture with the cluster as it is now (the default without a second capture)'),
  unified: parsedText('Print the rules as a unified diff with this many lines around each change', parseLines, {
    value: 'LINES',
    alias: 'U',
  }),
  namespace: text('Show only Services of this namespace', { value: 'NAMESPACE', alias: 'n' }),
  'all-namespaces': toggle('Show Services of all namespaces (the default)', { alias: 'A' }),
  'allow-mismatch': toggle('Compare even if the captures are of two clusters or in the wrong order'),
} satisfies Flags);

function parseLines(typed: string, name: string): number {
  if (!/^\d{1,9}$/.test(typed)) throw usageError(`--${name} ${typed} is no number of lines`, 'For example: -U 3');
  return Number(typed);
}

/** Of commands whose -o is a place. What is a format everywhere else was meant as one, and would become a name here. */
function placeFlag(describe: string, value: 'FILE' | 'FOLDER'): Flag<string | undefined> {
  const place = value.toLowerCase();
  return parsedText(
    describe,
    (typed) => {
      if (Object.hasOwn(reportFormats, typed.toLowerCase()))
        throw usageError(
          `-o is the ${place} to write to here, not a format`,
          `For a ${place} of that name: -o ./${typed}`,
        );
      if (typed === '-' && value === 'FOLDER')
        throw usageError('-o - is no folder', 'With --node NAME > FILE the script of one node is written to a file');
      return typed;
    },
    { value, alias: 'o' },
  );
}

/** Of `capture`. */
export const captureFlags = group('The file', {
  output: placeFlag('File to write, or - for standard output; an existing file is not replaced', 'FILE'),
  overwrite: toggle('Replace an existing file'),
  'max-size': size('Largest size of the file; nodes that do not fit are left out (exit code 3)', '1G'),
  redact: toggle(
    'Replace names and public addresses with pseudonyms and drop annotations; checks and diff find the same',
  ),
  'redact-key': filledText(
    'File with a key: the same key gives the same pseudonyms (or $KPR_REDACT_KEY; default: of the cluster)',
    { value: 'FILE' },
  ),
} satisfies Flags);

/** Of `completion`. */
export const completionFlags = group('Where', {
  dir: filledText('With install: the folder to write to; by default that of kubectl-kpr', { value: 'FOLDER' }),
} satisfies Flags);

/** Of `cleanup`. */
export const cleanupFlags = group('What is done', {
  output: placeFlag('Folder to write the scripts to, one file for each node', 'FOLDER'),
  overwrite: toggle('With -o: replace files that are there'),
  'trust-archive': toggle('With --from: make scripts from an archive, which holds whatever its author put there'),
  apply: toggle('Run the script of --node in the pod of its agent; needs --yes'),
  yes: toggle('With --apply: yes, change the node'),
} satisfies Flags);

/** Of `job`. */
export const jobFlags = group('The Job', {
  image: parsedText('Image of its pods (required); on its PATH is kubectl-kpr', parseImage, { value: 'IMAGE' }),
  shards: parsedText(
    'Into how many parts nodes are divided, each read by one pod (3; one for each 100 nodes is about right)',
    parseShards,
    {
      value: 'N',
    },
  ),
  name: parsedText('Name of the Job (kubectl-kpr-verify)', parseJobName, { value: 'NAME' }),
  'job-namespace': parsedText('Namespace of the Job (kube-system)', parseNamespace, { value: 'NAMESPACE' }),
  'service-account': parsedText('Service account of its pods (kubectl-kpr)', parseObjectName, { value: 'NAME' }),
  'with-role': toggle('Also the service account and the least roles that it needs'),
  deadline: duration('Time for the Job as a whole', '15m'),
  apply: toggle('Create it; needs --yes'),
  yes: toggle('With --apply: yes, create objects in the cluster'),
} satisfies Flags);

/** Containers of other images do not start, and the Job waits for them until its time is up. */
function parseImage(typed: string, name: string): string {
  if (/^[\w[][\w.:/@[\]-]*$/.test(typed)) return typed;
  throw usageError(
    `--${name} ${JSON.stringify(typed)} is no image`,
    `For example: --${name} registry.example/kubectl-kpr:1`,
  );
}

/** All pods of the Job run at the same time. */
const mostShards = 1000;

function parseShards(typed: string, name: string): number {
  const shards = parseNumber(typed, name);
  if (shards > mostShards) throw usageError(`--${name} ${shards} are more than ${mostShards} pods at the same time`);
  return shards;
}

/** Of `shard`. */
export const shardFlags = group('Which part', {
  of: parsedText('Into how many parts nodes are divided', parseNumber, { value: 'N' }),
  index: parsedText('Which of them, from 0 on (by default $JOB_COMPLETION_INDEX)', parseIndex, { value: 'I' }),
  run: filledText('The same word for all shards that are merged (by default $KPR_RUN)', { value: 'WORD' }),
} satisfies Flags);

export function parseIndex(typed: string, name: string): number {
  if (!/^\d{1,6}$/.test(typed)) throw usageError(`--${name} ${typed} is no number from 0 on`);
  return Number(typed);
}

/** Of `merge`. */
export const mergeFlags = group('What is read', {
  job: parsedText('Read the logs of the pods of this Job', parseObjectName, { value: 'NAME' }),
  'job-namespace': parsedText('Namespace of the Job (kube-system)', parseNamespace, { value: 'NAMESPACE' }),
  wait: toggle('Wait until the Job has ended, complete or failed'),
} satisfies Flags);

/** Gives the format itself, not its name. The first of the map is the default. */
export function formatFlag<T>(formats: Readonly<Record<string, T>>): { readonly output: Flag<T> } {
  const [first, ...others] = Object.entries(formats);
  if (first === undefined) throw new Error('a document without a format');
  return group('Output', { output: mapped('Format', [first, ...others], { alias: 'o' }) });
}

/** Helm's own, with its names and meanings. */
export const valuesFlags = group('Helm values, as for helm', {
  values: repeated('File with values, or with a HelmRelease, an Application, …; - is standard input', 'FILE', {
    alias: 'f',
  }),
  set: repeated('A value; may be repeated', 'NAME=VALUE'),
  'set-string': repeated('A value that is a text; may be repeated', 'NAME=VALUE'),
  'release-values': toggle('Judge the values of Cilium’s release: reads its Secret, which nothing else here does'),
} satisfies Flags);

/** What is done with files of values. */
export const fixFlags = group('Helm values, as for helm', {
  fix: toggle('Print what the files should say as a unified diff; they stay as they are'),
  write: toggle('With --fix: change the files, too'),
} satisfies Flags);

/** Of `preflight`, where a cluster is asked. */
export const changeFlags = group('Which change', {
  change: mapped<Change | undefined>('What is to be done; next: what comes next, by what is seen', [
    ['next', undefined],
    ...changes.map((change): [string, Change] => [change, change]),
  ]),
  against: filledText('Capture from before the change, to compare with and to go back to', { value: 'FILE' }),
} satisfies Flags);

/** Where a change leads. */
export const targetFlags = group('Which change', {
  'to-version': list('Version to go to; for values alone several, or none for the newest that is known', 'VERSION'),
} satisfies Flags);

export interface ReportFlagValue<T> {
  readonly format: T;
  readonly file: string;
}

/** `FORMAT=FILE`, any number of times. Gives the formats themselves. */
export function reportFlag<T>(formats: Readonly<Record<string, T>>): {
  readonly report: Flag<readonly ReportFlagValue<T>[]>;
} {
  const names = Object.keys(formats).join(', ');
  const texts = repeated('Also write the result to a file, in this format; may be repeated', 'FORMAT=FILE');
  return group('Output', {
    report: {
      ...texts,
      read: (typed, name) =>
        texts.read(typed, name).map((text) => {
          const [, format = '', file = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
          const meant = Object.hasOwn(formats, format) ? formats[format] : undefined;
          if (meant === undefined || file === '')
            throw usageError(
              `--${name} ${text} is not FORMAT=FILE with one of ${names}`,
              'For example: --report junit=kpr.xml',
            );
          return { format: meant, file };
        }),
    },
  });
}

/** For every command. */
export const generalFlags = group('General', {
  color: choice('Colours', ['auto', 'always', 'never']),
  quiet: toggle('Print findings and the last line only; no progress', { alias: 'q' }),
  verbose: toggle('Print every check, all nodes, all evidence', { alias: 'v' }),
  debug: toggle('Print stack traces of errors'),
} satisfies Flags);
