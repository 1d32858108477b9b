import { expect, test } from 'vitest';
import { answersForKubeProxy, asksForSocketLb } from '../../../src/expect/agent/combinedSettings.ts';
import { startedWith } from '../../support/agentConfigs.ts';

const kpr = { 'kube-proxy-replacement': 'true' };
const sock = { 'bpf-lb-sock': 'true' };
const healthz = { 'kube-proxy-replacement-healthz-bind-address': '0.0.0.0:10256' };

test.each<[string, Readonly<Record<string, string>>, boolean]>([
  ['nothing', {}, false],
  ['the replacement', kpr, true],
  ['itself', sock, true],
  ['itself off, the replacement on', { ...kpr, 'bpf-lb-sock': 'false' }, true],
])('socket load balancing is asked for by %s', (_, texts, expected) => {
  expect(asksForSocketLb(startedWith(texts).settings)).toBe(expected);
});

test.each<[string, Readonly<Record<string, string>>, boolean]>([
  ['with the replacement', { ...kpr, ...healthz }, true],
  ['without it', healthz, false],
  ['at no address', kpr, false],
  ['at another port', { ...kpr, 'kube-proxy-replacement-healthz-bind-address': '0.0.0.0:10257' }, false],
])('kube-proxy’s health is answered %s', (_, texts, expected) => {
  expect(answersForKubeProxy(startedWith(texts).settings)).toBe(expected);
});
