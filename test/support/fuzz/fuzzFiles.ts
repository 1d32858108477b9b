import { readYamlObject } from '../../../src/collect/archive/readYaml.ts';
import { knownFindings } from '../../../src/core/knownFindings.ts';
import { KprError } from '../../../src/core/KprError.ts';
import { suppress } from '../../../src/core/suppress.ts';
import { chartOf, formerKeys } from '../../../src/knowledge/charts/index.ts';
import { newestBranch } from '../../../src/knowledge/releases.ts';
import { KnownRows, type ToldRows } from '../../../src/parse/digest/KnownRows.ts';
import { KnownRules } from '../../../src/parse/digest/KnownRules.ts';
import { parseFindingsBaseline } from '../../../src/parse/parseFindingsBaseline.ts';
import { annotatedSuppressions, parseSuppressions } from '../../../src/parse/parseSuppressions.ts';
import { findValues } from '../../../src/values/findValues.ts';
import { fixText } from '../../../src/values/fixText.ts';
import { judgeValues } from '../../../src/values/judgeValues.ts';
import { repairOf } from '../../../src/values/KeyVerdict.ts';
import { mergeValues } from '../../../src/values/mergeValues.ts';
import { readYaml, YamlError } from '../../../src/values/readYaml.ts';
import { readChart } from '../../../src/values/renderChart.ts';
import { ClusterShape } from '../../simulate/ClusterShape.ts';
import { ProxyRules } from '../../simulate/ProxyRules.ts';
import { sayDigest, sha256 } from '../sayDigest.ts';
import { sayRules } from '../sayRules.ts';
import { Mutator } from './Mutator.ts';
import { recordingOf } from './recorded.ts';

export interface FuzzedFiles {
  readonly inputs: number;
  /** By kind: what was understood, and what was refused. */
  readonly counts: Readonly<Record<string, { readonly read: number; readonly refused: number }>>;
  readonly complaints: readonly string[];
  readonly slowest: { readonly ms: number; readonly what: string };
}

/** Of one input: whether it was understood. Throws for what must not be. */
type Try = (mutator: Mutator) => boolean;

/** What people give beside archives, and what nodes say in little, changed at random. */
export async function fuzzFiles(inputs: number, seed: number): Promise<FuzzedFiles> {
  const tries: readonly (readonly [kind: string, attempt: Try])[] = [
    ['values', await valuesTried()],
    ['suppressions', suppressionsTried],
    ['annotations', annotationsTried],
    ['baselines', baselinesTried],
    ['digests', await digestsTried()],
    ['rules', rulesTried()],
  ];
  const counts = Object.fromEntries(tries.map(([kind]) => [kind, { read: 0, refused: 0 }]));
  const complaints: string[] = [];
  let slowest = { ms: 0, what: '' };
  for (let input = 0; input < inputs; input += 1) {
    const mutator = new Mutator(seed + input);
    const [what, attempt] = mutator.pick(tries);
    const start = performance.now();
    try {
      const count = counts[what];
      if (count !== undefined) count[attempt(mutator) ? 'read' : 'refused'] += 1;
    } catch (error) {
      complaints.push(`input ${seed + input} (${what}): ${error instanceof Error ? error.stack : String(error)}`);
    }
    const ms = performance.now() - start;
    if (ms > slowest.ms) slowest = { ms, what };
    if (ms > 5000) complaints.push(`input ${seed + input} (${what}) took ${Math.round(ms)} ms`);
  }
  return { inputs, counts, complaints, slowest };
}

const someValues = [
  `kubeProxyReplacement: strict\nk8sServiceHost: 10.0.0.1\ntunnel: vxlan\nipam: {mode: kubernetes}\nhubble:\n  relay: {enabled: true}\n`,
  `x: &x {enabled: true, mode: dsr}\nloadBalancer: {<<: *x, algorithm: maglev}\nnodePort: *x\nextraArgs: ['--a', "b"]\n`,
  `cilium:\n  # of an umbrella\n  kubeProxyReplacement: true\n  bpf: {masquerade: \${MASQ}}\n  {{- if .x }}\n  devices: [eth0, eth1]\n  {{- end }}\n`,
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cilium}\nspec:\n  chart: {spec: {chart: cilium}}\n  values:\n    tunnel: disabled\n    autoDirectNodeRoutes: true\n`,
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: cilium}\nspec:\n  source:\n    chart: cilium\n    helm:\n      parameters: [{name: 'a.b[0].c', value: 'x,y'}]\n      values: |\n        hostServices: {enabled: true}\n        bpf:\n          lbExternalClusterIP: yes\n`,
] as const;

async function valuesTried(): Promise<Try> {
  const table = await chartOf(newestBranch);
  const chart = readChart(table);
  const former = await formerKeys();
  const place = { kubernetesVersion: 'v1.34.0', namespace: 'kube-system' };
  return (mutator) => {
    const text = mutator.text(mutator.pick(someValues));
    try {
      const found = findValues(readYaml(text, 'v.yaml'), 'v.yaml', table.keys);
      const { verdicts } = judgeValues(mergeValues(found.values), chart, former, place);
      // Whatever is repaired can be read again.
      const repairs = verdicts.flatMap((one) => repairOf(one) ?? []);
      readYaml(fixText(text, 'v.yaml', table.keys, repairs).text, 'v.yaml');
      return true;
    } catch (error) {
      if (error instanceof YamlError || error instanceof KprError) return false;
      throw error;
    }
  };
}

const someSuppressions = [
  '{"schemaVersion":1,"suppressions":[{"code":"KPR5011","service":"shop/web","reason":"at night","until":"2027-03-01"}]}',
  'schemaVersion: 1\nsuppressions:\n  - code: backends-ready\n    node: n1\n    reason: known\n    until: 2027-03-01\n',
] as const;

function documentOf(text: string): unknown {
  try {
    return readYamlObject(text);
  } catch {
    // What no YAML is, is refused with these words.
    return undefined;
  }
}

function suppressionsTried(mutator: Mutator): boolean {
  const parsed = parseSuppressions(documentOf(mutator.text(mutator.pick(someSuppressions))), 's.yaml');
  if (parsed.ok && parsed.suppressions.some(({ until, reason }) => Number.isNaN(Date.parse(until)) || reason === ''))
    throw new Error('a suppression without a day or a reason');
  return parsed.ok;
}

function annotationsTried(mutator: Mutator): boolean {
  const value = mutator.text(
    'KPR5011 until 2027-03-01: no pods at night\nKPR5004 until 2027-01-01: x; a-check until 2026-12-31: y',
  );
  const metadata = { namespace: 'shop', name: 'web', annotations: { 'kubectl-kpr/suppress': value } };
  const { suppressions } = annotatedSuppressions([{ metadata }]);
  if (suppressions.some(({ of, object }) => of !== 'owner' || object?.name !== 'web'))
    throw new Error('an annotation that is about others');
  suppress([], suppressions, '2026-11-28');
  return suppressions.length > 0;
}

const aBaseline = JSON.stringify({
  schemaVersion: 1,
  takenAt: '2026-11-28T12:00:00Z',
  findings: [
    { code: 'KPR4001', variant: 'one', severity: 'error', nodes: ['n1'], objects: [{ kind: 'Service', name: 'web' }] },
  ],
});

function baselinesTried(mutator: Mutator): boolean {
  const baseline = parseFindingsBaseline(documentOf(mutator.text(aBaseline)));
  if (baseline === undefined) return false;
  const known = knownFindings(baseline.findings);
  known.gone(baseline.findings.filter((one) => known.isKnown(one)));
  return true;
}

/** A reader that knows nothing, and one that was told the rows of a node before. */
async function digestsTried(): Promise<Try> {
  const { nodes } = await recordingOf('test/fixtures/recordings/healthy-1.20.kpr');
  const dump = nodes.flatMap(({ answers: { lbDump } }) => (lbDump && 'text' in lbDump ? [lbDump.text] : []))[0] ?? '';
  const first = sayDigest(dump, new KnownRows(sha256).known('kpr-1').words);
  const second = sayDigest(dump, toldBy(first).told.words);
  const head = headOf(second);
  return (mutator) => {
    const { rows, told } = toldBy(first);
    const isHead = mutator.random() < 0.5;
    const changed = isHead
      ? mutator.text(head) + second.slice(head.length)
      : head + mutator.text(second.slice(head.length));
    const read = rows.read(changed, told);
    // An empty line behind it changes nothing.
    if (read.ok && headOf(changed) !== head) throw new Error('a head that was changed is believed');
    if (read.ok) for (const key of read.value.table.frontends.keys()) read.value.table.frontends.get(key);
    return read.ok;
  };
}

const ofCilium = '*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n';

/** Rules of a second node, said to one who knows those of the first. */
function rulesTried(): Try {
  const shape = new ClusterShape({ nodes: 2, services: 12, backends: 3, podsPerNode: 10 });
  const rules = new ProxyRules(ofCilium, shape);
  const [first = '', second = ''] = shape.nodes.map((node) => rules.whole(node, (text) => text).toString());
  const told = knowing(first).known('kpr-2').get('iptablesNft');
  if (told === undefined) throw new Error('nothing is known of the first');
  const said = sayRules(second, told);
  return (mutator) => {
    const known = knowing(first);
    const changed = mutator.text(said);
    const isDoubted = known.hear('iptablesNft', changed, 'kpr-2') !== undefined;
    const read = known.take(changed);
    if (!changed.startsWith('digest ')) return false;
    // What is no dump of rules would be none, either, if all of it had come.
    const isRead = !isDoubted && read?.ok === true;
    if (isRead && changed !== said) throw new Error('rules that were changed are believed');
    if (isRead) for (const { chains } of read.value.tables) for (const chain of chains) void chain.rules.length;
    return isRead;
  };
}

function knowing(dump: string): KnownRules {
  const known = new KnownRules(sha256, undefined, 0);
  known.hear('iptablesNft', dump, 'kpr-1');
  return known;
}

const headOf = (text: string): string => text.split('\n', 4).join('\n');

/** What is known by a first answer, and what the next node is told. */
function toldBy(first: string): { readonly rows: KnownRows; readonly told: ToldRows } {
  const rows = new KnownRows(sha256);
  rows.read(first, rows.known('kpr-1'));
  return { rows, told: rows.known('kpr-2') };
}
