import { describe, expect, test } from 'vitest';
import { type Branch, branches } from '../../src/knowledge/releases.ts';
import { changedDefaults, configOf, isSetIn } from '../../src/values/changedDefaults.ts';
import { judgeConfig } from '../../src/values/judgeConfig.ts';
import type { KeyVerdict } from '../../src/values/KeyVerdict.ts';
import { chartFor, withoutCluster } from './support.ts';

const step = async (before: Branch, after: Branch) => ({
  before: await chartFor(before),
  after: await chartFor(after),
});

/** `authentication.enabled behaviour` */
const named = (verdicts: readonly KeyVerdict[]): string[] => verdicts.map(({ key, kind }) => `${key} ${kind}`);

async function changed(before: Branch, after: Branch, values = {}): Promise<readonly KeyVerdict[]> {
  const charts = await step(before, after);
  const configs = {
    before: configOf(charts.before, values, withoutCluster),
    after: configOf(charts.after, values, withoutCluster),
  };
  return changedDefaults(charts, configs, isSetIn(values));
}

describe('what charts make of the same values', () => {
  test('a default that changes is told with what keeps it, and changes nothing else', async () => {
    const verdicts = await changed('1.18', '1.19');
    expect(named(verdicts)).toContain('authentication.enabled behaviour');
    const kept = verdicts.find(({ key }) => key === 'authentication.enabled');
    expect(kept).toMatchObject({ severity: 'info', refused: false });
    expect(kept?.message).toContain('authentication.enabled=true keeps it');
  });

  test('what somebody has set has no default', async () => {
    expect(named(await changed('1.18', '1.19', { authentication: { enabled: true } }))).not.toContain(
      'authentication.enabled behaviour',
    );
  });

  test('what is new and concerns Services is told where it is on', async () => {
    const keys = named(await changed('1.18', '1.19'));
    expect(keys).toContain('enableNoServiceEndpointsRoutable behaviour');
    expect(keys).not.toContain('loadBalancer.serviceTopology behaviour');
  });

  test('an interval that is written with its unit is the same', async () => {
    const verdicts = await changed('1.18', '1.19');
    expect(verdicts.filter(({ message }) => message.includes('unmanaged-pod-watcher-interval'))).toEqual([]);
  });

  test.each(branches)('nothing changes from %s to itself', async (branch) => {
    expect(await changed(branch, branch)).toEqual([]);
  });
});

describe('cilium-config as it is, without the values', () => {
  const usual = { kubeProxyReplacement: true, k8sServiceHost: 'api.example.net', k8sServicePort: 6443 };

  const verdictsOf = async (before: Branch, after: Branch, set: Readonly<Record<string, string>> = {}) => {
    const charts = await step(before, after);
    const live = new Map([...configOf(charts.before, usual, withoutCluster), ...Object.entries(set)]);
    return judgeConfig(live, charts, withoutCluster);
  };

  test('follows new defaults, and keeps what was set', async () => {
    const { config, verdicts } = await verdictsOf('1.18', '1.19', { 'bpf-lb-map-max': '131072' });
    expect(config.get('policy-default-local-cluster')).toBe('true');
    expect(config.get('kube-proxy-replacement')).toBe('true');
    expect(config.get('bpf-lb-map-max')).toBe('131072');
    expect(verdicts.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  test('agents that would refuse it are found before they do', async () => {
    const { verdicts } = await verdictsOf('1.19', '1.20', { 'bpf-lb-mode': 'dsr' });
    expect(verdicts).toContainEqual(
      expect.objectContaining({ key: 'loadBalancer.mode', kind: 'agentRefuses', severity: 'error' }),
    );
  });

  test('an option that the next chart does not write is told', async () => {
    const { verdicts, config } = await verdictsOf('1.18', '1.19', { 'enable-svc-source-range-check': 'false' });
    expect(verdicts).toContainEqual(expect.objectContaining({ kind: 'removed', severity: 'warning' }));
    expect(config.has('enable-svc-source-range-check')).toBe(false);
  });

  test('what no chart writes came by extraConfig, and stays', async () => {
    const { verdicts, config } = await verdictsOf('1.19', '1.20', { 'some-option': 'x' });
    expect(config.get('some-option')).toBe('x');
    expect(verdicts.filter(({ message }) => message.includes('some-option'))).toEqual([]);
  });
});
