import { describe, expect, test } from 'vitest';
import { compareSnapshots } from '../../../src/changes/compareSnapshots.ts';
import type { IptablesDump } from '../../../src/model/NodeFacts.ts';
import type { Snapshot } from '../../../src/model/Snapshot.ts';
import { parseIptablesSave } from '../../../src/parse/parseIptablesSave.ts';
import { buildDiff } from '../../../src/report/diff/buildDiff.ts';
import type { DiffDocument } from '../../../src/report/diff/DiffDocument.ts';
import { renderDiff } from '../../../src/report/diff/renderDiff.ts';
import type { Verbosity } from '../../../src/text/Style.ts';
import { aMissing, aSnapshot } from '../../support/aSnapshot.ts';
import { diffSchemaErrors } from '../schema.ts';

const dump = (text: string): IptablesDump => {
  const save = parseIptablesSave(text);
  if (!save.ok) throw new Error(save.why);
  return {
    backend: 'nft',
    family: 'ipv4',
    tables: { value: save.value.tables, source: 'iptables-nft-save -c' },
  };
};

const kubelet = ':KUBE-FIREWALL - [0:0]\n:INPUT ACCEPT [0:0]\n-A INPUT -j KUBE-FIREWALL\n';
const portals =
  '-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n';
const refusing = (service: string): string =>
  `-A KUBE-SERVICES -d 10.96.7.7/32 -p tcp -m comment --comment "${service}:http has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable\n`;
const before = dump(`*filter\n:KUBE-SERVICES - [0:0]\n${kubelet}${portals}${refusing('shop/cart')}COMMIT\n`);
const gone = dump(`*filter\n${kubelet}COMMIT\n`);
const foreign = dump(
  `*filter\n${kubelet}-A INPUT -s 203.0.113.7/32 -m comment --comment "\u001b[31mred" -j DROP\nCOMMIT\n`,
);

const was = aSnapshot({
  takenAt: '2026-11-21T09:00:00Z',
  nodes: { n1: { iptables: [before] }, n2: { iptables: [before] } },
});
const after = (n1: IptablesDump, n2: IptablesDump): Snapshot =>
  aSnapshot({
    nodes: { n1: { iptables: [n1] }, n2: { iptables: [n2], ipsets: aMissing('timeout', 'no answer within 10 s') } },
  });

const documentOf = (now: Snapshot): DiffDocument => {
  const document = buildDiff(
    compareSnapshots(was, now),
    { before: was, after: now },
    { toolVersion: '0.0.0', durationMs: 1234, interrupted: false, objections: [], namespace: undefined },
  );
  expect(diffSchemaErrors(JSON.parse(JSON.stringify(document)))).toEqual([]);
  return document;
};

const same = (text: string): string => text;
const paint = { error: same, warning: same, info: same, ok: same, unknown: same, dim: same, bold: same };
const now = Date.parse('2026-11-28T12:00:00Z');
const render = (
  document: DiffDocument,
  width: number | undefined,
  detail: Verbosity = 'normal',
  unicode = true,
): string => renderDiff(document, { width, unicode, paint, detail, now });

const cases = {
  clean: documentOf(after(gone, gone)),
  foreign: documentOf(after(gone, foreign)),
  same: documentOf(was),
};

describe.each(Object.entries(cases))('%s', (name, document) => {
  test.each<[string, number | undefined, Verbosity, boolean]>([
    ['80', 80, 'normal', true],
    ['pipe', undefined, 'normal', true],
    ['ascii-40', 40, 'normal', false],
    ['quiet', 80, 'quiet', true],
    ['verbose', 80, 'verbose', true],
  ])('as people see it: %s', async (variant, width, detail, unicode) => {
    await expect(render(document, width, detail, unicode)).toMatchFileSnapshot(
      `../golden/diff-${name}.${variant}.golden`,
    );
  });

  test('nothing of a cluster reaches the terminal as a command to it, and only words that can’t be cut are longer than it', () => {
    const text = render(document, 80);
    // oxlint-disable-next-line no-control-regex -- the escape character is what must not be there
    expect(text).not.toMatch(/\u001b/);
    // oxlint-disable-next-line no-control-regex -- as above
    expect(render(document, 40, 'normal', false)).toMatch(/^[\u0000-\u007f]*$/);
    for (const line of text.split('\n')) if (!/-A /.test(line)) expect(line.length).toBeLessThanOrEqual(80);
  });
});

test('what one reading lacks is unknown and never gone', () => {
  const { objects, unknown, verdict } = cases.clean;
  expect(objects).toEqual([]);
  expect(unknown).toContainEqual(
    expect.objectContaining({ nodes: ['n2'], what: 'ipsets', side: 'after', reason: 'timeout' }),
  );
  expect(verdict).toBe('different');
  expect(cases.same.verdict).not.toBe('different');
});

test('rules that were read only once are not said to have been absent', () => {
  const unread = { ...before, tables: aMissing('unparsed', 'it was cut') };
  const text = render(documentOf(after(unread, unread)), undefined);
  expect(text).toContain('kube-proxy rules: none in what was read both times\n');
  expect(text).toContain('Cilium rules:     unchanged (0 rules), as far as it was read\n');
  expect(text).not.toContain('there was none');
});
