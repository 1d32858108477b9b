import { describe, expect, it } from 'vitest';
import { compareTables } from '../../../src/expect/parity/compareTables.ts';
import { describeDamage } from '../../../checks/tables/differenceWords.ts';
import type { Difference } from '../../../src/expect/parity/Difference.ts';
import type { ApiObjects } from '../../../src/expect/lb/expectTable.ts';
import { impactOf } from '../../support/impactOf.ts';
import { parseFrontends } from '../../support/parseFrontends.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { sampleExpectation, sampleText } from '../../support/lbSamples.ts';

const sample = '1.20.1';
const node = 'n2';
const dump = sampleText(sample, node, 'lb-maps-dump.txt');
const agent = parseFrontends(sampleText(sample, node, 'db-frontends.txt'));

/** What is said of a node whose dump was edited, a line each: kind, frontend, layer, and what matters of the kind. */
function said(
  edit: (text: string) => string,
  change: (objects: ApiObjects) => ApiObjects = (same) => same,
): readonly string[] {
  const edited = edit(dump);
  expect(edited !== dump || change !== unchanged).toBe(true);
  return compareTables(sampleExpectation(sample, node, change), parseMapsDump(edited), agent).map(lineOf);
}
const unchanged = (same: ApiObjects): ApiObjects => same;

function lineOf(difference: Difference): string {
  return `${difference.kind} ${difference.frontend} ${difference.layer} ${detailOf(difference)}`.trim();
}

function detailOf(difference: Difference): string {
  if (difference.kind === 'backendsStale')
    return `stale ${difference.stale.join()} missing ${difference.missing.join()}`;
  if (difference.kind === 'backendsMissing')
    return `missing ${difference.missing.join()} notSelectable ${difference.notSelectable.join()}`;
  if (difference.kind === 'damaged') return difference.damage.map(describeDamage).join('; ');
  if (difference.kind !== 'wrongProperties') return '';
  return difference.properties.map(({ property, expected, found }) => `${property} ${expected} ≠ ${found}`).join('; ');
}

/** Edits lines by a pattern; undefined drops the line. */
const lines =
  (pattern: RegExp, edit: (line: string) => string | undefined) =>
  (text: string): string =>
    text
      .split('\n')
      .flatMap((line) => (pattern.test(line) ? (edit(line) ?? []) : line))
      .join('\n');

const dns = '10.96.0.10:53/UDP';
const httpd = '10.96.147.70:80/TCP';
/** The backends of the sample's httpd on n2. */
const backends = ['10.244.0.221:8080/TCP', '10.244.1.129:8080/TCP', '10.244.1.218:8080/TCP'];

describe('faults in the maps of one node, each named and nothing beside it', () => {
  it('a deleted slot', () => {
    expect(said(lines(/ADDR=10\.96\.0\.10:53\/UDP SLOT=2/, () => undefined))).toEqual([
      `damaged ${dns} agentToMap slot 2 missing`,
    ]);
    expect(said(lines(/ADDR=10\.96\.0\.10:53\/UDP SLOT=1/, () => undefined))).toEqual([
      `damaged ${dns} agentToMap slot 1 missing`,
    ]);
  });

  it('a deleted slot 0', () => {
    expect(said(lines(/ADDR=10\.96\.0\.10:53\/UDP SLOT=0/, () => undefined))).toEqual([
      `damaged ${dns} agentToMap slot 0 is missing, so the datapath does not find the frontend (2 other slots)`,
    ]);
  });

  it('a whole frontend deleted', () => {
    expect(said(lines(/ADDR=10\.96\.147\.70:80\/TCP /, () => undefined))).toEqual([
      `frontendMissing ${httpd} agentToMap`,
    ]);
  });

  it('a backend entry changed', () => {
    const edited = said(
      lines(/^BE: .*ADDR=10\.244\.1\.129:8080/, (line) => line.replace('10.244.1.129', '10.244.9.9')),
    );
    expect(edited.length).toBeGreaterThan(1);
    for (const line of edited) {
      expect(line).toMatch(
        /^backendsStale \S+ agentToMap stale 10\.244\.9\.9:8080\/TCP missing 10\.244\.1\.129:8080\/TCP$/,
      );
    }
  });

  it('a backend entry deleted', () => {
    const edited = said(lines(/^BE: .*ADDR=10\.244\.1\.129:8080/, () => undefined));
    for (const line of edited)
      expect(line).toMatch(/^damaged \S+ agentToMap slot \d points to backend \d+, which does not exist$/);
    expect(edited.length).toBeGreaterThan(1);
  });

  it.each([
    ['too high', 'COUNT=5 QCOUNT=0', 'slots 4, 5 missing'],
    ['too low', 'COUNT=1 QCOUNT=0', 'the count says 1 active and 0 inactive, the slots are 3'],
    [
      'with inactive ones that are not there',
      'COUNT=3 QCOUNT=2',
      'the count says 3 active and 2 inactive, the slots are 3',
    ],
  ])('a count %s', (_, counts, damage) => {
    expect(
      said(lines(/ADDR=10\.96\.147\.70:80\/TCP SLOT=0/, (line) => line.replace(/COUNT=3 QCOUNT=0/, counts))),
    ).toEqual([`damaged ${httpd} agentToMap ${damage}`]);
  });

  it('rows added by hand', () => {
    const added =
      'SVC: ID=99 ADDR=10.96.200.1:80/TCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=0 QCOUNT=0 FLAGS=ClusterIP+non-routable\n';
    expect(said((text) => text + added)).toEqual(['frontendOrphan 10.96.200.1:80/TCP agentToMap']);
  });

  it('a lost reverse NAT entry', () => {
    const id = /SVC: ID=(\d+) ADDR=10\.96\.147\.70:80\/TCP/.exec(dump)?.[1] ?? '';
    expect(said(lines(new RegExp(`^REV: ID=${id} `), () => undefined))).toEqual([
      `damaged ${httpd} agentToMap no reverse NAT entry, so answers keep the address of the backend`,
    ]);
  });

  it('a Maglev table that is gone, which only clients outside miss', () => {
    const maglev = sampleText('1.19.6-dsr-maglev', node, 'lb-maps-dump.txt');
    const [, id = '', key] = /^SVC: ID=(\d+) ADDR=(172\.\S+:31080\/TCP) SLOT=0/m.exec(maglev) ?? [];
    const edited = lines(new RegExp(`^MAGLEV: ID=${id} `), () => undefined)(maglev);
    const expected = sampleExpectation('1.19.6-dsr-maglev', node);
    expect(compareTables(expected, parseMapsDump(maglev)).map(lineOf)).toEqual([]);
    expect(compareTables(expected, parseMapsDump(edited)).map(lineOf)).toEqual([
      `damaged ${key} agentToMap no Maglev table for its ID ${id}, so connections from outside are dropped`,
    ]);
  });

  it('affinity without a timeout', () => {
    expect(
      said(lines(/ADDR=10\.96\.90\.25:80\/TCP SLOT=0/, (line) => line.replace('AFFTimeout=10800', 'AFFTimeout=0'))),
    ).toEqual(['damaged 10.96.90.25:80/TCP agentToMap session affinity without a timeout']);
  });

  it.each([
    ['affinity', 'Local+sessionAffinity', 'Local', 'sessionAffinity ClientIP ≠ None'],
    ['traffic policy', 'Local+sessionAffinity', 'sessionAffinity', 'externalTrafficPolicy Local ≠ Cluster'],
    ['forwarding mode', 'non-routable', 'non-routable+dsr', 'forwardingMode snat ≠ dsr'],
    ['source ranges', 'non-routable', 'non-routable+check source-range', 'sourceRanges not checked ≠ checked'],
  ])('a wrong %s', (_, flags, wrong, what) => {
    expect(said(lines(/ADDR=10\.96\.90\.25:80\/TCP SLOT=0/, (line) => line.replace(flags, wrong)))).toEqual([
      `wrongProperties 10.96.90.25:80/TCP unknown ${what}`,
    ]);
  });

  it('a wrong affinity timeout', () => {
    expect(said(lines(/ADDR=10\.96\.90\.25:80\/TCP SLOT=0/, (line) => line.replace('=10800', '=60')))).toEqual([
      'wrongProperties 10.96.90.25:80/TCP unknown affinityTimeout 10800 s ≠ 60 s',
    ]);
  });

  it('a backend that the map believes to be terminating', () => {
    expect(
      said(
        lines(/ADDR=10\.96\.147\.70:80\/TCP SLOT=0/, (line) => line.replace('COUNT=3 QCOUNT=0', 'COUNT=2 QCOUNT=1')),
      ),
    ).toEqual([
      expect.stringMatching(/^backendsMissing 10\.96\.147\.70:80\/TCP agentToMap missing (\S+) notSelectable \1$/),
    ]);
  });
});

const withEndpoints = (service: string, keep: (address: string) => boolean) => (objects: ApiObjects) => ({
  ...objects,
  endpointSlices: objects.endpointSlices.map((slice) =>
    slice.metadata.labels?.['kubernetes.io/service-name'] === service
      ? { ...slice, endpoints: (slice.endpoints ?? []).filter(({ addresses }) => keep(addresses[0] ?? '')) }
      : slice,
  ),
});

const withoutHttpd = (objects: ApiObjects): ApiObjects => ({
  ...objects,
  services: objects.services.filter(({ metadata }) => metadata.name !== 'httpd'),
});

const withNewService = (objects: ApiObjects): ApiObjects => ({
  ...objects,
  services: [
    ...objects.services,
    { metadata: { name: 'new', namespace: 'default' }, spec: { clusterIP: '10.96.1.1', ports: [{ port: 80 }] } },
  ],
});

describe('an API that the agent has not seen', () => {
  it('names stale backends, the step and the share of connections', () => {
    const change = withEndpoints('httpd', (address) => address === '10.244.0.221');
    const differences = compareTables(sampleExpectation(sample, node, change), parseMapsDump(dump), agent);
    expect(differences.map(lineOf)).toEqual([
      `backendsStale ${httpd} apiToAgent stale 10.244.1.129:8080/TCP,10.244.1.218:8080/TCP missing`,
    ]);
    expect(differences.map((difference) => impactOf(node, difference))).toEqual([
      'from n2, 2 of 3 new connections to default/httpd:80 (ClusterIP 10.96.147.70) go to addresses that the API no longer has',
    ]);
    expect(differences[0]).toMatchObject({
      expected: [backends[0]],
      found: backends,
      owner: { kind: 'Service', namespace: 'default', name: 'httpd' },
    });
  });

  it('names a Service that is gone', () => {
    expect(said((same) => same, withoutHttpd)).toEqual([`frontendOrphan ${httpd} apiToAgent`]);
  });

  it('names a Service that is new', () => {
    expect(said((same) => same, withNewService)).toEqual(['frontendMissing 10.96.1.1:80/TCP apiToAgent']);
  });
});

it('refuses to compare a table that was not read', () => {
  expect(() => compareTables(sampleExpectation(sample, node), parseMapsDump('error: connection refused'))).toThrow(
    /was not read/,
  );
});
