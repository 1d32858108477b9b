import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { conntrackScript } from '../../src/knowledge/conntrackScript.ts';
import { nftTablesScript } from '../../src/knowledge/nftTablesScript.ts';

/** Scripts for nodes, run here on recorded files in place of the kernel's. */
const folder = mkdtempSync(path.join(tmpdir(), 'kpr-scripts-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (name: string): string => new URL(`../fixtures/kube-proxy/${name}`, import.meta.url).pathname;
const file = (name: string, text: string): string => {
  const at = path.join(folder, name);
  writeFileSync(at, text);
  return at;
};
const run = (script: string, replaced: Readonly<Record<string, string>>) => {
  const text = Object.entries(replaced).reduce((so, [what, by]) => so.replaceAll(what, by), script);
  const { stdout, stderr, status } = spawnSync('bash', ['-c', text], { encoding: 'utf8' });
  return { stdout, stderr: stderr.trim(), status };
};

const tracked = '/proc/sys/net/netfilter/nf_conntrack_count';
const list = '/proc/net/nf_conntrack';
const count = file('count', '4\n');

test('of all UDP entries, those that are translated, also to another port of the same address', () => {
  const { stdout, status } = run(conntrackScript, { [tracked]: count, [list]: fixture('conntrack-all.txt') });
  expect(status).toBe(0);
  expect(stdout.split('\n').map((line) => / dport=(\d+) /.exec(line)?.[1])).toEqual(['53', '53', '30053', undefined]);
});

test('TCP is not looked at', () => {
  const tcp = file(
    'tcp',
    'ipv4     2 tcp      6 102 TIME_WAIT src=10.0.0.1 dst=10.96.0.1 sport=54850 dport=443 src=10.0.0.9 dst=10.0.0.1 sport=6443 dport=54850 [ASSURED] mark=0 zone=0 use=2\n',
  );
  expect(run(conntrackScript, { [tracked]: count, [list]: tcp })).toEqual({ stdout: '', stderr: '', status: 0 });
});

test('how many more there are is told instead of printed', () => {
  const line =
    'ipv4     2 udp      17 29 src=10.0.0.1 dst=10.96.0.10 sport=40755 dport=53 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=53 dport=40755 mark=0 zone=0 use=2\n';
  const { stdout } = run(conntrackScript, { [tracked]: count, [list]: file('many', line.repeat(2003)) });
  expect(stdout.split('\n').slice(-2)).toEqual(['left 3', '']);
});

test('a kernel that tracks nothing has no entries', () => {
  expect(run(conntrackScript, { [tracked]: '/nonexistent' })).toEqual({ stdout: '', stderr: '', status: 0 });
});

test('a kernel that does not show them, or too many, is no empty list', () => {
  const none = run(conntrackScript, { [list]: '/nonexistent', [tracked]: count });
  expect(none).toMatchObject({ stdout: '', status: 127 });
  expect(none.stderr).toContain('does not show its connections');
  const many = run(conntrackScript, { [tracked]: file('toomany', '500001\n'), [list]: fixture('conntrack-all.txt') });
  expect(many).toMatchObject({ stdout: '', status: 127, stderr: '500001 connections are tracked, too many to list' });
});

const without = { 'command -v perl': 'false', 'command -v nft': 'false' };
const modules = (name: string, loaded: string, builtIn: string) => ({
  ...without,
  '/proc/modules': file(`${name}-modules`, loaded),
  '/lib/modules/$(uname -r)/modules.builtin': file(`${name}-builtin`, builtIn),
});

test.each([
  ['is not there', modules('none', 'nft_compat 20480 5 - Live 0x0\n', 'kernel/net/netfilter/nf_tables.ko\n'), 0],
  ['is loaded', modules('loaded', 'nft_numgen 16384 8 - Live 0x0\n', ''), 127],
  ['is built in', modules('builtIn', '', 'kernel/net/netfilter/nft_numgen.ko\n'), 127],
  ['is not known', { ...without, '/proc/modules': '/nonexistent' }, 127],
])('without perl and nft: what kube-proxy’s rules need %s', (_, replaced, status) => {
  const outcome = run(nftTablesScript, replaced);
  expect(outcome).toMatchObject({ stdout: '', status });
  expect(outcome.stderr).toBe(status === 0 ? '' : 'neither perl nor nft is there to ask for nftables');
});
