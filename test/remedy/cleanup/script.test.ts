import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Derivations } from '../../../src/core/Derivations.ts';
import { known } from '../../../src/model/Fact.ts';
import type { IptablesDump } from '../../../src/model/NodeFacts.ts';
import { divideTable } from '../../../src/remedy/cleanup/divideTable.ts';
import type { NodePlan } from '../../../src/remedy/cleanup/NodeCleanup.ts';
import { planNode } from '../../../src/remedy/cleanup/planNode.ts';
import { planTable } from '../../../src/remedy/cleanup/planTable.ts';
import { renderScript } from '../../../src/remedy/cleanup/renderScript.ts';
import { aSnapshot, type NodeChanges } from '../../support/aSnapshot.ts';
import { commandOf, Namespace, pairs, type Ran, whyNoNamespace } from './Namespace.ts';
import { fixture, tablesOf } from './tables.ts';

const why = whyNoNamespace();

// The counters of these are objects of the kernel that a namespace does not have by itself.
const recorded = (name: string): string => fixture(name).replaceAll(/ -m nfacct --nfacct-name +\S+/g, '');
const ipv4 = recorded('with-kube-proxy-1.36.txt');
const ipv6 = recorded('with-kube-proxy-1.36-ipv6.txt');

/**
 * What belongs to others on the same node: CRI-O's host port, a firewall's rule before and behind kube-proxy's, a chain
 * that nobody knows.
 */
const others = `*nat
:KUBE-HOSTPORTS - [0:0]
:KUBE-HP-NPX46M4PTMTKRN6Y - [0:0]
:MINE - [0:0]
-A PREROUTING -m comment --comment "kube hostport portals" -m addrtype --dst-type LOCAL -j KUBE-HOSTPORTS
-A PREROUTING -m comment --comment "not \\"kubernetes\\"; -j KUBE-SERVICES" -j MINE
-A KUBE-HOSTPORTS -p tcp -m tcp --dport 8081 -j KUBE-HP-NPX46M4PTMTKRN6Y
-A KUBE-HP-NPX46M4PTMTKRN6Y -p tcp -m tcp -j DNAT --to-destination 10.0.0.9:80
COMMIT
*filter
-I INPUT 1 -s 192.0.2.0/24 -j DROP
-A INPUT -s 198.51.100.0/24 -j ACCEPT
COMMIT
`;
/** A portmap that marks by kube-proxy's chain. */
const portmap = `*nat
:CNI-HOSTPORT-SETMARK - [0:0]
-A CNI-HOSTPORT-SETMARK -m comment --comment "CNI portfwd masquerade mark" -j KUBE-MARK-MASQ
COMMIT
`;

const names =
  'KUBE-(SERVICES|EXTERNAL-SERVICES|SVC-|SVL-|SEP-|EXT-|FW-|PROXY-|FORWARD|NODEPORTS|MARK-MASQ|POSTROUTING)';
const isKubeProxys = (line: string): boolean => new RegExp(`^:${names}|-A ${names}|-j ${names}\\S*$`).test(line);
const kubeProxys = (dump: string): readonly string[] => dump.split('\n').filter(isKubeProxys);

const marksOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => /MARK-MASQ$|KUBE-(MARK-MASQ|POSTROUTING)/.test(line) && !/-A KUBE-(SVC|SEP|EXT)/.test(line));

const withoutNew = (lines: readonly string[]): string[] => lines.filter((line) => !line.includes('203.0.113.9'));

const asChanged = (lines: readonly string[]): string[] => [
  '-A INPUT -s 203.0.113.9/32 -j ACCEPT',
  ...lines.filter((line) => !line.includes('198.51.100.0')),
];

const linkWith = (...addresses: readonly string[]): NonNullable<NodeChanges['interfaces']> => [
  { name: 'eth0', up: true, addresses: ['172.30.0.11'] },
  { name: 'kube-ipvs0', up: false, addresses },
];

describe.skipIf(why !== undefined)(`the script in a network namespace${why === undefined ? '' : ` (${why})`}`, () => {
  let ns: Namespace;
  beforeEach(async () => {
    ns = await Namespace.open();
    agentSays('True');
  });
  afterEach(() => ns.close());

  /** The agent's client, which stands where it is called for; undefined: there is none that works. */
  const agentSays = (mode: string | undefined): void => {
    const status = { 'kube-proxy-replacement': { features: { nodePort: { mode: 'SNAT' } }, mode } };
    const says = mode === undefined ? 'exit 1' : `cat <<'END'\n${JSON.stringify(status, undefined, 1)}\nEND`;
    ns.write('cilium-dbg', `#!/bin/bash\n[ "$*" = 'status -o json' ] || exit 2\n${says}\n`);
  };

  const load = async (...pairsToLoad: readonly (typeof pairs)[number][]): Promise<void> => {
    for (const pair of pairsToLoad) {
      await ns.must(`${commandOf(pair, 'restore')} -c`, pair.endsWith('6') ? ipv6 : ipv4);
      if (pair.endsWith('4')) await ns.must(`${commandOf(pair, 'restore')} --noflush`, others);
    }
  };

  /** As the program makes it from what it reads. */
  const plan = async (facts: NodeChanges = {}): Promise<NodePlan> => {
    const dumps = await ns.dumps();
    const iptables = pairs.map((pair): IptablesDump => {
      const [backend, family] = pair.split('-') as [IptablesDump['backend'], IptablesDump['family']];
      return { backend, family, tables: known(tablesOf(dumps[pair]), commandOf(pair, 'save')) };
    });
    const snapshot = aSnapshot({ nodes: { n1: { iptables, ...facts } } });
    const cleanup = planNode(snapshot.nodes[0] ?? expect.fail('no node'), new Derivations(snapshot));
    return cleanup.kind === 'planned' ? cleanup.plan : expect.fail(JSON.stringify(cleanup));
  };
  const scriptOf = (made: NodePlan): string =>
    ns.write(
      'cleanup.sh',
      renderScript(made, {
        toolVersion: '0',
        takenAt: '2026-01-02T03:04:05Z',
        kubectl: 'kubectl',
        archive: undefined,
        agent: undefined,
      }),
    );
  const run = async (script: string, ...words: readonly string[]): Promise<Ran> =>
    ns.run(`bash ${script} ${words.join(' ')}`);
  const backUps = async (): Promise<readonly string[]> =>
    (await ns.run(`ls -d ${ns.folder}/kpr-cleanup-* 2>/dev/null`)).output.split('\n').filter((line) => line !== '');
  const undo = async (): Promise<Ran> => ns.run(`bash ${(await backUps()).at(0)}/undo`);
  /** Kills the script when it applies its `nth` payload of a backend, before or after it does. */
  const killAt = (nth: number, signal: string, order: 'before' | 'after'): void => {
    const kill = `n=$(cat $0.n 2>/dev/null || echo 0); n=$((n + 1)); echo $n > $0.n; [ $n = ${nth} ] && kill -${signal} $PPID`;
    const apply = '/usr/sbin/iptables-nft-restore "$@"; r=$?';
    ns.write(
      'iptables-nft-restore',
      `#!/bin/bash
case "$*" in *--test*) exec /usr/sbin/iptables-nft-restore "$@";; esac
${order === 'before' ? `${kill}; ${apply}` : `${apply}; ${kill}`}
exit $r
`,
    );
  };
  const list = async (): Promise<string> => ns.must('nft list ruleset');
  const filterInput = async (): Promise<string[]> =>
    (await ns.must('iptables-nft -S INPUT')).split('\n').filter((line) => line.startsWith('-A'));
  /** Neither looking nor running goes on. */
  const refused = async (script: string, reason: string): Promise<void> => {
    const before = await ns.dumps();
    for (const mode of ['check', 'run']) {
      expect(await run(script, mode)).toMatchObject({ exitCode: 1, output: expect.stringContaining(reason) });
    }
    expect(await ns.dumps()).toEqual(before);
    expect(await backUps()).toEqual([]);
  };

  const stopKilling = async (): Promise<void> => void (await ns.must(`rm -f ${ns.folder}/iptables-nft-restore`));

  test('both backends and families: check, run, run again, undo, undo again', async () => {
    await load(...pairs);
    const before = await ns.dumps();
    const script = scriptOf(await plan());

    const checked = await run(script);
    expect(checked).toMatchObject({ exitCode: 0, output: expect.stringContaining('Nothing was changed') });
    expect(await ns.dumps()).toEqual(before);
    expect(await backUps()).toEqual([]);

    const ran = await run(script, 'run');
    expect(ran).toMatchObject({ exitCode: 0, output: expect.stringContaining('every other line is as it was') });
    const after = await ns.dumps();
    for (const pair of pairs) {
      expect(kubeProxys(after[pair])).toEqual([]);
      // Byte for byte, counters included: nothing runs in this namespace.
      expect(after[pair].split('\n')).toEqual(before[pair].split('\n').filter((line) => !isKubeProxys(line)));
    }

    expect(await run(script, 'run')).toMatchObject({ exitCode: 0, output: expect.stringContaining('Nothing to do') });
    expect(await backUps()).toHaveLength(1);

    expect(await undo()).toMatchObject({ exitCode: 0, output: expect.stringContaining('All was put back') });
    expect(await ns.dumps()).toEqual(before);
    expect(await run(script, 'undo', (await backUps())[0] ?? '')).toMatchObject({ exitCode: 0 });
    expect(await ns.dumps()).toEqual(before);
  });

  test.each([
    ['killed before its first payload', 1, 'KILL', 'before'],
    ['killed behind its second', 2, 'KILL', 'after'],
    ['killed in the middle of a table', 5, 'KILL', 'after'],
    ['Ctrl-C', 4, 'INT', 'after'],
    ['told to end', 3, 'TERM', 'before'],
  ] as const)('interrupted: %s; the next run finishes, and undo brings all back', async (_, nth, signal, order) => {
    await load('nft-ipv4');
    const before = await ns.dumps();
    const made = await plan();
    const tables = tablesOf(before['nft-ipv4']).flatMap(
      (table) => planTable({ backend: 'nft', family: 'ipv4' }, table, divideTable(table, undefined), 6) ?? [],
    );
    const script = scriptOf({ ...made, tables });
    killAt(nth, signal, order);
    const cut = await run(script, 'run');
    expect(cut.exitCode).not.toBe(0);
    if (signal !== 'KILL')
      expect(cut).toMatchObject({ exitCode: 130, output: expect.stringContaining('no table is half done') });
    await stopKilling();
    const half = await ns.dumps();
    // A table that was begun has no way in any more: jumps go first.
    for (const text of half['nft-ipv4'].split('COMMIT')) {
      const jumps = kubeProxys(text).filter((line) => !/-A KUBE-|^:/.test(line));
      if (!text.includes(':KUBE-SERVICES ')) expect(jumps).toEqual([]);
    }

    const again = await run(script, 'run');
    expect(again).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('nothing that this script is for is left'),
    });
    expect(kubeProxys((await ns.dumps())['nft-ipv4'])).toEqual([]);
    expect(await backUps()).toHaveLength(1);
    expect(await undo()).toMatchObject({ exitCode: 0 });
    expect(await ns.dumps()).toEqual(before);
  });

  test('no name can make the undo run something', async () => {
    await load('legacy-ipv4');
    const before = await ns.dumps();
    const script = scriptOf({ ...(await plan()), node: `n1'"\ntouch ${ns.folder}/evil #$(touch ${ns.folder}/evil)` });
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0 });
    expect(await undo()).toMatchObject({ exitCode: 0 });
    expect(await ns.dumps()).toEqual(before);
    expect(await ns.run(`ls ${ns.folder}/evil`)).toMatchObject({ exitCode: 2 });
  });

  test('a back-up that somebody else has laid there is not taken for that of an earlier run', async () => {
    await load('nft-ipv4');
    const script = scriptOf(await plan());
    killAt(2, 'KILL', 'after');
    await run(script, 'run');
    await stopKilling();
    const [own = ''] = await backUps();
    const planted = `${own.slice(0, own.lastIndexOf('.'))}.planted`;
    await ns.must(`cp -r ${own} ${planted}; chown -R 65534 ${planted}; ln -s ${planted} ${planted}2`);
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0, output: expect.stringContaining(`run: ${own}\n`) });
  });

  test('what a comment says leads nowhere', async () => {
    await load('nft-ipv4');
    await ns.must('iptables-nft -t nat -A PREROUTING -m comment --comment \'a "quoted" -j KUBE-SERVICES b\' -j ACCEPT');
    expect(await run(scriptOf(await plan()), 'run')).toMatchObject({ exitCode: 0 });
  });

  test('undo in the middle of an interrupted run', async () => {
    await load('nft-ipv4');
    const before = await ns.dumps();
    const script = scriptOf(await plan());
    killAt(2, 'KILL', 'after');
    await run(script, 'run');
    await stopKilling();
    expect(await ns.dumps()).not.toEqual(before);
    expect(await undo()).toMatchObject({ exitCode: 0 });
    expect(await ns.dumps()).toEqual(before);
  });

  test('foreign references: what they lead to stays, in both backends', async () => {
    await load('nft-ipv4', 'legacy-ipv4');
    for (const pair of ['nft-ipv4', 'legacy-ipv4'] as const)
      await ns.must(`${commandOf(pair, 'restore')} --noflush`, portmap);
    const before = await ns.dumps();
    const made = await plan();
    expect(made.notes.join('\n')).toContain(
      'KUBE-MARK-MASQ in nat (nft, IPv4) and nat (legacy, IPv4) stays: a rule of somebody else in CNI-HOSTPORT-SETMARK leads there',
    );
    const script = scriptOf(made);
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0 });
    for (const pair of ['nft-ipv4', 'legacy-ipv4'] as const) {
      const after = (await ns.dumps())[pair];
      expect(marksOf(after)).toEqual(marksOf(before[pair]));
      expect(kubeProxys(after).filter((line) => !/MARK-MASQ|POSTROUTING/.test(line))).toEqual([]);
    }
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0, output: expect.stringContaining('Nothing to do') });
    expect(await undo()).toMatchObject({ exitCode: 0 });
    expect(await ns.dumps()).toEqual(before);
  });

  test('jumps that are there twice go both, and come back to their places', async () => {
    await load('nft-ipv4', 'legacy-ipv4');
    for (const pair of ['nft-ipv4', 'legacy-ipv4'] as const) {
      await ns.must(
        `for i in 1 2; do ${commandOf(pair, '')} -t nat -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES; done`,
      );
      await ns.must(`${commandOf(pair, '')} -t nat -A PREROUTING -s 203.0.113.1 -j ACCEPT`);
    }
    const before = await ns.dumps();
    const script = scriptOf(await plan());
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0 });
    expect(JSON.stringify(await ns.dumps())).not.toContain('KUBE-SERVICES -');
    expect(await undo()).toMatchObject({ exitCode: 0 });
    expect(await ns.dumps()).toEqual(before);
  });

  describe('stops, and changes nothing', () => {
    test.each([
      ['a rule more', '-A KUBE-SERVICES -d 10.96.3.3 -j ACCEPT'],
      ['a rule less', '-D KUBE-MARK-MASQ 1'],
      ['a jump more', '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES'],
      ['a chain emptied', '-F KUBE-SERVICES'],
    ])('rules that are not those that were read: %s', async (_, change) => {
      await load('nft-ipv4');
      const script = scriptOf(await plan());
      await ns.must(`iptables-nft -t nat ${change}`);
      await refused(script, 'not those that were read');
    });

    test('somebody else leads to them meanwhile', async () => {
      await load('legacy-ipv4');
      const script = scriptOf(await plan());
      await ns.must('iptables-legacy-restore --noflush', portmap);
      await refused(script, 'rules of others lead to chains that are to go');
    });

    test('FORWARD drops what nobody accepts', async () => {
      await load('nft-ipv4');
      await ns.must('iptables-nft -D FORWARD -m comment --comment "cilium-feeder: CILIUM_FORWARD" -j CILIUM_FORWARD');
      const script = scriptOf(await plan());
      await ns.must('iptables-nft -P FORWARD DROP');
      await refused(script, 'only KUBE-FORWARD lets replies pass');
    });

    test('a process kube-proxy', async () => {
      await load('nft-ipv4');
      const script = scriptOf(await plan());
      await ns.must(
        `cp $(command -v sleep) ${ns.folder}/kube-proxy; ${ns.folder}/kube-proxy 60 >/dev/null 2>&1 & sleep 0.1`,
      );
      await refused(script, 'is kube-proxy');
      await ns.must(
        'for p in /proc/[0-9]*; do read -r n <$p/comm && [ "$n" = kube-proxy ] && [ $(readlink $p/ns/net) = $(readlink /proc/self/ns/net) ] && kill ${p#/proc/}; done 2>/dev/null; true',
      );
      expect(await run(script)).toMatchObject({ exitCode: 0 });
    });

    test.each([
      [10_256, '{"lastUpdated":"2026","currentTime":"2026","nodeEligible":true}', 'on port 10256'],
      [10_256, '{"lastUpdated":"2026","currentTime":"2026"}', 'port 10256 answers as kube-proxy does'],
      [10_249, 'iptables', 'on port 10249'],
    ])('an answer on port %i: %s', async (port, body, reason) => {
      await load('legacy-ipv4');
      await ns.must('ip link set lo up');
      const script = scriptOf(await plan());
      const server = `require('node:http').createServer((q, a) => a.end('${body}')).listen(${port}, '127.0.0.1', () => console.log('up'))`;
      await ns.must(
        `${process.execPath} -e "${server.replaceAll('"', '\\"')}" >${ns.folder}/up 2>&1 & echo $! >${ns.folder}/pid; until [ -s ${ns.folder}/up ]; do sleep 0.05; done`,
      );
      for (const mode of ['check', 'run'])
        expect(await run(script, mode)).toMatchObject({ exitCode: 1, output: expect.stringContaining(reason) });
      expect(await backUps()).toEqual([]);
      await ns.must(`kill $(cat ${ns.folder}/pid)`);
    });

    test.each([
      ['False', 'Cilium does not replace kube-proxy here: its agent says "False"'],
      ['Partial', 'Cilium does not replace kube-proxy here: its agent says "Partial"'],
      [undefined, 'whether Cilium replaces kube-proxy here is not known'],
    ])('the agent of the node says %s of its replacement, whatever was read', async (mode, reason) => {
      await load('nft-ipv4');
      const script = scriptOf(await plan());
      agentSays(mode);
      await refused(script, reason);
    });

    test.each([
      ['somebody else', 'node', 1],
      ['the agent', 'cilium-agent', 0],
    ])('on the health port that is to be Cilium’s answers %s', async (_, program, exitCode) => {
      await load('legacy-ipv4');
      await ns.must('ip link set lo up');
      const script = scriptOf({ ...(await plan()), healthIsCilium: true });
      ns.write(
        'server.js',
        `process.title = '${program}';
require('node:http').createServer((q, a) => a.end('{"lastUpdated":"2026"}')).listen(10256, '127.0.0.1', () => console.log('up'));`,
      );
      await ns.must(
        `${process.execPath} ${ns.folder}/server.js >${ns.folder}/up 2>&1 & echo $! >${ns.folder}/pid; until [ -s ${ns.folder}/up ]; do sleep 0.05; done`,
      );
      const checked = await run(script);
      await ns.must(`kill $(cat ${ns.folder}/pid)`);
      expect(checked.exitCode, checked.output).toBe(exitCode);
      expect(checked.output.includes('port 10256 answers as kube-proxy does')).toBe(exitCode === 1);
    });

    test('an nftables table that is not the one that was read', async () => {
      await load('legacy-ipv4');
      await ns.must('nft -f -', 'table ip kube-proxy { chain a { return; }\n chain b { return; }\n }');
      const script = scriptOf(await plan({ nftTables: [{ family: 'ip', chains: 3 }] }));
      await refused(script, 'nftables table ip kube-proxy: it has 2 chains, and 3 were read');
      expect(await list()).toContain('table ip kube-proxy');
    });

    test('another run at work', async () => {
      await load('legacy-ipv4');
      const script = scriptOf(await plan());
      const before = await ns.dumps();
      const ran = await ns.run(`exec 8</proc/self/ns/net; flock 8; bash ${script} run`);
      expect(ran).toMatchObject({ exitCode: 1, output: expect.stringContaining('Another run') });
      expect(await ns.dumps()).toEqual(before);
    });

    test('another node', async () => {
      await load('legacy-ipv4');
      const script = scriptOf(await plan());
      const ran = await ns.run(`K8S_NODE_NAME=n2 bash ${script} run`);
      expect(ran).toMatchObject({ exitCode: 1, output: expect.stringContaining('made for node n1, and this is n2') });
    });

    test('a back-up that cannot be written', async () => {
      await load('legacy-ipv4');
      const script = scriptOf(await plan());
      const before = await ns.dumps();
      expect(await ns.run(`KPR_BACKUP_DIR=/proc bash ${script} run`)).toMatchObject({
        exitCode: 2,
        output: expect.stringContaining('nothing was changed'),
      });
      expect(await ns.dumps()).toEqual(before);
    });

    test('a word that it does not know', async () => {
      await load('legacy-ipv4');
      expect(await run(scriptOf(await plan()), 'rnu')).toMatchObject({ exitCode: 2 });
    });
  });

  test('a script that was cut on its way does nothing', async () => {
    await load('legacy-ipv4');
    const made = await plan();
    const text = renderScript(made, {
      toolVersion: '0',
      takenAt: '',
      kubectl: 'kubectl',
      archive: undefined,
      agent: undefined,
    });
    const before = await ns.dumps();
    for (const share of [0.3, 0.6, 0.9, 0.999])
      await ns.run('bash -s -- run', text.slice(0, Math.floor(text.length * share)));
    expect(await ns.dumps()).toEqual(before);
    expect(await ns.run('bash -s -- run', text)).toMatchObject({ exitCode: 0 });
    expect(await ns.dumps()).not.toEqual(before);
  });

  test('a table that fails leaves the others done, says so, and a second run goes on', async () => {
    await load('nft-ipv4');
    const before = await ns.dumps();
    const script = scriptOf(await plan());
    ns.write(
      'iptables-nft-restore',
      `#!/bin/bash
case "$*" in *--test*) ;; *) t=$(cat); case $t in \\**nat*) echo "made up" >&2; exit 4;; esac; echo "$t" | exec /usr/sbin/iptables-nft-restore "$@";; esac
exec /usr/sbin/iptables-nft-restore "$@"
`,
    );
    expect(await run(script, 'run')).toMatchObject({ exitCode: 3, output: expect.stringContaining('made up') });
    await stopKilling();
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0 });
    expect(await undo()).toMatchObject({ exitCode: 0 });
    expect(await ns.dumps()).toEqual(before);
  });

  test('undo where others have moved: each jump before the rule that it stood before', async () => {
    await load('nft-ipv4');
    const script = scriptOf(await plan());
    const before = await filterInput();
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0 });
    await ns.must(
      'iptables-nft -I INPUT 1 -s 203.0.113.9 -j ACCEPT; iptables-nft -D INPUT -s 198.51.100.0/24 -j ACCEPT',
    );
    expect(await undo()).toMatchObject({ exitCode: 0, output: expect.stringContaining('those of others differ') });
    // The new first rule may stand before or behind a jump that was first.
    expect((await filterInput()).toSorted()).toEqual(asChanged(before).toSorted());
    expect(withoutNew(await filterInput())).toEqual(withoutNew(asChanged(before)));
  });

  test('lines of others that change while it runs are named', async () => {
    await load('nft-ipv4');
    const script = scriptOf(await plan());
    ns.write(
      'iptables-nft-restore',
      `#!/bin/bash
case "$*" in *--test*) ;; *) /usr/sbin/iptables-nft -A INPUT -s 203.0.113.77 -j ACCEPT;; esac
exec /usr/sbin/iptables-nft-restore "$@"
`,
    );
    const ran = await run(script, 'run');
    expect(ran).toMatchObject({
      exitCode: 5,
      output: expect.stringContaining('> -A INPUT -s 203.0.113.77/32 -j ACCEPT'),
    });
  });

  test('nftables tables: away and back', async () => {
    for (const family of ['ip', 'ip6'])
      await ns.must(
        `nft -f -`,
        `table ${family} kube-proxy {
  comment "rules for kube-proxy";
  set cluster-ips { type ${family === 'ip' ? 'ipv4' : 'ipv6'}_addr; elements = { ${family === 'ip' ? '10.96.0.1' : 'fd00::1'} }; }
  map service-ips { type ${family === 'ip' ? 'ipv4' : 'ipv6'}_addr . inet_proto . inet_service : verdict; elements = { ${family === 'ip' ? '10.96.0.1' : 'fd00::1'} . tcp . 443 : goto service-A } }
  chain service-A { numgen random mod 2 vmap { 0 : goto endpoint-A, 1 : goto endpoint-B }; }
  chain endpoint-A { counter packets 3 bytes 4; }
  chain endpoint-B { return; }
  chain filter-input { type filter hook input priority -110; policy accept; ct state new jump service-A; }
}
table ${family} mine { chain x { accept; }; }
`,
      );
    const before = await list();
    const script = scriptOf(
      await plan({
        nftTables: [
          { family: 'ip', chains: 4 },
          { family: 'ip6', chains: 4 },
        ],
      }),
    );
    expect(await run(script)).toMatchObject({ exitCode: 0 });
    expect(await list()).toBe(before);
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0 });
    expect(await list()).toMatch(/^table ip mine \{[^]*table ip6 mine \{[^}]*\}\s*\}\s*$/);
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0, output: expect.stringContaining('Nothing to do') });
    expect(await undo()).toMatchObject({ exitCode: 0 });
    expect((await list()).split('\n').toSorted()).toEqual(before.split('\n').toSorted());
  });

  test('nftables where nft is not: it says so and where to do it', async () => {
    await load('legacy-ipv4');
    const script = scriptOf(await plan({ nftTables: [{ family: 'ip', chains: 4 }] }));
    await ns.must(
      `mkdir ${ns.folder}/bin; ln -s /usr/bin/* ${ns.folder}/bin/; ln -sf /usr/sbin/iptables* /usr/sbin/ip6tables* ${ns.folder}/cilium-dbg ${ns.folder}/bin/; rm -f ${ns.folder}/bin/nft`,
    );
    const bare = (mode: string): Promise<Ran> =>
      ns.run(
        `sed 's|:/usr/sbin:/sbin||' ${script} >${ns.folder}/bare.sh; PATH=${ns.folder}/bin bash ${ns.folder}/bare.sh ${mode}`,
      );
    expect(await bare('check')).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('stays for now: table ip kube-proxy (nft is not here'),
    });
    expect(await bare('run')).toMatchObject({
      exitCode: 4,
      output: expect.stringContaining('run this script on the node itself'),
    });
    expect(kubeProxys((await ns.dumps())['legacy-ipv4'])).toEqual([]);
    expect(await bare('run')).toMatchObject({
      exitCode: 4,
      output: expect.stringContaining('Nothing to do that can be done here'),
    });
  });

  test('a program nft that cannot do it is as none', async () => {
    await load('legacy-ipv4');
    const script = scriptOf(await plan({ nftTables: [{ family: 'ip', chains: 4 }] }));
    ns.write('nft', '#!/bin/sh\necho "made up" >&2; exit 1\n');
    expect(await run(script, 'run')).toMatchObject({ exitCode: 4, output: expect.stringContaining('nft is not here') });
    expect(await run(script, 'run')).toMatchObject({ exitCode: 4 });
  });

  test('the link of the ipvs mode goes, its addresses are kept', async () => {
    await ns.must('ip link add kube-ipvs0 type veth peer name other; ip address add 10.96.0.1/32 dev kube-ipvs0');
    const interfaces = [{ name: 'kube-ipvs0', up: false, addresses: ['10.96.0.1'] }];
    const script = scriptOf(await plan({ interfaces }));
    expect(await run(script)).toMatchObject({ exitCode: 0, output: expect.stringContaining('link kube-ipvs0') });
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0 });
    expect(await ns.must('ip -o link')).not.toContain('kube-ipvs0');
    expect(await ns.must(`cat ${(await backUps())[0]}/link`)).toBe('10.96.0.1/32\n');
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0, output: expect.stringContaining('Nothing to do') });
  });

  /** No kernel of a test has IPVS: a program that keeps its lines in a file stands for it. */
  const withIpvs = async (table: string, made: NodePlan, linked: readonly string[]): Promise<string> => {
    const file = ns.write('ip_vs', table);
    ns.write(
      'ipvsadm',
      `#!/bin/bash
f=${file}; case $1 in
-Sn) cat $f;;
-C) echo C >>$f.log; : >$f;;
-D) echo "D $2 $3" >>$f.log; awk -v s="$2 $3" '($2 " " $3) != s' $f >$f.new; cat $f.new >$f;;
-R) cat >>$f;;
esac
`,
    );
    await ns.must('ip link add kube-ipvs0 type veth peer name other');
    for (const address of linked) await ns.must(`ip address add ${address} dev kube-ipvs0`);
    const script = scriptOf(made);
    await ns.must(`sed -i 's|/proc/net/ip_vs|${file}|' ${script}`);
    return script;
  };
  const table = async (): Promise<string> => ns.must(`cat ${ns.folder}/ip_vs`);
  const deleted = async (): Promise<readonly string[]> =>
    (await ns.run(`cat ${ns.folder}/ip_vs.log 2>/dev/null`)).output.split('\n').filter((line) => line !== '');

  const ours = '-A -t 10.96.0.1:443 -s rr\n-a -t 10.96.0.1:443 -r 10.0.0.1:6443 -m -w 1\n-A -u [fd00::a]:53 -s rr\n';
  const foreign = '-A -t 172.30.0.11:8443 -s rr\n-a -t 172.30.0.11:8443 -r 10.0.0.9:8443 -m -w 1\n';
  const ourServers = [
    { protocol: 'TCP', address: '10.96.0.1', port: 443, destinations: 1 },
    { protocol: 'UDP', address: 'fd00::a', port: 53, destinations: 0 },
  ] as const;
  const foreignServer = { protocol: 'TCP', address: '172.30.0.11', port: 8443, destinations: 1 } as const;
  const linked = ['10.96.0.1/32', 'fd00::a/128'];

  test.each([
    ['beside those of others', foreign],
    ['alone', ''],
  ])('virtual servers of the ipvs mode go one by one, %s', async (_, others) => {
    const ipvs = [...ourServers, ...(others === '' ? [] : [foreignServer])];
    const made = await plan({ ipvs, interfaces: linkWith('10.96.0.1', 'fd00::a') });
    const script = await withIpvs(others + ours, { ...made, ipvs: { ...made.ipvs, link: false } }, linked);
    expect(await run(script)).toMatchObject({ exitCode: 0, output: expect.stringContaining('2 IPVS virtual servers') });
    expect(await table()).toBe(others + ours);
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0 });
    expect(await table()).toBe(others);
    expect(await deleted()).toEqual(['D -t 10.96.0.1:443', 'D -u [fd00::a]:53']);
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0, output: expect.stringContaining('Nothing to do') });
    expect(await undo()).toMatchObject({ exitCode: 0 });
    expect(await table()).toBe(others + ours);
  });

  test('a virtual server whose address is not on kube-ipvs0 now stays, whatever was read', async () => {
    const interfaces = linkWith('10.96.0.1', 'fd00::a', '172.30.0.11');
    const made = await plan({ ipvs: [...ourServers, foreignServer], interfaces });
    expect(made.ipvs.servers).toContain('-t 172.30.0.11:8443');
    const script = await withIpvs(foreign + ours, made, linked);
    const said = '1 IPVS virtual servers (nothing here shows that they are kube-proxy';
    expect(await run(script)).toMatchObject({ exitCode: 0, output: expect.stringContaining(said) });
    expect(await run(script, 'run')).toMatchObject({ exitCode: 4, output: expect.stringContaining(said) });
    expect(await table()).toBe(foreign);
    expect(await deleted()).not.toContain('C');
  });

  test('a node that has no kube-ipvs0 keeps all its virtual servers', async () => {
    const made = await plan({ ipvs: ourServers, interfaces: linkWith('10.96.0.1', 'fd00::a') });
    const byService = ['-t 172.30.0.11:8443'];
    const script = await withIpvs(foreign + ours, { ...made, ipvs: { ...made.ipvs, byService } }, []);
    await ns.must('ip link delete kube-ipvs0');
    await run(script, 'run');
    expect(await table()).toBe(foreign + ours);
    expect(await deleted()).toEqual([]);
  });

  test('those of node ports go while the link holds addresses', async () => {
    const made = await plan({ ipvs: ourServers, interfaces: linkWith('10.96.0.1', 'fd00::a') });
    const byService = ['-t 172.30.0.11:8443'];
    const script = await withIpvs(foreign + ours, { ...made, ipvs: { ...made.ipvs, byService } }, linked);
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0 });
    expect(await table()).toBe('');
    expect(await ns.must('ip -o link')).not.toContain('kube-ipvs0');
  });

  test('where ipvsadm is not, the link stays with the virtual servers, for it tells whose they are', async () => {
    const made = await plan({ ipvs: ourServers, interfaces: linkWith('10.96.0.1', 'fd00::a') });
    const script = await withIpvs(ours, made, linked);
    ns.write('ipvsadm', '#!/bin/sh\nexit 1\n');
    expect(await run(script, 'run')).toMatchObject({
      exitCode: 4,
      output: expect.stringContaining('IPVS virtual servers stay (ipvsadm is not here'),
    });
    expect(await ns.must('ip -o link')).toContain('kube-ipvs0');
  });

  test('ipsets go behind the rules that match them, and come before them again', async () => {
    await ns.must(`ipset create KUBE-CLUSTER-IP hash:ip,port; ipset add KUBE-CLUSTER-IP 10.96.0.1,tcp:443; ipset create KUBE-SRC-X hash:ip
iptables-nft -t nat -N KUBE-SERVICES; iptables-nft -t nat -A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT
iptables-nft -t nat -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES`);
    const before = await ns.dumps();
    const sets = await ns.must('ipset save');
    const script = scriptOf(await plan({ ipsets: ['KUBE-CLUSTER-IP', 'KUBE-SRC-X'] }));
    expect(await run(script)).toMatchObject({ exitCode: 0 });
    expect(await run(script, 'run')).toMatchObject({ exitCode: 0 });
    expect(await ns.must('ipset list -n')).toBe('KUBE-SRC-X\n');
    expect(await undo()).toMatchObject({ exitCode: 0 });
    expect(await ns.dumps()).toEqual(before);
    expect((await ns.must('ipset save')).split('\n').toSorted()).toEqual(sets.split('\n').toSorted());
  });
});
