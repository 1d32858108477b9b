import { describe, expect, test } from 'vitest';
import { evidenceOf, type Seen } from '../../src/core/Evidence.ts';
import type { NodeFactName } from '../../src/model/NodeFacts.ts';
import type { ClusterFactName } from '../../src/model/Snapshot.ts';

describe('evidence is', () => {
  test.each<[string, Seen, object]>([
    ['one line', 'a', { command: 'show', lines: ['a'] }],
    ['several', 'a\nb\n', { command: 'show', lines: ['a', 'b'] }],
    ['none', '', { command: 'show', lines: [] }],
    [
      'lines of which one decides',
      { lines: ['a', 'b'], decides: 1 },
      { command: 'show', lines: ['a', 'b'], decides: 1 },
    ],
    ['by the command that printed them', { lines: ['a'], command: 'other' }, { command: 'other', lines: ['a'] }],
  ])('%s', (_, seen, expected) => {
    expect(evidenceOf('kernel', 'show', seen)).toEqual(expected);
  });

  test.each<[string, string, string]>([
    ['fd00::a', "bash -c '</dev/tcp/10.96.0.10/53 && echo open'", "bash -c '</dev/tcp/fd00::a/5353 && echo open'"],
    ['10.244.1.9', 'bash -c "</dev/tcp/POD-IP/80"', 'bash -c "</dev/tcp/10.244.1.9/5353'],
    ['$(reboot)', "bash -c '</dev/tcp/10.96.0.10/53'", "bash -c '</dev/tcp/10.96.0.10/53'"],
    ['10.244.1.9', 'cilium-dbg status', 'cilium-dbg status'],
  ])('of one of the places that a probe tried, %s: %s', (address, source, command) => {
    const seen = { lines: ['lost'], at: { address, port: 5353 } };
    expect(evidenceOf('dnsProbe', source, seen).command).toContain(command);
  });

  test('of a node, and without a command where none is known', () => {
    expect(evidenceOf('kernel', '', 'a', 'n1')).toEqual({ node: 'n1', command: '', lines: ['a'] });
  });
});

describe('its command ends in the grep that shows the lines', () => {
  test.each<[NodeFactName | ClusterFactName, string, string, string]>([
    [
      'lbTable',
      'kubectl exec p -- x',
      '10.96.0.10:53/UDP -> (nothing)',
      'kubectl exec p -- x | grep -F 10.96.0.10:53/UDP',
    ],
    [
      'lbTable',
      'kubectl exec p -- x',
      '[fd00::a]:53/UDP -> (nothing)',
      "kubectl exec p -- x | grep -F '[fd00::a]:53/UDP'",
    ],
    ['lbTable', 'kubectl exec p -- x', 'the agent started 70 s before', 'kubectl exec p -- x'],
    [
      'iptables',
      'cat f',
      '-A INPUT -m comment --comment "a b" -j KUBE-NODEPORTS',
      "cat f | grep -F -e '-j KUBE-NODEPORTS'",
    ],
    ['iptables', 'cat f', '-A FORWARD -s 10.0.0.0/8 -j DROP (3 packets)', "cat f | grep -F -e '-s 10.0.0.0/8 -j DROP'"],
    ['iptables', 'cat f', "-A X -m comment --comment $(b)' -j R", "cat f | grep -F -e '--comment $(b)'\\'' -j R'"],
    ['iptables', 'cat f', ':KUBE-IPVS-FILTER', 'cat f | grep -F :KUBE-IPVS-FILTER'],
    ['iptables', 'cat f', 'nft IPv4: 38 chains, 110 rules', 'cat f'],
    ['status', 'cat f', 'KubeProxyReplacement: False', 'cat f | grep -F KubeProxyReplacement:'],
    ['status', 'cat f', 'no answer within 5 s', 'cat f'],
    ['metrics', 'cat f', 'cilium_bpf_map_pressure{map_name="lb4_services_v2"} 1', 'cat f | grep -F lb4_services_v2'],
    ['services', 'kubectl get services -A -o json', 'a.io/b: "c"', 'kubectl get services -A -o json | grep -F a.io/b'],
    [
      'services',
      'kubectl get services -A -o json',
      'shop/cart: nodePort 31080',
      'kubectl get services -A -o wide | grep -F 31080',
    ],
    [
      'endpointSlices',
      'kubectl get endpointslices -A -o json',
      'no ready endpoint: default/empty',
      'kubectl get endpointslices -A -o wide | grep -F empty',
    ],
    [
      'endpointSlices',
      'kubectl get endpointslices -n a -o json, kubectl get endpointslices -n b -o json',
      'default/empty',
      'kubectl get endpointslices -n a -o json, kubectl get endpointslices -n b -o json',
    ],
    ['endpointSlices', 'the capture’s endpointSlices', 'default/empty', 'the capture’s endpointSlices'],
  ])('%s by %s: %s', (fact, source, line, command) => {
    expect(evidenceOf(fact, source, line).command).toBe(command);
  });

  test.each<[ClusterFactName, string, readonly string[], string]>([
    ['systemPods', 'kubectl get pods -A -o json', ['cilium-n1'], 'kubectl get pods -A -o wide | grep -F cilium-n1'],
    [
      'systemPods',
      'unzip -p x.zip k8s-pods.yaml',
      ['cilium-n1', 'cilium-n2'],
      String.raw`unzip -p x.zip k8s-pods.yaml | awk -v RS='\n- ' '/cilium-n1|cilium-n2/{sub(/.*\n  status:/,"  status:");print}'`,
    ],
    ['nodes', 'cat f', ['n1.example'], String.raw`cat f | awk -v RS='\n- ' '/n1[.]example/'`],
    ['pods', 'kubectl get pods -A -o json', [], 'kubectl get pods -A -o json'],
  ])('%s by the names of objects: %s of %j', (fact, source, of, command) => {
    expect(evidenceOf(fact, source, { lines: ['whatever was seen of it'], of }).command).toBe(command);
  });

  test('for the line that decides first, and for no more than three', () => {
    const lines = ['a', 'b', 'c', 'd', 'e'].map((name) => `:${name}`);
    expect(evidenceOf('iptables', 'cat f', { lines, decides: 3 }).command).toBe('cat f | grep -F -e :d -e :e -e :a');
  });
});
