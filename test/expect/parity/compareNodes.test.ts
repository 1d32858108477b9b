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

  it('groups those that hold the same, the largest group first', () => {
    const groups = compareNodes([
      node('n1', usual),
      node('n2', ''),
      // Other IDs are no difference.
      node('n3', frontend('10.96.0.9:80/TCP', '10.1.1.1:8080/TCP', 7)),
      node('n4', frontend('10.96.0.9:80/TCP', '10.1.2.1:8080/TCP', 1)),
    ]);
    expect(groups.map(({ nodes, differs }) => ({ nodes, differs }))).toEqual([
      { nodes: ['n1', 'n3'], differs: [] },
      {
        nodes: ['n2'],
        differs: [
          {
            frontend: '10.96.0.9:80/TCP',
            here: undefined,
            majority: 'ClusterIP 10.1.1.1:8080/TCP',
          },
        ],
      },
      {
        nodes: ['n4'],
        differs: [
          {
            frontend: '10.96.0.9:80/TCP',
            here: 'ClusterIP 10.1.2.1:8080/TCP',
            majority: 'ClusterIP 10.1.1.1:8080/TCP',
          },
        ],
      },
    ]);
  });

  const local = (backend: string): string => usual + frontend('10.96.0.10:80/TCP', backend, 2);

  it('does not compare what may differ: policy Local', () => {
    expect(compareNodes([node('n1', local('10.1.1.1:8080/TCP')), node('n2', local('10.1.2.1:8080/TCP'))])).toHaveLength(
      1,
    );
  });

  it('compares what nobody asks for', () => {
    const orphan = usual + frontend('10.96.9.9:80/TCP', '10.1.1.1:8080/TCP', 2);
    const groups = compareNodes([node('n1', usual), node('n2', usual), node('n3', orphan)]);
    expect(groups.map(({ nodes }) => nodes)).toEqual([['n1', 'n2'], ['n3']]);
    expect(groups[1]?.differs.map((one) => one.frontend)).toEqual(['10.96.9.9:80/TCP']);
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
    const groups = compareNodes([read('n1'), broken, third]);
    expect(groups.map(({ nodes, differs }) => [nodes, differs.map((one) => one.frontend)])).toEqual([
      [['n1', 'n3'], []],
      [['n2'], ['10.96.0.10:53/UDP']],
    ]);
  });
});
