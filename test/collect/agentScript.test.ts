import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { execPath } from '../../src/collect/api/podPaths.ts';
import { agentScript, type DigestWords, type DnsTarget, packedSections } from '../../src/collect/agentScript.ts';
import { readSections } from '../../src/collect/readSections.ts';
import { agentPrograms } from '../../src/programs/programs.ts';
import { parseServiceList } from '../../src/parse/lb/parseServiceList.ts';
import { sampleNames, sampleText } from '../support/lbSamples.ts';
import { agentCommands } from '../../src/knowledge/nodeCommands.ts';
import { missing } from '../../src/model/Fact.ts';
import { type AnswerName, answerNames, type RawAnswer } from '../../src/model/raw.ts';

let programs: string;
beforeAll(() => {
  programs = mkdtempSync(join(tmpdir(), 'kpr-programs-'));
});
afterAll(() => rmSync(programs, { recursive: true }));

/** Runs the real script in a real bash, with programs of ours in front of the PATH. */
function run(
  fakes: Record<string, string>,
  answers: readonly AnswerName[],
  dnsTargets: readonly DnsTarget[] = [],
  limitSeconds = 2,
  packs = false,
  digestWords?: DigestWords,
  agentRows?: readonly string[],
) {
  for (const [name, body] of Object.entries(fakes)) {
    writeFileSync(join(programs, name), `#!/bin/bash\n${body}\n`);
    chmodSync(join(programs, name), 0o755);
  }
  const script = agentScript({
    answers: new Set(answers),
    targets: { dns: dnsTargets, servers: [] },
    marker: 'M4RK',
    limitSeconds,
    packs,
    digestWords,
    agentRows,
  });
  const [shell = '', ...args] = script.command;
  const started = performance.now();
  const { stdout } = spawnSync(shell, args, {
    input: script.stdin,
    env: {
      PATH: `${programs}:${process.env['PATH']}`,
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: '1',
    },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { stdout, seconds: (performance.now() - started) / 1000, sections: sectionsOf(stdout, answers, packs) };
}

const sectionsOf = (stdout: string, asked: readonly AnswerName[], packs = false): Map<string, RawAnswer> =>
  readSections(stdout, asked, {
    ...(packs && { packed: packedSections }),
    marker: 'M4RK',
    limitSeconds: 2,
    commandFor: (name) => name,
    cut: missing('timeout', 'cut'),
  });

const textOf = (answer: RawAnswer | undefined): string | undefined =>
  answer && 'text' in answer ? answer.text : undefined;

/** The length of the path that asks for everything, with so many servers for the DNS probe. */
function requestLine(targets: number): number {
  const server: DnsTarget = { via: 'endpoint', protocol: 'UDP', server: 'fd00:10:244:1::abcd', port: 53 };
  const asked = {
    answers: new Set(answerNames),
    targets: { dns: Array.from({ length: targets }, () => server), servers: [] },
    marker: 'kpr-0123456789abcdef01',
    limitSeconds: 5,
  };
  const target = { namespace: 'cilium-system', pod: 'cilium-abcde', container: 'cilium-agent' };
  return execPath(target, agentScript(asked).command, true).length;
}

// What runs in the agent's container is Linux's bash and coreutils.
describe.runIf(process.platform === 'linux')('agentScript', () => {
  describe('what is long', () => {
    const long = 'for i in {1..20000}; do echo "$* $i ü"; done; echo "to stderr" >&2';
    const asked = ['status', 'serviceList', 'kernel'] as const;

    test('comes compressed where that is asked for, and is the same', () => {
      const plain = run({ 'cilium-dbg': long }, asked);
      const packed = run({ 'cilium-dbg': long }, asked, [], 2, true);
      expect(packed.sections.get('serviceList')).toEqual(plain.sections.get('serviceList'));
      expect(packed.sections.get('status')).toEqual(plain.sections.get('status'));
      expect(packed.stdout.length).toBeLessThan(0.7 * plain.stdout.length);
    });

    const many = 'for i in {1..20000}; do echo "row $i ü"; done';
    test.each([
      [
        'cilium-dbg',
        'frontends',
        `while read -rd $'\\r' line; do printf 'n1> %s\\r\\n' "$line"; ${many}; done; printf 'n1> '`,
      ],
      ['iptables-nft-save', 'iptablesNft', many],
      ['ip6tables-legacy-save', 'ip6tablesLegacy', many],
    ] as const)('so does what %s prints: %s', (program, name, body) => {
      const [plain, packed] = [run({ [program]: body }, [name]), run({ [program]: body }, [name], [], 2, true)];
      expect(plain.sections.get(name)).toMatchObject({ exitCode: 0 });
      expect(packed.sections.get(name)).toEqual(plain.sections.get(name));
      expect(packed.stdout.length).toBeLessThan(0.5 * plain.stdout.length);
      // Changed on the way.
      const cut = packed.stdout.replace(/^H4sI.{400}/m, 'H4sI');
      expect(sectionsOf(cut, [name], true).get(name)).toMatchObject({ missing: 'unparsed', command: name });
    });

    test('ends as its program does: by its status, and by the limit', () => {
      const { sections } = run({ 'cilium-dbg': 'echo some; exit 3' }, ['serviceList'], [], 2, true);
      expect(sections.get('serviceList')).toMatchObject({ exitCode: 3, text: 'some\n' });
      const hung = run({ 'cilium-dbg': 'echo some; sleep 30' }, ['serviceList', 'status'], [], 1, true);
      expect(hung.sections.get('serviceList')).toMatchObject({ missing: 'timeout' });
      expect(hung.seconds).toBeLessThan(10);
    });

    test('is no answer where it was changed on the way', () => {
      const { stdout } = run({ 'cilium-dbg': long }, ['serviceList'], [], 2, true);
      const cut = stdout.replace(/^H4sI.{400}/m, 'H4sI');
      expect(sectionsOf(cut, ['serviceList'], true).get('serviceList')).toMatchObject({ missing: 'unparsed' });
    });
  });

  describe('of the agent’s own table, where some rows will do', () => {
    const rows = ['0.0.0.0 31080', '10.96.0.1 443', '192.0.2.7 80'];
    const narrowed = (body: string) =>
      run({ 'cilium-dbg': body }, ['serviceList'], [], 2, false, undefined, rows).sections.get('serviceList');

    test.each(sampleNames)('says what the agent of Cilium %s knows of these, and of which it says it', (sample) => {
      const file = join(programs, 'service-list.json');
      writeFileSync(file, sampleText(sample, 'n1', 'service-list.json'));
      const answer = narrowed(`cat ${file}`);
      expect(answer).toMatchObject({ exitCode: 0, stderr: '' });
      const table = parseServiceList(textOf(answer) ?? '');
      const all = parseServiceList(sampleText(sample, 'n1', 'service-list.json'));
      expect(table).toMatchObject({ unreadable: undefined, notUnderstood: [], narrowedTo: new Set(rows) });
      const wanted = [...all.frontends.values()].filter(({ address, port }) => rows.includes(`${address} ${port}`));
      expect(wanted.length).toBeGreaterThan(1);
      expect([...table.frontends.values()]).toEqual(wanted);
    });

    test.each([
      ['there are none', '[]\n'],
      ['it has none at all', 'null\n'],
      ['it is printed otherwise', '[{"spec": {"frontend-address": {"ip": "10.96.0.9", "port": 80}}}]\n'],
    ])('says all that was printed where %s', (_, text) => {
      const answer = narrowed(`printf %s '${text}'`);
      expect(answer).toMatchObject({ exitCode: 0, text });
      expect(parseServiceList(text).narrowedTo).toBeUndefined();
    });

    test('fails as the command does', () => {
      expect(narrowed('echo "no agent" >&2; exit 3')).toMatchObject({ exitCode: 3, stderr: 'no agent' });
    });

    test('an entry without an address is passed on, for whoever reads it to say so', () => {
      const entry = '  {\n    "spec": {\n      "id": 7\n    },\n    "status": {}\n  }\n';
      const table = parseServiceList(textOf(narrowed(`printf '[\\n%s]\\n' '${entry}'`)) ?? '');
      expect(table.notUnderstood).toHaveLength(1);
    });
  });

  test('brings each command’s output, status and stderr unmixed', () => {
    const { sections } = run(
      { 'cilium-dbg': 'echo "$*"; echo "to stderr" >&2; exit 3', bpftool: 'printf "[no newline at the end]"' },
      ['status', 'lbFrontends', 'cgroupPrograms', 'kernel'],
    );
    expect(sections.get('status')).toEqual({
      text: 'status -o json\n',
      stderr: 'to stderr',
      exitCode: 3,
      command: 'status',
    });
    expect(textOf(sections.get('lbFrontends'))).toBe('bpf lb list --frontends -o json\n');
    expect(textOf(sections.get('cgroupPrograms'))).toBe('[no newline at the end]');
    expect(textOf(sections.get('kernel'))).toMatch(/^\d+\./);
  });

  describe('rules of which something is known', () => {
    const dump = '*nat\n:KUBE-SERVICES - [0:0]\n[0:0] -A KUBE-SERVICES -j KUBE-X\nCOMMIT\n';
    const words: DigestWords = { maps: ['a', ''], frontends: ['a', ''], rules: new Map([['iptablesNft', ['a', '']]]) };
    const saves = { 'iptables-nft-save': `printf '${dump}'`, 'ip6tables-nft-save': `printf '${dump}'` };
    const asked = ['iptablesNft', 'ip6tablesNft'] as const;

    test('are said in little, the others whole', () => {
      const { sections } = run(saves, asked, [], 5, false, words);
      expect(textOf(sections.get('iptablesNft'))).toMatch(/^digest 1 [0-9a-f]{64}\nbuckets \+{256}\n\*nat\n/);
      expect(textOf(sections.get('ip6tablesNft'))).toBe(dump);
    });

    test('end as their program does', () => {
      const fails = { ...saves, 'iptables-nft-save': `printf '*nat\n'; echo no >&2; exit 3` };
      const { sections } = run(fails, asked, [], 5, false, words);
      expect(sections.get('iptablesNft')).toMatchObject({ exitCode: 3, stderr: 'no' });
    });

    test('come whole where an image has no perl', () => {
      run(saves, [], [], 5);
      const save = join(programs, 'iptables-nft-save');
      const bash = ['-c', agentPrograms.iptablesNft, 'bash', 'exit 1', 'a', '', save];
      const { stdout, status } = spawnSync('/bin/bash', bash, { env: { PATH: programs }, encoding: 'utf8' });
      expect({ stdout, status }).toEqual({ stdout: dump, status: 0 });
    });
  });

  test('a hung agent costs one limit; maps and rules still come', () => {
    const { sections, seconds } = run(
      { 'cilium-dbg': '[ "$1" = bpf ] && { echo "{}"; exit; }; sleep 60' },
      ['status', 'frontends', 'health', 'lbList', 'kernel'],
      [],
      1,
    );
    expect(sections.get('status')).toMatchObject({ missing: 'timeout' });
    expect(sections.get('frontends')).toMatchObject({
      missing: 'timeout',
      detail: expect.stringContaining('not asked'),
    });
    expect(textOf(sections.get('lbList'))).toBe('{}\n');
    expect(textOf(sections.get('kernel'))).toBeDefined();
    expect(seconds).toBeLessThan(3);
  });

  test('more output than pipes hold neither blocks nor is cut', () => {
    const { sections } = run({ 'cilium-dbg': 'head -c 3000000 /dev/zero | tr "\\0" x' }, [
      'lbList',
      'lbFrontends',
      'status',
    ]);
    for (const name of ['lbList', 'lbFrontends', 'status']) expect(textOf(sections.get(name))).toHaveLength(3_000_000);
  });

  test('where bpftool reads the maps, they are not listed as well', () => {
    const { sections } = run({ 'cilium-dbg': 'echo "{}"', bpftool: 'exit 1' }, ['lbDump', 'lbList', 'lbMaps']);
    expect(sections.get('lbDump')).not.toMatchObject({ exitCode: 0 });
    expect(sections.get('lbList')).toMatchObject({ text: '{}\n', exitCode: 0 });
    expect(sections.get('lbMaps')).toMatchObject({ exitCode: 0 });
    const unneeded = sectionsOf('M4RK begin lbList\n\nM4RK end lbList unneeded\n\nM4RK done\n', ['lbList']);
    expect(unneeded.get('lbList')).toMatchObject({ missing: 'notCollected', command: 'lbList' });
  });

  test('what the agent’s shell can tell is typed into one', () => {
    const shell = `printf 'greeting\\r\\n'; while read -rd $'\\r' line; do printf 'n1> %s\\r\\nof %s\\r\\n' "$line" "$line"; done; printf 'n1> '`;
    const { sections, stdout } = run({ 'cilium-dbg': `echo "not a terminal" >&2; ${shell}` }, [
      'frontends',
      'health',
      'metrics',
    ]);
    expect(textOf(sections.get('frontends'))).toBe('of db/show frontends\n');
    expect(textOf(sections.get('health'))).toBe('of db/show health\n');
    expect(textOf(sections.get('metrics'))).toBe(`of ${agentCommands.metrics.shell}\n`);
    expect(stdout.match(/ begin /g)).toHaveLength(1);
    expect(sections.get('health')).toMatchObject({ stderr: '', exitCode: 0, command: 'health' });
  });

  test('without such a shell each says so, and what another command tells is asked by that', () => {
    const { sections } = run(
      { 'cilium-dbg': 'case $1 in shell) echo "unknown command \\"shell\\"" >&2; exit 1;; *) echo "$*";; esac' },
      ['frontends', 'metrics'],
    );
    expect(sections.get('frontends')).toMatchObject({ stderr: 'unknown command "shell"', exitCode: 1 });
    expect(textOf(sections.get('metrics'))).toBe(agentCommands.metrics.words.replaceAll(/\$CILIUM |'/g, '') + '\n');
  });

  test('falls back to the old name of the command line', () => {
    const name = join(programs, 'cilium-dbg');
    rmSync(name, { force: true });
    const { sections } = run({ cilium: 'echo old "$@"' }, ['status']);
    expect(textOf(sections.get('status'))).toBe('old status -o json\n');
  });

  test('what a program prints can’t pass for a section', () => {
    const { sections } = run({ 'cilium-dbg': 'echo; echo "M4RKx end status 0"; echo end' }, ['status']);
    expect(textOf(sections.get('status'))).toContain('M4RKx end status 0');
  });

  test('probes say how a connection failed', () => {
    const { sections } = run(
      {},
      ['apiProbe', 'dnsProbe'],
      [
        { via: 'clusterIP', protocol: 'UDP', server: '127.0.0.1', port: 1 },
        { via: 'endpoint', protocol: 'TCP', server: '127.0.0.1', port: 1 },
      ],
    );
    expect(textOf(sections.get('apiProbe'))).toContain('host=127.0.0.1 port=1 resolved=127.0.0.1 connect=refused');
    expect(textOf(sections.get('dnsProbe'))?.trim().split('\n').sort()).toEqual([
      'clusterIP UDP 127.0.0.1 1 refused Connection refused',
      'endpoint TCP 127.0.0.1 1 refused Connection refused',
    ]);
  });

  test('the request line holds names alone: what is sent to probes makes it no longer', () => {
    // nginx takes 8192 characters, and a proxy's own prefix comes before it.
    expect(requestLine(1)).toBeLessThan(4000);
    expect(requestLine(2000) - requestLine(1)).toBeLessThan(5);
  });

  test('programs that came in part run nothing, and what was asked is missing for how the exec ended', () => {
    const { command, stdin } = agentScript({
      answers: new Set<AnswerName>(['kernel', 'nftTables']),
      targets: { dns: [], servers: [] },
      marker: 'M4RK',
      limitSeconds: 2,
    });
    const [shell = '', ...args] = command;
    const { stdout, status } = spawnSync(shell, args, { input: stdin.subarray(0, 400), encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(sectionsOf(stdout, ['kernel']).get('kernel')).toMatchObject({ missing: 'timeout', detail: 'cut' });
  });
});

describe('readSections', () => {
  const whole =
    'M4RK begin status\n{}\n\nM4RK end status 0 \nM4RK begin kernel\n6.1\n\nM4RK end kernel 0 \n\nM4RK done\n';

  test('whatever is cut off is missing for the reason that cut it', () => {
    for (let length = 0; length <= whole.length; length++) {
      const sections = sectionsOf(whole.slice(0, length), ['status', 'kernel']);
      const status = sections.get('status');
      const kernel = sections.get('kernel');
      expect(status && 'text' in status ? status.text : status?.detail).toMatch(/^(\{\}\n|cut)$/);
      expect(kernel && 'text' in kernel ? kernel.text : kernel?.detail).toMatch(/^(6\.1\n|cut)$/);
    }
  });

  test('a sign of one section that takes two bytes does not double the others', () => {
    const rules = `M4RK begin iptablesNft\n${'[0:0] -A OUTPUT -j ACCEPT\n'.repeat(50)}M4RK end iptablesNft 0 \n`;
    const log = 'M4RK begin agentLog\n117.305µs …\nM4RK end agentLog 0 \n';
    const asked: readonly AnswerName[] = ['iptablesNft', 'agentLog'];
    const text = textOf(sectionsOf(rules + log, asked).get('iptablesNft')) ?? '';
    expect(text).toMatch(/^(?:\[0:0\] -A OUTPUT -j ACCEPT\n?){50}$/);
    expect(serialize(text).length).toBeLessThan(1.5 * text.length);
    expect(textOf(sectionsOf(rules + log, asked).get('agentLog'))).toBe('117.305µs …');
  });

  test('an end line without a number is no end that is well', () => {
    for (const status of ['', ' ', ' no', ' -1', ' 0x0'])
      expect(
        sectionsOf(`M4RK begin kernel\n6.1\n\nM4RK end kernel${status}\n`, ['kernel']).get('kernel'),
      ).toMatchObject({
        missing: 'unparsed',
      });
  });
});
