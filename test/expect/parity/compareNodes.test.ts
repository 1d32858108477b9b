import { describe, expect, it } from 'vitest';
import { compareNodes } from '../../../src/expect/parity/compareNodes.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { sampleExpectation, sampleText } from '../../support/lbSamples.ts';
import { aService, aSlice, expectation, twoBackends } from '../../support/lbObjects.ts';

const services = [aService(), aService({ name: 'b', clusterIP: '10.96.0.10', internalTrafficPolicy: 'Local' })];
const endpointSlices = [twoBackends, aSlice(twoBackends.endpoints ?? [], { service: 'b' })];
const frontend = (key: string, backend: string, id: number): string =>
  `BE: ID=${id} ADDR=${backend} STATE=active\nSVC: ID=${id} ADDR=${key} SLOT=0 LBALG=undef AFFTimeout=0 COUNT=1 QCOUNT=0 FLAGS=ClusterIP\n` +
  `SVC: ID=${id} ADDR=${key} SLOT=1 BEID=${id} COUNT=0 QCOUNT=0 FLAGS=ClusterIP\n`;
const node = (name: string, text: string) => ({
  node: name,
  expected: expectation({ services, endpointSlices, node: { name } }),
  found: parseMapsDump(text),
});

describe('nodes against nodes', () => {
  const usual = frontend('10.96.0.9:80/TCP', '10.1.1.1:8080/TCP', 1);

  it('says who holds which form, the most nodes first', () => {
    const disagreements = compareNodes([
      node('n1', usual),
      node('n2', ''),
      // Other IDs are no difference.
      node('n3', frontend('10.96.0.9:80/TCP', '10.1.1.1:8080/TCP', 7)),
      node('n4', frontend('10.96.0.9:80/TCP', '10.1.2.1:8080/TCP', 1)),
    ]);
    expect(disagreements).toEqual([
      {
        frontend: '10.96.0.9:80/TCP',
        forms: [
          { row: 'ClusterIP 10.1.1.1:8080/TCP', nodes: ['n1', 'n3'] },
          { row: undefined, nodes: ['n2'] },
          { row: 'ClusterIP 10.1.2.1:8080/TCP', nodes: ['n4'] },
        ],
        hasMajority: true,
      },
    ]);
  });

  it.each([
    [['x', 'y'], false],
    [['x', 'x', 'y', 'y'], false],
    [['x', 'x', 'y', 'y', 'z'], false],
    [['x', 'x', 'x', 'y', 'y'], true],
    [['x', 'x', 'y', 'z'], true],
  ])('a tie has no majority: %j', (backends, hasMajority) => {
    const address = { x: '10.1.1.1:8080/TCP', y: '10.1.1.2:8080/TCP', z: '10.1.1.3:8080/TCP' };
    const nodes = backends.map((name, at) =>
      node(`n${at}`, frontend('10.96.0.9:80/TCP', address[name as keyof typeof address], 1)),
    );
    expect(compareNodes(nodes)).toMatchObject([{ hasMajority }]);
  });

  const local = (backend: string): string => usual + frontend('10.96.0.10:80/TCP', backend, 2);

  it('does not compare what may differ: policy Local', () => {
    expect(compareNodes([node('n1', local('10.1.1.1:8080/TCP')), node('n2', local('10.1.2.1:8080/TCP'))])).toEqual([]);
  });

  it('compares what nobody asks for', () => {
    const orphan = usual + frontend('10.96.9.9:80/TCP', '10.1.1.1:8080/TCP', 2);
    const disagreements = compareNodes([node('n1', usual), node('n2', usual), node('n3', orphan)]);
    expect(disagreements).toMatchObject([
      { frontend: '10.96.9.9:80/TCP', forms: [{ row: undefined, nodes: ['n1', 'n2'] }, { nodes: ['n3'] }] },
    ]);
  });

  it('tells which node lost a frontend, on recorded tables', () => {
    const sample = '1.20.1';
    const read = (name: string, edit: (text: string) => string = (same) => same) => ({
      node: name,
      expected: sampleExpectation(sample, name),
      found: parseMapsDump(edit(sampleText(sample, name, 'lb-maps-dump.txt'))),
    });
    const third = { ...read('n1'), node: 'n3' };
    const broken = read('n2', (text) => text.replaceAll(/^SVC: .*ADDR=10\.96\.0\.10:53\/UDP .*\n/gm, ''));
    const disagreements = compareNodes([read('n1'), broken, third]);
    expect(disagreements).toMatchObject([
      { frontend: '10.96.0.10:53/UDP', forms: [{ nodes: ['n1', 'n3'] }, { row: undefined, nodes: ['n2'] }] },
    ]);
  });
});
