import { describe, expect, test } from 'vitest';
import { defineCommand } from '../../src/cli/Command.ts';
import { parseCommandLine } from '../../src/cli/commandLine.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { choice, type Flag, readFlags, text, toggle } from '../../src/cli/Flag.ts';
import { formatFlag } from '../../src/cli/flags.ts';
import {
  type AnyFormat,
  checkListFormats,
  diffFormats,
  explainFormats,
  type Format,
  reportFormats,
  traceFormats,
} from '../../src/report/formats.ts';
import type { TraceDocument } from '../../src/report/TraceDocument.ts';

/** The options that a command makes of what was typed. */
async function optionsOf(...argv: string[]): Promise<unknown> {
  const chosen = await parseCommandLine(argv, undefined);
  if (chosen.kind === 'help') throw new Error('no command');
  return chosen.prepare().options;
}

const noConnection = { asGroups: [], insecureSkipTlsVerify: false };
const cluster = { kind: 'cluster', via: 'client', connection: noConnection };
const limits = {
  nodes: undefined,
  ciliumNamespace: undefined,
  nodeTimeoutMs: 10_000,
  runTimeoutMs: 60_000,
  growsWithNodes: true,
  probe: true,
};
const speech = { color: 'auto', verbosity: 'normal', debug: false };
const archive = (file: string) => ({ kind: 'archive', file });

const doctor = {
  ...speech,
  phase: 'doctor',
  source: cluster,
  limits,
  check: [],
  skip: [],
  skipUntil: [],
  format: reportFormats.table,
  reports: [],
  failOn: 'error',
  strict: false,
  allowUnknown: [],
  namespace: undefined,
  wait: true,
  repeat: { kind: 'once' },
  against: undefined,
  suppressions: undefined,
  baseline: undefined,
  saveBaseline: undefined,
};
const trace = {
  ...speech,
  source: cluster,
  limits,
  target: { kind: 'service', name: 'web', namespace: undefined },
  port: undefined,
  from: 'pod',
  format: traceFormats.table,
  reports: [],
};
const address = { kind: 'address', port: undefined, protocol: undefined };
const capture = {
  ...speech,
  source: cluster,
  limits,
  file: 'x.kpr',
  overwrite: false,
  maxBytes: 1e9,
  redact: undefined,
};
const diff = {
  ...speech,
  before: archive('a.kpr'),
  after: cluster,
  limits: { ...limits, probe: false },
  namespace: undefined,
  allowMismatch: false,
  as: { kind: 'document', format: diffFormats.table },
  reports: [],
};
const cleanup = { ...speech, source: cluster, limits, scripts: { kind: 'print' } };

describe('what is typed becomes the options of the command', () => {
  test.each<[string, object]>([
    ['doctor', doctor],
    ['doctor -v', { ...doctor, verbosity: 'verbose' }],
    ['doctor -q --color never --debug', { ...doctor, verbosity: 'quiet', color: 'never', debug: true }],
    ['doctor --check a,KPR1001 --check b --skip c', { ...doctor, check: ['a', 'KPR1001', 'b'], skip: ['c'] }],
    ['doctor --fail-on warning --strict -n shop', { ...doctor, failOn: 'warning', strict: true, namespace: 'shop' }],
    [
      'doctor --report junit=a.xml --report=sarif=b=c',
      {
        ...doctor,
        reports: [
          { format: reportFormats.junit, file: 'a.xml' },
          { format: reportFormats.sarif, file: 'b=c' },
        ],
      },
    ],
    ['doctor -ojson -A', { ...doctor, format: reportFormats.json }],
    ['doctor -o json -o table', doctor],
    ['doctor --allow-unknown', { ...doctor, allowUnknown: 'all' }],
    ['doctor --allow-unknown=a,against', { ...doctor, allowUnknown: ['a', 'against'] }],
    ['doctor --suppressions s.yaml', { ...doctor, suppressions: 's.yaml' }],
    ['doctor --baseline b.json', { ...doctor, baseline: { file: 'b.json', failOnNew: false } }],
    ['doctor --baseline b.json --fail-on-new', { ...doctor, baseline: { file: 'b.json', failOnNew: true } }],
    ['doctor --save-baseline b.json', { ...doctor, saveBaseline: 'b.json' }],
    ['doctor --no-wait', { ...doctor, wait: false }],
    [
      'doctor --from x.zip',
      {
        ...doctor,
        source: { ...archive('x.zip'), connection: noConnection },
        limits: { ...doctor.limits, readsOnce: true },
      },
    ],
    ['doctor --node n1,n2 --node n3', { ...doctor, limits: { ...limits, nodes: new Set(['n1', 'n2', 'n3']) } }],
    [
      'doctor --timeout 0 --no-probe',
      { ...doctor, limits: { ...limits, runTimeoutMs: 2 ** 31 - 1, growsWithNodes: false, probe: false } },
    ],
    ['doctor --concurrency 8', { ...doctor, limits: { ...limits, concurrency: 8 } }],
    ['doctor --cilium-namespace c', { ...doctor, limits: { ...limits, ciliumNamespace: 'c' } }],
    ['verify', { ...doctor, phase: 'verify' }],
    ['verify --no-wait', { ...doctor, phase: 'verify', wait: false }],
    ['verify --wait', { ...doctor, phase: 'verify', repeat: { kind: 'untilPassed', ms: 120_000 } }],
    ['verify --wait=90s', { ...doctor, phase: 'verify', repeat: { kind: 'untilPassed', ms: 90_000 } }],
    [
      'verify --wait 5m -q',
      { ...doctor, verbosity: 'quiet', phase: 'verify', repeat: { kind: 'untilPassed', ms: 300_000 } },
    ],
    ['verify --against old.kpr', { ...doctor, phase: 'verify', against: 'old.kpr' }],
    ['trace svc/web', trace],
    ['trace shop/web -n other', { ...trace, target: { kind: 'service', name: 'web', namespace: 'shop' } }],
    ['trace web -n shop', { ...trace, target: { kind: 'service', name: 'web', namespace: 'shop' } }],
    ['trace svc web -n shop', { ...trace, target: { kind: 'service', name: 'web', namespace: 'shop' } }],
    [
      'trace 10.96.0.10',
      { ...trace, target: { ...address, typed: '10.96.0.10', host: '10.96.0.10', isAddress: true } },
    ],
    [
      'trace [fd00::0:1]:53/udp',
      {
        ...trace,
        target: {
          ...address,
          typed: '[fd00::0:1]:53/udp',
          host: 'fd00::1',
          isAddress: true,
          port: 53,
          protocol: 'UDP',
        },
      },
    ],
    [
      'trace n1:31080',
      { ...trace, target: { ...address, typed: 'n1:31080', host: 'n1', isAddress: false, port: 31_080 } },
    ],
    ['trace web --source node --port 80 -o json', { ...trace, from: 'node', port: '80', format: traceFormats.json }],
    ['capture -o x.kpr', capture],
    ['capture -o ./json', { ...capture, file: './json' }],
    ['capture -o x.kpr --overwrite --max-size 1k', { ...capture, overwrite: true, maxBytes: 1000 }],
    ['capture -o x.kpr --redact', { ...capture, redact: { keyFile: undefined } }],
    ['capture -o x.kpr --redact --redact-key k', { ...capture, redact: { keyFile: 'k' } }],
    ['diff a.kpr', diff],
    ['diff a.kpr --live', diff],
    ['diff a.kpr b.kpr', { ...diff, after: archive('b.kpr') }],
    ['diff a.kpr -U3', { ...diff, as: { kind: 'unified', lines: 3 } }],
    ['diff a.kpr -n shop --allow-mismatch', { ...diff, namespace: 'shop', allowMismatch: true }],
    ['cleanup', cleanup],
    ['cleanup -o dir', { ...cleanup, scripts: { kind: 'write', folder: 'dir', overwrite: false } }],
    ['cleanup -o dir --overwrite', { ...cleanup, scripts: { kind: 'write', folder: 'dir', overwrite: true } }],
    [
      'cleanup --apply --yes --node n1',
      { ...cleanup, limits: { ...limits, nodes: new Set(['n1']) }, scripts: { kind: 'apply', cluster } },
    ],
    ['explain', { ...speech, names: [], format: explainFormats.table }],
    ['explain KPR1001 -o json', { ...speech, names: ['KPR1001'], format: explainFormats.json }],
    ['checks', { ...speech, format: checkListFormats.table }],
  ])('%s', async (line, options) => {
    expect(await optionsOf(...line.split(' '))).toEqual(options);
  });

  test('kubectl’s flags are the connection', async () => {
    const flags = {
      kubeconfig: 'k',
      context: 'c',
      cluster: 'cl',
      user: 'u',
      server: 'https://x',
      token: 't',
      as: 'jane',
      'as-uid': '7',
      'certificate-authority': 'ca',
      'client-certificate': 'cert',
      'client-key': 'key',
      'tls-server-name': 'name',
    };
    const argv = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    const more = ['--as-group=a,b', '--as-group', 'c', '--insecure-skip-tls-verify', '--request-timeout', '5s'];
    expect(await optionsOf('doctor', ...argv, ...more, '--via', 'kubectl')).toMatchObject({
      source: {
        kind: 'cluster',
        via: 'kubectl',
        connection: {
          kubeconfig: 'k',
          context: 'c',
          cluster: 'cl',
          user: 'u',
          server: 'https://x',
          token: 't',
          as: 'jane',
          asGroups: ['a,b', 'c'],
          asUid: '7',
          certificateAuthority: 'ca',
          clientCertificate: 'cert',
          clientKey: 'key',
          tlsServerName: 'name',
          insecureSkipTlsVerify: true,
          requestTimeoutMs: 5000,
        },
      },
    });
  });
});

describe('what makes no command is refused before anything is read', () => {
  test.each([
    [['doctor', '-A', '-n', 'shop'], '--all-namespaces and --namespace exclude each other'],
    [['doctor', '--node', ''], '--node is empty'],
    [['doctor', '--node', ' , '], '--node is empty'],
    [['doctor', '--check='], '--check is empty'],
    [['doctor', '--request-timeout', 'x'], '--request-timeout x is not a duration'],
    [['doctor', '--concurrency', '0'], '--concurrency 0 is not a number from 1 to 100000'],
    [['trace'], 'trace needs a Service'],
    [['verify', '--strict=yes'], '--strict cannot be "yes"; it is one of true, false'],
    [['doctor', '--wait=5m'], '--wait cannot be "5m"; it is one of true, false'],
    [['doctor', '--probe='], '--probe cannot be ""; it is one of true, false'],
    [['trace', 'a/b/c/d'], 'a/b/c/d names no Service'],
    [['capture'], 'capture needs a file to write'],
    [['capture', '-o', 'x.kpr', '--max-size', 'huge'], '--max-size huge is not a size'],
    [['capture', '-o', 'x.kpr', '--redact-key', 'k'], '--redact-key has a meaning with --redact only'],
    [['diff'], 'diff needs a capture to compare with'],
    [['diff', 'a.kpr', 'b.kpr', '--live'], '--live and a second capture exclude each other'],
    [['diff', 'a.kpr', '-U', 'many'], '--unified many is no number of lines'],
    [['diff', 'a.kpr', '-U', '3', '-ojson'], '--unified and -o exclude each other'],
    [['cleanup', '--from', 'x'], 'so it needs --trust-archive, too'],
    [['cleanup', '--trust-archive'], '--trust-archive has a meaning with --from only'],
    [['cleanup', '--yes'], '--yes has a meaning with --apply only'],
    [['cleanup', '--overwrite'], '--overwrite has a meaning with -o only'],
    [['cleanup', '--apply', '--node', 'n1'], '--apply changes the node, so it needs --yes, too'],
    [['cleanup', '--apply', '--yes'], '--apply needs --node'],
    [['cleanup', '--apply', '--yes', '--node', 'n1', '-o', 'd'], '--apply runs a script, -o writes it'],
    [['cleanup', '--apply', '--yes', '--node', 'n1', '--from', 'x'], '--apply cannot change a file'],
  ])('%j', async (argv, message) => {
    await expect(optionsOf(...argv)).rejects.toThrow(message);
  });

  test('an empty --skip leaves nothing out', async () => {
    expect(await optionsOf('doctor', '--skip', '')).toEqual(doctor);
  });
});

describe('-o is a place where a command has no formats', () => {
  const placing = [...commands].flatMap(([name, { flags, formats }]) =>
    'output' in flags && Object.keys(formats).length === 0 ? [name] : [],
  );
  test('of these', () => {
    expect(placing).toEqual(['capture', 'cleanup']);
  });

  test.each(
    placing.flatMap((name) => [...Object.keys(reportFormats), 'JSON'].map((format) => [name, format] as const)),
  )('%s does not take the format %s for one', async (name, format) => {
    for (const typed of [`-o${format}`, `--output=${format}`])
      await expect(optionsOf(name, typed)).rejects.toMatchObject({
        message: expect.stringMatching(/^-o is the (file|folder) to write to here, not a format$/),
        hint: expect.stringMatching(new RegExp(String.raw`: -o \./${format}$`)),
      });
    await expect(optionsOf(name, '-o', `./${format}`)).resolves.toMatchObject({});
  });

  test('standard output is a file, and no folder', async () => {
    expect(await optionsOf('capture', '-o', '-')).toMatchObject({ file: '-' });
    await expect(optionsOf('cleanup', '-o', '-')).rejects.toThrow('-o - is no folder');
  });
});

describe('what the compiler holds', () => {
  test('no flag can be looked up that the command does not have', () => {
    const command = defineCommand({
      describe: 'For this test',
      usage: 'x',
      examples: [['A try', 'x']],
      flags: { quiet: toggle('') },
      // @ts-expect-error: mistyped
      read: (given) => given.qiuet,
      run: async () => 0,
    });
    expect(command.prepare({ quiet: true }).options).toBeUndefined();
  });

  test('a flag is of the type that its table says', () => {
    const given = readFlags(
      { quiet: toggle(''), name: text('', { value: 'X' }), color: choice('', ['auto', 'never']) },
      {},
    );
    // @ts-expect-error: a toggle is no text
    const quiet: string = given.quiet;
    // @ts-expect-error: a text may be missing
    const name: string = given.name;
    // @ts-expect-error: not among the choices
    const isAlways = given.color === 'always';
    expect([quiet, name, isAlways]).toEqual([false, undefined, false]);
  });

  test('the choices of -o are the formats that there are', () => {
    const { output } = formatFlag(reportFormats);
    expect(output.yargs.choices).toEqual(Object.keys(reportFormats));
    for (const [name, format] of Object.entries(reportFormats)) expect(output.read(name, 'output')).toBe(format);
    // @ts-expect-error: a format of another kind of document
    const isNone: Flag<Format<TraceDocument>> = output;
    expect(isNone).toBe(output);
  });

  test('a kind of document without one of the formats that all have is none', () => {
    const format: AnyFormat = reportFormats.json;
    // @ts-expect-error: `json` is not there
    const formats: Record<keyof typeof reportFormats, AnyFormat> = { table: format };
    expect(formats.table).toBe(format);
  });
});
