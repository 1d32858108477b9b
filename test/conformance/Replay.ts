import { behaviourOf } from '../../src/expect/lb/versionGates.ts';
import { load } from 'js-yaml';
import { type ApiObjects, expectTable } from '../../src/expect/lb/expectTable.ts';
import type { ExpectedTable } from '../../src/expect/lb/ExpectedTable.ts';
import { expectNodeOf } from '../../src/expect/lb/ExpectNode.ts';
import type { LbConfig } from '../../src/expect/lb/LbConfig.ts';
import { lbConfigWith } from '../support/agentConfigs.ts';
import type { CiliumLocalRedirectPolicy, EndpointSlice, Pod, Service } from '../../src/model/kubernetes.ts';
import type { NodeAddress } from '../../src/model/NodeFacts.ts';
import { parseFrontends } from '../support/parseFrontends.ts';
import { parseMapsDump } from '../support/parseMapsDump.ts';
import { printMapsDump } from '../support/printMapsDump.ts';
import { plainRowsOfDump, plainRowsOfExpectation } from './plainRows.ts';
import { type Command, commandsOf, parseTxtar } from './txtar.ts';

/**
 * One place in a script where maps, or the agent's own frontends, are compared with what Cilium's maintainers expect.
 */
export interface Point {
  readonly line: number;
  readonly command: string;
  readonly of: 'maps' | 'frontends';
  readonly outcome: 'equal' | 'different' | 'notApplicable';
  /** Lines that differ (`-` only in Cilium's, `+` only in ours), or why it does not apply. */
  readonly details: readonly string[];
}

const nodeName = 'testnode';
/**
 * Lines below this come when a script copies or edits files; everything else that is not known stops the run
 * with an error.
 */
const harmless = new Set([
  'hive',
  'hive/start',
  'hive/stop',
  'db',
  'db/show',
  'db/list',
  'db/prefix',
  'db/get',
  'stdout',
  'grep',
  'sleep',
  'metrics',
  'cat',
  'skiplbmap',
  'lrp/list',
  'test/init-wait',
  'test/bpfops-summary',
  'test/set-node-ip',
  'stop',
]);

type Json = Readonly<Record<string, unknown>>;

/** Replays a script: objects, node addresses and files as it changes them, and our expectation at each comparison. */
export class Replay {
  readonly points: Point[] = [];
  readonly #files: Map<string, string>;
  readonly #commands: readonly Command[];
  readonly #objects = new Map<string, Json>();
  readonly #addresses = new Map<string, NodeAddress>();
  readonly #settings: Map<string, string>;
  readonly #version: string;
  readonly #dumps = new Map<string, { readonly expected: ExpectedTable; readonly internal: string | undefined }>();
  #labels: Readonly<Record<string, string>> = {};
  /** Set while the maps are not made from objects of the API; the reason. */
  #internal: string | undefined;
  #health: string | undefined;

  constructor(text: string, version: string, settings: Readonly<Record<string, string>>) {
    const { script, files } = parseTxtar(text);
    this.#files = new Map(files);
    this.#commands = commandsOf(script);
    this.#version = version;
    this.#settings = new Map(Object.entries(settings));
    const shebang = script[0]?.startsWith('#!') === true ? script[0].slice(2) : '';
    this.#addFlags(shebang.trim().split(/\s+/));
    if (this.#settings.has('lb-state-file'))
      this.#internal = 'its input is a state file of the agent (--lb-state-file), not the API';
  }

  run(): readonly Point[] {
    for (const command of this.#commands) {
      // The scripts run without privileges here: no real maps.
      if (command.conditions.includes('privileged')) continue;
      this.#run(command);
    }
    return this.points;
  }

  #run(command: Command): void {
    const { name, args } = command;
    const [first = '', second = ''] = args;
    switch (name) {
      case 'k8s/add':
      case 'k8s/update':
        for (const file of args) this.#upsert(file);
        return;
      case 'k8s/delete':
        for (const file of args) this.#objects.delete(idOf(this.#object(file)));
        return;
      case 'k8s/resync':
        // Replaces all objects of a kind.
        for (const id of this.#objects.keys()) if (id.startsWith(kindOf(first))) this.#objects.delete(id);
        for (const file of args.slice(1)) this.#upsert(file);
        return;
      case 'db/insert':
      case 'db/delete':
        this.#editTable(name, first, args.slice(1));
        return;
      case 'test/set-node-labels':
        this.#labels = Object.fromEntries(
          args.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
        );
        return;
      case 'cp':
      case 'mv':
        this.#files.set(second, this.#file(first));
        if (name === 'mv') this.#files.delete(first);
        return;
      case 'replace':
        for (let i = 0; i + 1 < args.length; i += 2) {
          const file = args.at(-1) ?? '';
          this.#files.set(
            file,
            this.#file(file).replaceAll(args[i] ?? '', () => args[i + 1] ?? ''),
          );
        }
        return;
      case 'sed':
        this.#sed(first, second, args[2] ?? '');
        return;
      case 'lb/maps-dump':
        this.#dumps.set(first, { expected: this.#expected(), internal: this.#internal ?? this.#health });
        return;
      case 'cmp':
        this.#compareFiles(command, first, second);
        return;
      case 'empty':
        if (this.#dumps.has(first)) this.#compareMaps(command, first, '');
        return;
      case 'lb/maps-empty':
        this.#dumps.set('now', { expected: this.#expected(), internal: this.#internal ?? this.#health });
        this.#compareMaps(command, 'now', '');
        return;
      case 'db/cmp':
      case 'db/empty':
        this.#compareTables(command);
        return;
      case 'test/set-is-service-healthchecked':
      case 'test/update-backend-health':
        this.#health = 'backend health is set by hand, which no object of the API does';
        return;
      case 'lb/maps-restore':
        this.#internal = 'the maps were overwritten by hand, and not pruned since';
        return;
      case 'lb/prune':
      case 'test/bpfops-reset':
        if (name === 'lb/prune') this.#internal = undefined;
        return;
      case 'lb/maps-snapshot':
        return;
      case 'hive/recreate':
        this.#addFlags(args);
        this.#addresses.clear();
        this.#internal = 'the agent is stopped; the maps are those that it left';
        return;
      default:
        if ((name === 'hive' && first === 'start') || name === 'hive/start') {
          if (!this.#settings.has('lb-state-file')) this.#internal = undefined;
        } else if (harmless.has(name)) {
          // What they print into a file is not looked at, only edited.
          const output = args[args.indexOf('-o') + 1];
          if (args.includes('-o') && output !== undefined) this.#files.set(output, '');
        } else {
          throw new Error(`line ${command.line}: the command ${name} is not known to the replay`);
        }
    }
  }

  #addFlags(words: readonly string[]): void {
    for (const word of words) {
      const flag = /^--([^=]+)(?:=(.*))?$/.exec(word);
      if (flag !== null) this.#settings.set(flag[1] ?? '', flag[2] ?? 'true');
    }
  }

  #file(name: string): string {
    const text = this.#files.get(name);
    if (text === undefined) throw new Error(`the script names the file ${name}, which it does not have`);
    return text;
  }

  #object(file: string): Json {
    return load(this.#file(file)) as Json;
  }

  #upsert(file: string): void {
    const object = this.#object(file);
    const id = idOf(object);
    // An update keeps its place among the objects, as a watch does.
    this.#objects.set(id, object);
  }

  #sed(pattern: string, replacement: string, file: string): void {
    const regexp = new RegExp(pattern, 'g');
    const lines = this.#file(file)
      .split('\n')
      .map((line) => line.replace(regexp, replacement));
    this.#files.set(file, lines.join('\n'));
  }

  #editTable(command: string, table: string, files: readonly string[]): void {
    // What a redirect's own pods skip is another map.
    if (table === 'desired-skiplbmap') return;
    if (table !== 'node-addresses') {
      this.#internal = `the script writes into the agent's own table ${table}`;
      return;
    }
    for (const file of files) {
      const { addr, nodeport, primary, devicename } = this.#object(file);
      const key = `${String(addr)} ${String(devicename)}`;
      if (command === 'db/delete') this.#addresses.delete(key);
      else
        this.#addresses.set(key, {
          address: String(addr),
          nodePort: nodeport === true,
          primary: primary === true,
          device: String(devicename),
        });
    }
  }

  #config(): LbConfig {
    return lbConfigWith(Object.fromEntries(this.#settings), this.#version);
  }

  #expected(): ExpectedTable {
    const ofKind = (kind: string): readonly Json[] =>
      [...this.#objects.values()].filter((object) => object['kind'] === kind);
    const objects: ApiObjects = {
      services: ofKind('Service') as unknown as readonly Service[],
      endpointSlices: ofKind('EndpointSlice') as unknown as readonly EndpointSlice[],
      // The scripts' API server does not filter by node: every pod is local.
      pods: (ofKind('Pod') as unknown as readonly Pod[]).map(onThisNode),
      localRedirectPolicies: ofKind('CiliumLocalRedirectPolicy') as unknown as readonly CiliumLocalRedirectPolicy[],
    };
    const node = expectNodeOf({ metadata: { name: nodeName, labels: this.#labels } }, [...this.#addresses.values()]);
    return expectTable({ node, config: this.#config(), objects });
  }

  #compareFiles(command: Command, first: string, second: string): void {
    const [dump, other] = this.#dumps.has(first) ? [first, second] : [second, first];
    if (!this.#dumps.has(dump)) return;
    // Two dumps of one script: nothing of its maintainers to compare with.
    if (!this.#dumps.has(other)) this.#compareMaps(command, dump, this.#file(other));
  }

  #compareMaps({ line, text }: Command, dump: string, theirs: string): void {
    const taken = this.#dumps.get(dump);
    if (taken === undefined) return;
    const parsed = parseMapsDump(theirs);
    const problems = [
      ...parsed.notUnderstood.map(({ line: row, why }) => `not understood: ${row} (${why})`),
      ...differences(linesOf(withoutShares(theirs)), linesOf(printMapsDump(parsed)), 'read and printed again'),
    ];
    if (problems.length > 0)
      this.points.push({ line, command: text, of: 'maps', outcome: 'different', details: problems });
    else if (taken.internal !== undefined)
      this.points.push({ line, command: text, of: 'maps', outcome: 'notApplicable', details: [taken.internal] });
    else {
      const details = differences(plainRowsOfDump(parsed), plainRowsOfExpectation(taken.expected), 'expected');
      this.points.push({
        line,
        command: text,
        of: 'maps',
        outcome: details.length === 0 ? 'equal' : 'different',
        details,
      });
    }
  }

  /** `db/cmp frontends x.table`, `db/empty services frontends`: the agent's table, before it goes into the maps. */
  #compareTables({ line, text, name, args }: Command): void {
    const words = args.filter((word) => !word.startsWith('-'));
    if (!words.includes('frontends')) return;
    if (args.some((word) => word.startsWith('--grep'))) return;
    const internal = this.#internal ?? this.#health;
    const theirs = name === 'db/empty' ? '' : this.#file(words[1] ?? '');
    if (internal !== undefined) {
      this.points.push({ line, command: text, of: 'frontends', outcome: 'notApplicable', details: [internal] });
      return;
    }
    const details = this.#frontendDifferences(theirs);
    this.points.push({
      line,
      command: text,
      of: 'frontends',
      outcome: details.length === 0 ? 'equal' : 'different',
      details,
    });
  }

  #frontendDifferences(text: string): readonly string[] {
    const parsed = parseFrontends(text);
    const heading = text.split('\n').find((line) => line.startsWith('Address')) ?? '';
    const has = (column: string): boolean => heading.includes(column);
    const config = this.#config();
    // Without kube-proxy replacement the agent's table holds LoadBalancers that it keeps out of the maps.
    const hidden = !config.kubeProxyReplacement && behaviourOf(config.version).loadBalancerNeedsKpr;
    const theirs = new Map<string, string>();
    const shownOf = new Map<string, ReadonlySet<string>>();
    for (const { key, flags, slots, agent } of parsed.frontends.values()) {
      if (hidden && flags.type === 'LoadBalancer') continue;
      const backends = slots.map(({ backend }) => backend ?? '').toSorted();
      const more = agent?.more ?? 0;
      if (more > 0) shownOf.set(key, new Set(backends));
      const shown = [...backends, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
      theirs.set(key, [key, has('Type') ? flags.type : '', has('Backends') ? shown : ''].join(' '));
    }
    const ours = [...this.#expected().frontends.values()]
      .filter(({ agentKey, key }) => agentKey === key)
      .map(({ key, type, backends }) => {
        const keys = backends.map((backend) => backend.key).toSorted();
        // The table cuts off after five; the rest can only be counted.
        const shown = shownOf.get(key);
        const cut =
          shown === undefined
            ? keys
            : [...keys.filter((one) => shown.has(one)), `and ${keys.length - shown.size} more`];
        const shownType =
          type === 'LocalRedirect' && !has('RedirectTo') ? (parsed.frontends.get(key)?.flags.type ?? type) : type;
        return [key, has('Type') ? shownType : '', has('Backends') ? cut.join(', ') : ''].join(' ');
      });
    const problems = parsed.notUnderstood.map(({ line, why }) => `not understood: ${line} (${why})`);
    return [...problems, ...differences([...theirs.values()], ours, 'expected')];
  }
}

const onThisNode = (pod: Pod): Pod => ({ ...pod, spec: { nodeName, ...pod.spec } });

/** `v1.services`, `discovery.k8s.io.v1.endpointslices` */
const kindOf = (resource: string): string =>
  resource.endsWith('.services') ? 'Service ' : resource.endsWith('.endpointslices') ? 'EndpointSlice ' : '?';

const idOf = (object: Json): string => {
  const { name, namespace } = object['metadata'] as { name: string; namespace?: string };
  return `${String(object['kind'])} ${namespace ?? ''}/${name}`;
};

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');

/** Our model keeps which backends a Maglev table holds, not their shares. */
const withoutShares = (text: string): string =>
  text.replaceAll(/^MAGLEV: .*$/gm, (line) => line.replaceAll(/\((\d+)\)/g, '(1)'));

function differences(theirs: readonly string[], ours: readonly string[], what: string): readonly string[] {
  const left = new Set(theirs);
  const right = new Set(ours);
  return [
    ...theirs.filter((line) => !right.has(line)).map((line) => `- ${line}`),
    ...ours.filter((line) => !left.has(line)).map((line) => `+ ${line} (${what})`),
  ];
}
