import { expect, test } from 'vitest';
import { proxyFor } from '../../../src/collect/live/proxyFor.ts';

const proxy = 'http://proxy:3128';

test.each<[server: string, noProxy: string, proxied: boolean]>([
  ['https://k8s.example.com:6443', '', true],
  ['https://localhost:6443', '', false],
  ['https://127.0.0.1:6443', '', false],
  ['https://127.8.8.8:6443', '', false],
  ['https://[::1]:6443', '', false],
  ['https://k8s.example.com', '*', false],
  ['https://k8s.example.com', 'other.com, k8s.example.com', false],
  ['https://k8s.example.com', 'example.com', false],
  ['https://k8s.example.com', '.example.com', false],
  ['https://k8s.example.com', '*.example.com', false],
  ['https://K8S.Example.com', 'EXAMPLE.COM', false],
  ['https://example.com', '.example.com', true],
  ['https://example.com', '*.example.com', true],
  ['https://k8s-example.com', 'example.com', true],
  ['https://k8s.example.com:6443', 'example.com:6443', false],
  ['https://k8s.example.com:6443', 'example.com:443', true],
  ['https://k8s.example.com', 'example.com:443', false],
  ['https://10.1.2.3:6443', '10.0.0.0/8', false],
  ['https://11.1.2.3:6443', '10.0.0.0/8', true],
  ['https://10.1.2.3:6443', '10.1.2.3', false],
  ['https://10.1.2.3:6443', '10.1.2.3:6443', false],
  ['https://10.1.2.3:6443', '10.1.2.3:443', true],
  ['https://10.1.2.3:6443', '10.1.2', true],
  ['https://[fd00::5]:6443', 'fd00::/64', false],
  ['https://[fd00::5]:6443', '[fd00::5]', false],
  ['https://[fd00::5]:6443', 'fd00:0::5', false],
  ['https://[fd00::5]:6443', '[fd00::5]:6443', false],
  ['https://[fd00::5]:6443', '[fd00::5]:443', true],
  ['https://k8s.example.com', '10.0.0.0/8,,  ,10.0.0.0/99,:443,[', true],
])('%s with NO_PROXY=%s', (server, noProxy, proxied) => {
  expect(proxyFor(server, { HTTPS_PROXY: proxy, NO_PROXY: noProxy })).toBe(proxied ? proxy : undefined);
  expect(proxyFor(server, { https_proxy: proxy, no_proxy: noProxy })).toBe(proxied ? proxy : undefined);
});

test.each([
  ['https://k8s', { HTTP_PROXY: 'http://p' }, undefined],
  ['http://k8s', { HTTP_PROXY: 'http://p' }, 'http://p'],
  ['http://k8s', { HTTPS_PROXY: 'http://p' }, undefined],
  ['https://k8s', { HTTPS_PROXY: 'p:3128' }, 'http://p:3128'],
  ['https://k8s', { HTTPS_PROXY: 'socks5://p:1080' }, 'socks5://p:1080'],
  ['https://k8s', { HTTPS_PROXY: 'http://upper', https_proxy: 'http://lower' }, 'http://upper'],
  ['https://k8s', { HTTPS_PROXY: '' }, undefined],
])('%s with %j', (server, env, expected) => {
  expect(proxyFor(server, env)).toBe(expected);
});
