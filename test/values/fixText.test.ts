import { describe, expect, test } from 'vitest';
import { chartOf } from '../../src/knowledge/charts/index.ts';
import { fixText } from '../../src/values/fixText.ts';
import { repairOf } from '../../src/values/KeyVerdict.ts';
import { judged } from './support.ts';

const { keys } = await chartOf('1.20');

async function fixed(text: string): Promise<{ readonly text: string; readonly left: number }> {
  const { verdicts } = await judged(text);
  const repairs = verdicts.flatMap((one) => repairOf(one) ?? []);
  const { text: after, left } = fixText(text, 'values.yaml', keys, repairs);
  return { text: after, left: left.length };
}

describe('a file of values is made right, line by line', () => {
  test.each([
    [
      'a name',
      'masquerade: false # no\nipam:\n  mode: eni\neni: {enabled: true}\n',
      'enableIPv4Masquerade: false # no\nipam:\n  mode: eni\neni: {enabled: true}\n',
    ],
    ['a value', '# all\nkubeProxyReplacement: "disabled"   # off\n', '# all\nkubeProxyReplacement: false   # off\n'],
    [
      'one value that became two',
      'tunnel: geneve # why\n',
      'routingMode: tunnel # why\ntunnelProtocol: geneve # why\n',
    ],
    ['a type', 'hubble:\n  enabled: "false"\n', 'hubble:\n  enabled: false\n'],
    [
      'a text that became a list',
      'ipam:\n  operator:\n    clusterPoolIPv4PodCIDR: 10.9.0.0/16\n',
      'ipam:\n  operator:\n    clusterPoolIPv4PodCIDRList:\n      - 10.9.0.0/16\n',
    ],
    [
      'a map with its comments',
      'hubble:\n  # for Prometheus\n  serviceMonitor:\n    # yes\n    enabled: false\n  enabled: true\n',
      'hubble:\n  metrics:\n    # for Prometheus\n    serviceMonitor:\n      # yes\n      enabled: false\n  enabled: true\n',
    ],
    [
      'a key below one that is there',
      'encryption:\n  secretName: keys\n  ipsec:\n    keyFile: keys\n',
      'encryption:\n  ipsec:\n    secretName: keys\n    keyFile: keys\n',
    ],
    [
      'what has gone',
      'a: &a {}\nexternalIPs:\n  enabled: true\n\n# next\nhubble: {enabled: false}\n',
      'a: &a {}\n\n# next\nhubble: {enabled: false}\n',
    ],
    ['the last key of a map', 'nodePort:\n  enabled: true\nhubble:\n  enabled: false\n', 'hubble:\n  enabled: false\n'],
    ['a key with a dot', 'ipam.mode: kubernetes\n', 'ipam:\n  mode: kubernetes\n'],
    [
      'line ends of Windows',
      'masquerade: false\r\nhubble:\r\n  enabled: false\r\n',
      'enableIPv4Masquerade: false\r\nhubble:\r\n  enabled: false\r\n',
    ],
    ['what marks a text as UTF-8', '\uFEFFmasquerade: false', '\uFEFFenableIPv4Masquerade: false'],
    [
      'a comment behind a text that became a list',
      'ipam:\n  operator:\n    clusterPoolIPv4PodCIDR: "10.9.0.0/16"   # don’t "touch" it\n',
      'ipam:\n  operator:\n    clusterPoolIPv4PodCIDRList:   # don’t "touch" it\n      - "10.9.0.0/16"\n',
    ],
    ['a comment with a quote', "tunnel: disabled # it's native\n", "routingMode: native # it's native\n"],
    [
      'a text with what looks like a comment',
      'tunnel: "x # y" # z\n',
      'routingMode: tunnel # z\ntunnelProtocol: "x # y" # z\n',
    ],
    [
      'a map with its comments, of which a member goes',
      'hostServices:\n  # all\n  enabled: true # yes\n  # gone\n  protocols: tcp\n',
      'socketLB:\n  # all\n  enabled: true # yes\n  # gone\n',
    ],
    [
      'placeholders stay in a list',
      'ipam:\n  operator:\n    clusterPoolIPv4PodCIDR: ${CIDR}\n',
      'ipam:\n  operator:\n    clusterPoolIPv4PodCIDRList:\n      - ${CIDR}\n',
    ],
    [
      'a key without a value',
      'hubble: # later\n  # relay: {}\n\n  # ui: {}\nk8sServiceHost: a\n',
      'hubble: {} # later\n  # relay: {}\n\n  # ui: {}\nk8sServiceHost: a\n',
    ],
    ['placeholders stay', 'nativeRoutingCIDR: ${CIDR}\n', 'ipv4NativeRoutingCIDR: ${CIDR}\n'],
    [
      'below another chart',
      'cilium:\n  kubeProxyReplacement: disabled\nother: 1\n',
      'cilium:\n  kubeProxyReplacement: false\nother: 1\n',
    ],
  ])('%s', async (_, before, after) => {
    expect(await fixed(before)).toEqual({ text: after, left: 0 });
  });

  test('in a text inside an object', async () => {
    const before =
      'apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: cilium}\nspec:\n  valuesContent: |-\n    kubeProxyReplacement: disabled\n    nodePort:\n      enabled: true\n';
    expect(await fixed(before)).toEqual({
      text: before.replace('disabled', 'false').replace('    nodePort:\n      enabled: true\n', ''),
      left: 0,
    });
  });

  test('in a member of a list, the first key of which has a dash before it', async () => {
    const before =
      'releases:\n  - name: cilium\n    values:\n      - tunnel: vxlan # all\n        kubeProxyReplacement: disabled\n      - kubeProxyReplacement: "strict"\n        k8sServiceHost: a\n';
    const { text, left } = await fixed(before);
    expect([text, left]).toEqual([
      before
        .replace('- tunnel: vxlan # all', '- routingMode: tunnel # all\n        tunnelProtocol: vxlan # all')
        .replace('"strict"', 'true'),
      0,
    ]);
  });

  test.each(['bpf: {masquarade: true}\n', 'encryption: {secretName: keys}\n'])(
    '%j is left to a person, because it would not stay as it is laid out',
    async (text) => {
      expect(await fixed(text)).toEqual({ text, left: 1 });
    },
  );

  test.each(['bgp:\n  enabled: true\n', 'something: else\n', 'kubeProxyReplacement: partial\n'])(
    '%j needs a decision',
    async (text) => {
      expect((await fixed(text)).text).toBe(text);
    },
  );

  test('and then nothing of it is left to find', async () => {
    const text =
      'kubeProxyReplacement: strict\nk8sServiceHost: a.example.net\nk8sServicePort: 6443\ntunnel: vxlan\nmasquerade: true\nhostServices:\n  enabled: true\n  protocols: tcp\nbpf:\n  clockProbe: false\n';
    expect((await judged((await fixed(text)).text)).verdicts).toEqual([]);
  });
});
