import { describe, expect, test } from 'vitest';
import { chartOf } from '../../src/knowledge/charts/index.ts';
import { type Findings, findValues } from '../../src/values/findValues.ts';
import { readYaml } from '../../src/values/readYaml.ts';
import { judged, lineOf } from './support.ts';

const { keys } = await chartOf('1.20');
const find = (text: string): Findings => findValues(readYaml(text, 'f.yaml'), 'f.yaml', keys);

const flux = `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: network}
spec:
  chart: {spec: {chart: cilium}}
  valuesFrom: [{kind: ConfigMap, name: more}]
  values:
    tunnel: vxlan
`;
const argo = `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: cni}
spec:
  source:
    chart: cilium
    helm:
      values: |
        # below a comment
        tunnel: vxlan
      parameters:
        - name: bpf.masquarade
          value: "true"
`;
const k3s = `
apiVersion: helm.cattle.io/v1
kind: HelmChartConfig
metadata: {name: rke2-cilium}
spec:
  valuesContent: |-
    tunnel: vxlan
`;
const kustomize = `
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
helmCharts:
  - name: other
    valuesInline: {tunnel: vxlan}
  - name: cilium
    valuesFile: more.yaml
    valuesInline:
      tunnel: vxlan
`;

describe('values are found by themselves', () => {
  test.each([
    ['a file of values', '\ntunnel: vxlan', undefined, 2, 1],
    ['an umbrella chart', 'cilium:\n  tunnel: vxlan\nother: {a: 1}', 'below cilium', 2, 3],
    ['a HelmRelease of Flux', flux, 'HelmRelease network', 9, 5],
    ['an Application of Argo CD', argo, 'Application cni', 11, 9],
    ['a HelmChartConfig of k3s and RKE2', k3s, 'HelmChartConfig rke2-cilium', 7, 5],
    ['helmCharts of kustomize', kustomize, 'Kustomization ', 10, 7],
    [
      'releases of helmfile',
      'releases:\n  - name: cilium\n    values:\n      - tunnel: vxlan\n        kubeProxyReplacement: true\n',
      'below releases.0.values.0',
      4,
      9,
    ],
  ])('in %s, with the line and the column of each key', (_, text, within, line, column) => {
    const [found] = find(text).values;
    expect(found?.within).toBe(within);
    expect(found?.places.get('tunnel')).toEqual({ kind: 'file', file: 'f.yaml', line, column });
    expect(found?.tree['tunnel']).toBe('vxlan');
  });

  test('in all documents of a file, and nowhere but in those of Cilium', () => {
    const text = [flux, flux.replace('chart: cilium', 'chart: loki'), argo].join('---\n');
    expect(find(text).values.map(({ within }) => within)).toEqual([
      'HelmRelease network',
      'Application cni',
      'Application cni',
    ]);
    expect(find(text).others).toEqual(['HelmRelease network']);
  });

  test('in a List of objects', () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${flux.trim().replaceAll('\n', '\n  ')}\n`;
    expect(find(list).values.map(({ within }) => within)).toEqual(['HelmRelease network']);
  });

  test('parameters of Argo CD are keys like others', async () => {
    const { verdicts } = await judged(argo);
    expect(verdicts.map(lineOf)).toEqual([
      'tunnel renamed, refused -> routingMode: tunnel, tunnelProtocol: vxlan',
      'bpf.masquarade unknown -> bpf.masquerade',
    ]);
    expect(verdicts.map(({ place }) => place?.kind === 'file' && place.line)).toEqual([11, 13]);
  });

  test('what stands elsewhere is told', () => {
    expect(find(flux).elsewhere).toEqual([{ file: 'f.yaml', what: 'valuesFrom of HelmRelease network' }]);
    expect(find(kustomize).elsewhere).toEqual([{ file: 'f.yaml', what: 'valuesFile of Kustomization ' }]);
  });
});

const treeOf = (text: string) => readYaml(text, 'f.yaml')[0]?.value;

describe('YAML is read as Helm reads it', () => {
  test.each([
    ['a: yes', { a: true }],
    ['a: "yes"', { a: 'yes' }],
    ['a: 2020-01-01', { a: '2020-01-01' }],
    ['a: &x {b: 1}\nc: *x', { a: { b: 1 }, c: { b: 1 } }],
    ['a: &x {b: 1, d: 2}\nc: {<<: *x, b: 3}', { a: { b: 1, d: 2 }, c: { b: 3, d: 2 } }],
    ['a:', { a: null }],
    ['a: ${X}', { a: '\uE000'.repeat(4) }],
    ['a: 010\nb: 0x1f\nc: 1_000\nd: 1e3\ne: 1.5', { a: 8, b: 31, c: 1000, d: 1000, e: 1.5 }],
    ['a: 1:30', { a: '1:30' }],
    ['a: !!str 1\nb: !!int "2"\nc: !mine x\nd: !!mine y', { a: '1', b: 2, c: 'x', d: 'y' }],
    ['a: !<tag:yaml.org,2002:int> 1\nb: !!null ""\nc: !!int 0o17', { a: 1, b: null, c: 15 }],
    ['a: 0o17\nb: -0O1_7\nc: 0o8\nd: 0o', { a: 15, b: -15, c: '0o8', d: '0o' }],
    ['a: 1.5_0\nb: 1_0e3\nc: 1_0.5x', { a: 1.5, b: 10_000, c: '1_0.5x' }],
    ['# x\n\n%YAML 1.1\n---\na: 1', { a: 1 }],
    ['a: |\n  %FOO\nb: "?"', { a: '%FOO\n', b: '?' }],
    [
      'a: &x foo?\nb: [*x, "::/0", fd00::/8, b:c]\nc: ::/0',
      { a: 'foo?', b: ['foo?', '::/0', 'fd00::/8', 'b:c'], c: '::/0' },
    ],
    ['8080: a\ntrue: b\n1.5: c', { 8080: 'a', true: 'b', 1.5: 'c' }],
    ['a: [\n  {b: 1},\n]\nc:\n  d: {\n    e: 1\n  }', { a: [{ b: 1 }], c: { d: { e: 1 } } }],
    ['a: [1,\n\t\n2]\nb: "x\n\t\n  z"', { a: [1, 2], b: 'x\nz' }],
    ['a: 1\n...\n\t', { a: 1 }],
    ['a: &x {b: 1}\nc: {<<: [*x, {b: 2, d: 3}]}', { a: { b: 1 }, c: { b: 1, d: 3 } }],
    ['"<<": {b: 1}', { '<<': { b: 1 } }],
    ['<<: {a: 1}\n<<: {a: 2, b: 2}', { a: 2, b: 2 }],
    ['a: 1\n<<: {a: 2, b: 1}\nb: 2', { a: 2, b: 2 }],
    ['__proto__: 1\n<<: {__proto__: 2}', Object.fromEntries([['__proto__', 2]])],
    ['a:\n  b: [x,\n  z]\n  c: {\n  d: 1\n  }\ne: "x\nz"', { a: { b: ['x', 'z'], c: { d: 1 } }, e: 'x z' }],
    ['\uFEFFa: 1\r\nb:\r\n  c: 2\r\n', { a: 1, b: { c: 2 } }],
    ['a: |\n  x\n  y\nb: >-\n  x\n  y', { a: 'x\ny\n', b: 'x y' }],
  ])('%j', (text, tree) => {
    expect(treeOf(text)).toEqual(tree);
  });

  test('brackets that close at the margin are read however many there are', { timeout: 5000 }, () => {
    const text = Array.from({ length: 5000 }, (_, i) => `k${i}: [\n  {a: 1},\n]\n`).join('');
    expect(Object.keys(treeOf(text) ?? {})).toHaveLength(5000);
  });

  test('a line that was moved to be read has its own columns', () => {
    const [document] = readYaml('a: [\n]\nc: {\n}\nd: [{\n}, {e: 1\n}]\n', 'f.yaml');
    expect(document?.value).toEqual({ a: [], c: {}, d: [{}, { e: 1 }] });
    expect(document?.places.get('d.1.e')).toEqual({ kind: 'file', file: 'f.yaml', line: 6, column: 5 });
  });

  test.each([
    ['a: 1\nb: [', 2, 5, 'not closed'],
    ['a: [1,\nb: 2', 2, 1, 'not closed'],
    ['a: "x\nb: 1', 2, 1, 'not closed'],
    ['a: 1\na: 2', 2, 1, 'twice'],
    ['a: {b: 1, b: 2}', 1, 11, 'twice'],
    ['a:\n\tb: 1', 2, 1, 'tabs'],
    ['a: 1\nb\nc: 2', 2, 1, 'no colon'],
    ['a: 1\nb:2\n', 2, 1, 'no colon'],
    ['a: b: c', 1, 5, 'in quotes'],
    ['a: @x', 1, 4, 'begins with @'],
    ['a: "b" c', 1, 8, 'nothing may follow'],
    ['a:\n  b: 1\n c: 2', 3, 2, 'indented'],
    ['a:\n  b: 1\n   c: 2', 3, 5, 'indented'],
    ['a: *nothing', 1, 5, 'nothing'],
    ['a: 1\n~: 2', 2, 1, 'be a key'],
    ['a: 1\n\t\nb: 2', 2, 1, 'tabs'],
    ['a:\n\t# c\n  b: 1', 2, 1, 'tabs'],
    ['a: |\n  x\n\t\r\nb: 1', 3, 1, 'tabs'],
    ['a: [1,\n\t\n2]\nb: "x\n\t\n  z"\nc: 1\n\t', 8, 1, 'tabs'],
    ['? {a: 1}\n: 2', 1, 3, 'be a key'],
    ['a: 1\n<<: 2', 2, 1, 'list of maps'],
    ['a: [x,\nz\nb: "z', 2, 1, 'not closed'],
    ['a: [b, ::/0]', 1, 8, 'begins with a colon'],
    ['a: {b: ::1}', 1, 8, 'begins with a colon'],
    ['a: [foo?]', 1, 5, 'holds a ?'],
    ['a:\n  - [{b: http://c/?d}]', 2, 10, 'holds a ?'],
    ['a: [fd00::]', 1, 5, 'ends with a colon'],
    ['a: {b: 1, c:}', 1, 11, 'ends with a colon'],
    ['# x\n%YAML 1.2\n---\na: 1', 2, 1, 'leave it out'],
    ['%TAG ! tag:x,2000:\n---\na: 1', 1, 1, 'leave it out'],
    ['a: 1\nb: -.inf', 2, 4, 'no such number'],
    ['a: .NaN', 1, 4, 'no such number'],
    ['a: !!int "x"', 1, 10, 'kind !!int'],
    ['a: !!bool x', 1, 11, 'kind !!bool'],
    ['a: !!binary aGk=', 1, 13, 'kind !!binary'],
    ['a: !! 1', 1, 7, 'kind !!'],
  ])('%j has its fault in line %i, column %i: %s', (text, line, column, words) => {
    expect(() => treeOf(text)).toThrow(
      expect.objectContaining({ line, column, message: expect.stringContaining(words) }),
    );
  });

  test('a little text that would be endless is refused', () => {
    const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
    expect(() => treeOf(['l0: &l0 [1]', ...levels].join('\n'))).toThrow('it holds more than');
  });
});
