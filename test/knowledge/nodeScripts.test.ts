import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { agentPrograms, nftTablesPerl } from '../../src/programs/programs.ts';
import { Namespace, whyNoNamespace } from '../remedy/cleanup/Namespace.ts';

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

const tracked = '/proc/sys/net/netfilter';
const list = '/proc/net/nf_conntrack';
/** A folder with this number of tracked connections. */
function tracking(count: string) {
  const of = mkdtempSync(path.join(folder, 'netfilter-'));
  writeFileSync(path.join(of, 'nf_conntrack_count'), count);
  return { [tracked]: of };
}
const few = tracking('4\n');

test('of all UDP entries, those that are translated, also to another port of the same address', () => {
  const { stdout, status } = run(agentPrograms.conntrack, { ...few, [list]: fixture('conntrack-all.txt') });
  expect(status).toBe(0);
  expect(
    stdout
      .split('\n')
      .map((line) => / dport=(\d+) /.exec(line)?.[1])
      .slice(0, 3),
  ).toEqual(['53', '53', '30053']);
});

const tcpLine = (state: string, to: string, port: number): string =>
  `ipv4     2 tcp      6 102 ${state} src=10.0.0.1 dst=${to} sport=54850 dport=${port} src=10.0.0.9 dst=10.0.0.1 sport=6443 dport=54850 [ASSURED] mark=0 zone=0 use=2\n`;

test('of TCP, open connections that are translated are counted by where they go', () => {
  const tcp = file(
    'tcp',
    [
      tcpLine('TIME_WAIT', '10.96.0.1', 443),
      tcpLine('ESTABLISHED', '10.96.0.1', 443),
      tcpLine('ESTABLISHED', '10.96.0.1', 443),
      tcpLine('ESTABLISHED', '172.30.0.11', 30_080),
      tcpLine('ESTABLISHED', '10.0.0.9', 6443),
    ].join(''),
  );
  const { stdout, status } = run(agentPrograms.conntrack, { ...few, [list]: tcp });
  expect(status).toBe(0);
  expect(stdout.trimEnd().split('\n').toSorted()).toEqual([
    'tcp 1 172.30.0.11 30080',
    'tcp 2 10.96.0.1 443',
    'tcp all 3',
  ]);
});

test('of TCP no more places are told than 500, and all are counted', () => {
  const lines = Array.from({ length: 600 }, (_, at) => tcpLine('ESTABLISHED', '10.96.0.1', 1000 + at));
  const { stdout } = run(agentPrograms.conntrack, { ...few, [list]: file('places', lines.join('')) });
  expect(stdout.trimEnd().split('\n')).toHaveLength(501);
  expect(stdout).toContain('tcp all 600');
});

test('how many more there are is told instead of printed', () => {
  const line =
    'ipv4     2 udp      17 29 src=10.0.0.1 dst=10.96.0.10 sport=40755 dport=53 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=53 dport=40755 mark=0 zone=0 use=2\n';
  const { stdout } = run(agentPrograms.conntrack, { ...few, [list]: file('many', line.repeat(2003)) });
  expect(stdout.split('\n').slice(-3)).toEqual(['left 3', 'tcp all 0', '']);
});

test('a kernel that tracks nothing has no entries', () => {
  expect(run(agentPrograms.conntrack, { [tracked]: folder })).toEqual({ stdout: '', stderr: '', status: 0 });
});

test('a kernel that does not show them, or too many, is no empty list', () => {
  const none = run(agentPrograms.conntrack, { [list]: '/nonexistent', ...tracking('4\n') });
  expect(none).toEqual({ stdout: '', status: 127, stderr: 'no file, or too many' });
  const many = run(agentPrograms.conntrack, { ...tracking('500000\n'), [list]: fixture('conntrack-all.txt') });
  expect(many).toEqual({ stdout: '', status: 127, stderr: 'no file, or too many' });
});

test('without perl and nft, nothing is known of nftables, which is no empty list', () => {
  const { stdout, status } = run(agentPrograms.nftTables, {
    'hash perl': 'false',
    'exec nft': 'exec /nonexistent/nft',
  });
  expect({ stdout, status }).toEqual({ stdout: '', status: 127 });
});

const whyNot = whyNoNamespace();
test.skipIf(whyNot !== undefined)(
  'the tables of all families, from the kernel itself, in its own numbers',
  async () => {
    const ns = await Namespace.open();
    const list = (): Promise<string> => ns.must(`set -- "$(cat)"; ${agentPrograms.nftTables}`, nftTablesPerl);
    expect(await list()).toBe('');
    const long = 'long-name_'.repeat(20);
    await ns.must(
      `nft 'add table ip kube-proxy; add chain ip kube-proxy a; add chain ip kube-proxy b; add set ip kube-proxy s { type ipv4_addr; }; add table ip6 kube-proxy; add table inet ${long}'`,
    );
    expect((await list()).split('\n').toSorted()).toEqual(['', `1 ${long} 0`, '10 kube-proxy 0', '2 kube-proxy 2']);
    await ns.must(`for i in $(seq 600); do echo "table ip t$i { }"; done | nft -f -`);
    expect((await list()).trimEnd().split('\n')).toHaveLength(603);
    ns.close();
  },
);
