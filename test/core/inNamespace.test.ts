import { expect, test } from 'vitest';
import { kpr6001 } from '../../checks/dns/problems/KPR6001.ts';
import { pass } from '../../src/core/Outcome.ts';
import type { Finding } from '../../src/core/Finding.ts';
import { inNamespace } from '../../src/core/inNamespace.ts';
import type { CheckResult, Unknown } from '../../src/core/runChecks.ts';
import { missing } from '../../src/model/Fact.ts';
import { aCheck, aFinding } from './snapshots.ts';

const check = aCheck('rule', () => pass);
const failed = (findings: Finding[], unknowns: Unknown[] = []): CheckResult => ({
  check,
  result: 'fail',
  findings,
  unknowns,
});
const here = aFinding({ objects: [{ kind: 'Service', namespace: 'shop', name: 'cart' }] });
const elsewhere = aFinding({ objects: [{ kind: 'Service', namespace: 'kube-system', name: 'kube-dns' }] });
const alsoHere = aFinding({ objects: [...elsewhere.objects, ...here.objects] });
const onNode = aFinding({ nodes: ['n1'] });
const aboutAgents = aFinding({ objects: [{ kind: 'DaemonSet', namespace: 'kube-system', name: 'cilium' }] });
const dnsDown = aFinding({ objects: elsewhere.objects, problem: kpr6001 });
const unknown = { node: 'n1', fact: undefined, why: missing('timeout', 'no answer') };

test.each<[string, CheckResult, CheckResult]>([
  [
    'Services of the namespace, nodes and agents stay',
    failed([here, elsewhere, onNode, aboutAgents]),
    failed([here, onNode, aboutAgents]),
  ],
  ['so does what is about a Service of the namespace among others', failed([alsoHere]), failed([alsoHere])],
  ['cluster DNS is everybody’s', failed([dnsDown]), failed([dnsDown])],
  ['nothing left is a pass', failed([elsewhere]), { check, result: 'pass' }],
  [
    'nothing left but unknowns is unknown in part',
    failed([elsewhere], [unknown]),
    { check, result: 'unknown', unknowns: [unknown], isPartial: true },
  ],
  [
    'unknown stays unknown',
    { check, result: 'unknown', unknowns: [unknown], isPartial: false },
    { check, result: 'unknown', unknowns: [unknown], isPartial: false },
  ],
])('%s', (_, before, after) => {
  expect(inNamespace([before], 'shop')).toEqual([after]);
});
