import { join } from 'node:path';
import { main } from '../../../src/cli/main.ts';
import type { DiffDocument } from '../../../src/report/diff/DiffDocument.ts';
import type { ErrorDocument, ReportDocument } from '../../../src/report/ReportDocument.ts';
import type { TraceDocument } from '../../../src/report/TraceDocument.ts';
import { fakeIo } from '../../support/fakeIo.ts';

const root = join(import.meta.dirname, '../../..');
const broken = join(root, 'examples/captures/broken-cluster.kpr');
const before = join(root, 'test/fixtures/against/before.kpr');
const after = join(root, 'test/fixtures/against/after.kpr');

const texts = new Map<string, Promise<string>>();

async function textOf(argv: readonly string[]): Promise<string> {
  const io = fakeIo();
  await main([...argv, '-o', 'json'], io);
  return io.stdout.text;
}

async function documentOf<D>(...argv: readonly string[]): Promise<D> {
  const key = argv.join(' ');
  const text = texts.get(key) ?? textOf(argv);
  texts.set(key, text);
  return JSON.parse(await text) as D;
}

/** What commands say of recorded clusters. */
export const brokenReport = (): Promise<ReportDocument> => documentOf('doctor', '--from', broken);
export const brokenGate = (): Promise<ReportDocument> => documentOf('verify', '--from', broken);
export const againstReport = (): Promise<ReportDocument> => documentOf('verify', '--from', after, '--against', before);
export const brokenTrace = (): Promise<TraceDocument> => documentOf('trace', 'svc/httpd', '--from', broken);
export const diffDocument = (): Promise<DiffDocument> => documentOf('diff', before, after);

/** What a comparison with before can say beside that all is as it was. */
export const withLosses = (report: ReportDocument): ReportDocument => {
  const { against } = report;
  if (against === undefined) return report;
  const where = { frontend: '10.96.0.1:80/TCP', nodes: ['n1', 'n2'], from: ['pod'] } as const;
  return {
    ...report,
    verdict: 'fail',
    exitCode: 1,
    against: {
      ...against,
      lost: [
        {
          ...where,
          service: 'default/lb-cluster',
          what: 'backends',
          expected: ['10.0.0.1:80'],
          found: [],
          code: null,
          severity: 'error',
        },
        {
          ...where,
          service: 'default/other',
          what: 'frontend',
          expected: ['x'],
          found: ['y'],
          code: 'KPR4001',
          severity: 'warning',
        },
      ],
      unknown: [{ node: 'n2', service: null, reason: 'timeout', detail: 'no answer within 10 s' }],
    },
  };
};

/** Rules that changed, too: a stranger's, and those of one Service of kube-proxy's. */
export const withRules = (document: DiffDocument): DiffDocument => {
  const dump = { nodes: ['n1', 'n2'], backend: 'nft', family: 'ipv4' } as const;
  const kept = { moved: [], policy: null, neededBy: [] } as const;
  const strangers: DiffDocument['iptables'][number] = {
    ...dump,
    ...kept,
    table: 'filter',
    chain: 'INPUT',
    owner: 'unknown',
    change: 'changed',
    removed: ['-A INPUT -s 192.0.2.1/32 -j DROP'],
    added: ['-A INPUT -s 192.0.2.2/32 -j DROP'],
  };
  const own: DiffDocument['iptables'][number] = {
    ...dump,
    ...kept,
    table: 'nat',
    chain: 'KUBE-SVC-ABCDEFGHIJKLMNOP',
    owner: 'kubeProxy',
    change: 'removed',
    removed: ['-A KUBE-SVC-ABCDEFGHIJKLMNOP -j KUBE-SEP-QRSTUVWXYZ234567'],
    added: [],
  };
  const tally = { removed: 1, added: 0, changed: 0, same: 0 };
  return {
    ...document,
    verdict: 'different',
    unexpected: [strangers],
    iptables: [strangers, own],
    kubeProxyServices: [{ ...dump, service: 'default/httpd:http', chains: tally, rules: tally }],
  };
};

/** Everything that was found is suppressed, or was known before. */
export const accepted = (report: ReportDocument): ReportDocument => ({
  ...report,
  verdict: 'pass',
  exitCode: 0,
  findings: report.findings
    .filter(({ severity }) => severity !== 'error')
    .map((one) => Object.assign({}, one, { isNew: false })),
  baseline: { takenAt: report.takenAt, failOnNew: true, known: 2, new: 0, gone: [] },
  gate: { ...report.gate, failOn: 'info' },
  suppressions: {
    suppressed: report.findings.flatMap(({ code, severity, message, nodes, objects }) =>
      severity === 'error'
        ? [{ code, severity, message, nodes, objects, reason: 'known to us', until: '2027-01-31', by: 'kpr.yaml' }]
        : [],
    ),
    expired: [],
    unused: [],
    malformed: [],
  },
});

export const failure: ErrorDocument = {
  schemaVersion: 2,
  tool: { name: 'kubectl-kpr', version: '0.1.0' },
  command: 'doctor',
  verdict: 'error',
  exitCode: 2,
  error: { message: 'The server refused', hint: 'kubectl auth can-i list nodes' },
};

/** Words that a schema fixes are left; every other text of a document becomes this one; or a few long ones do. */
export function withTextEverywhere<D>(document: D, text: string, most = Infinity): D {
  let left = most;
  const replaced = (value: unknown, key = ''): unknown => {
    if (Array.isArray(value))
      return value.map((one) => replaced(one, isWord(one) ? 'code' : key === 'code' ? '' : key));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, replaced(member, name)]));
    if (typeof value !== 'string' || fixed.has(key) || left <= 0) return value;
    if (most !== Infinity && !prose.has(key)) return value;
    left -= 1;
    return text;
  };
  return replaced(document) as D;
}

/** Members that hold what others wrote. */
const prose = new Set(['message', 'excerpt', 'detail', 'summary', 'text', 'name', 'address', 'frontend']);

/** One of a few that a type allows, or a code. */
const isWord = (text: string): boolean =>
  /^(KPR\d{4}|pod|node|outside|ebpf|kubeProxy|iptables|nftables|ipvs)$/.test(text);

/** Members whose values are words of a type. */
const fixed = new Set(
  (
    'command verdict severity harm layer kind result area reason where what code failOn distribution outcome change owner ' +
    'ownerGroup backend family side type translator scope field value algorithm by policy forwarding expected found from'
  ).split(' '),
);
