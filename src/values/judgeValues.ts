import { type Branch, branchOf, minorOf } from '../knowledge/releases.ts';
import type { ChartValue, ChartValues, FormerKeys, KeyTree } from '../knowledge/charts/ChartTable.ts';
import { deprecatedByWarning, formerValues } from '../knowledge/charts/formerValues.ts';
import { parseVersion, type Version } from '../knowledge/version.ts';
import { agentRefusals } from './agentRefusals.ts';
import { doubtsOf } from './doubts.ts';
import { coalesced } from './mergeValues.ts';
import { holdsPlaceholder } from './placeholders.ts';
import {
  type Chart,
  agentConfigFile,
  type FileFailure,
  type Render,
  rendererOf,
  type Rendered,
  type RenderTarget,
} from './renderChart.ts';
import { schemaFaults } from './schemaFaults.ts';
import type { TemplateFailure } from './template/evaluate.ts';
import { judgeUnknown, type UnknownKey } from './judgeUnknown.ts';
import {
  isValueMap,
  type KeyPath,
  pathText,
  plainText,
  type KeyPlace,
  valueAt,
  type PlacedValues,
  withoutPaths,
  withValueAt,
} from './PlacedValues.ts';
import { type Repair, repaired, type KeyVerdict } from './KeyVerdict.ts';

export interface ValuesJudgement {
  /** Of the chart that decided. */
  readonly version: string;
  readonly verdicts: readonly KeyVerdict[];
  /** What the agents would be given once everything is right that can be without a decision. */
  readonly config: ReadonlyMap<string, string>;
}

/** Where values are judged for. */
export interface JudgingPlace extends RenderTarget {
  /** The addresses of the Service kubernetes; undefined: no cluster tells them, and the usual ones are taken. */
  readonly kubernetesIPs?: readonly string[] | undefined;
}

/** What of a version’s chart becomes of a user’s values. Pure. */
export function judgeValues(
  values: PlacedValues,
  chart: Chart,
  former: FormerKeys,
  target: JudgingPlace,
): ValuesJudgement {
  return new Judge(values, chart, former, target).judge();
}

/** The values without the keys that the chart does not have. */
interface Without {
  readonly clean: ChartValues;
  readonly rendered: Rendered;
}

interface WithoutUnknown {
  /** All of the values. */
  readonly given: ChartValues;
  readonly clean: ChartValues;
  /** What the templates say without any of the unknown keys. */
  readonly before: ReadonlySet<string>;
}

class Judge {
  readonly #values: PlacedValues;
  readonly #chart: Chart;
  readonly #former: FormerKeys;
  readonly #target: JudgingPlace;
  readonly #renderWith: Render;
  readonly #verdicts: KeyVerdict[] = [];
  readonly #said = new Set<string>();
  readonly #version: Version;
  /** Whether the chart does it anyway, by what was meant: several keys may be the same one, misspelt. */
  readonly #defaults = new Map<string, boolean>();
  /** The values with every repair so far; where one needs a decision, the key is left out. */
  #tree: ChartValues;
  /** Whether kube-proxy is to be replaced. */
  #isDecided = true;

  constructor(values: PlacedValues, chart: Chart, former: FormerKeys, target: JudgingPlace) {
    this.#values = values;
    this.#chart = chart;
    this.#former = former;
    this.#target = target;
    this.#renderWith = rendererOf(chart, target);
    this.#tree = values.tree;
    const version = parseVersion(chart.table.version);
    if (version === undefined) throw new Error('a chart without a version');
    this.#version = version;
  }

  judge(): ValuesJudgement {
    this.#ofNothing();
    this.#ofUnknown();
    this.#ofReplacement();
    this.#ofTypes();
    const rendered = this.#render();
    this.#ofFailures(rendered);
    this.#ofAgent(rendered);
    this.#ofDeprecated();
    if (this.#isDecided) this.#ofDoubts(rendered);
    return { version: this.#chart.table.version, verdicts: this.#verdicts, config: rendered.config };
  }

  #render(tree: ChartValues = this.#tree): Rendered {
    return this.#renderWith(tree);
  }

  #place(path: KeyPath): KeyPlace | undefined {
    return this.#values.places.get(pathText(path));
  }

  #say(path: KeyPath, verdict: Omit<KeyVerdict, 'path' | 'key' | 'place'>): void {
    const what = `${verdict.kind} ${pathText(path)}: ${verdict.message}`;
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.#verdicts.push({ ...verdict, key: path.join('.'), path, place: this.#place(path) });
  }

  #repair(repair: Repair): void {
    this.#tree = repaired(this.#tree, repair);
  }

  #ofUnknown(): void {
    const given = this.#tree;
    const unknown = judgeUnknown(given, this.#chart, this.#former);
    if (unknown.length === 0) return;
    const paths = unknown.map(({ path }) => path);
    const clean = withoutPaths(given, paths);
    const rendered = this.#render(clean);
    const before = messagesOf(rendered);
    const more = this.#render().failures.filter(({ message }) => !before.has(message));
    const refusals = new Map(this.#refusals(paths, more, { given, clean, before }));
    for (const one of unknown) this.#ofUnknownKey(one, { clean, rendered }, refusals.get(pathText(one.path)));
    for (const { repair } of unknown) this.#repair(keepingSet(repair, given));
  }

  /**
   * By key, what the templates say if it is the only one of the unknown keys that is there.
   * @param more what they say when all are, beside what they say without any
   */
  *#refusals(
    unknown: readonly KeyPath[],
    more: readonly FileFailure[],
    without: WithoutUnknown,
  ): Generator<readonly [key: string, message: string]> {
    const byRoot = Map.groupBy(unknown, ([root = '']) => root);
    for (const [root, paths] of byRoot) {
      const ofRoot = more.filter((failure) => rootsIn(failure).has(root));
      const [first] = ofRoot;
      if (first === undefined) continue;
      const others = ofRoot.flatMap((failure) =>
        [...rootsIn(failure)].filter((one) => one !== root && byRoot.has(one)),
      );
      const [path, ...siblings] = paths;
      // Nothing else that was taken away decides it.
      if (path !== undefined && siblings.length === 0 && others.length === 0) yield [pathText(path), first.message];
      else yield* this.#refusedAmong(paths, new Set(ofRoot.map(({ file }) => file)), without);
    }
  }

  /** Of many looked for by halves, as most keys are refused by nothing; of a few each by itself. */
  *#refusedAmong(
    paths: readonly KeyPath[],
    files: ReadonlySet<string>,
    without: WithoutUnknown,
  ): Generator<readonly [key: string, message: string]> {
    const { given, clean, before } = without;
    if (paths.length > 1 && paths.length <= few) {
      for (const path of paths) yield* this.#refusedAmong([path], files, without);
      return;
    }
    const some = paths.reduce((tree, path) => withValueAt(tree, path, valueAt(given, path)), clean);
    const { failures } = this.#renderWith(some, files);
    const said = failures.find(({ message }) => !before.has(message));
    const [path, ...others] = paths;
    if (said === undefined || path === undefined) return;
    if (others.length === 0) {
      yield [pathText(path), said.message];
      return;
    }
    const half = Math.ceil(paths.length / 2);
    yield* this.#refusedAmong(paths.slice(0, half), files, without);
    yield* this.#refusedAmong(paths.slice(half), files, without);
  }

  #ofUnknownKey(unknown: UnknownKey, without: Without, refusal: string | undefined): void {
    const { path, kind, right, note, silently, repair, isMeant } = unknown;
    const parts =
      refusal === undefined
        ? [`${fates[kind]}: no effect`, note, silently]
        : [fates[kind], note, `Helm refuses it: ${refusal}`];
    this.#say(path, {
      kind,
      severity: refusal !== undefined || (isMeant && !this.#isDefault(repair, without)) ? 'error' : 'warning',
      refused: refusal !== undefined,
      message: parts.filter((part) => part !== undefined).join('; '),
      right,
      repair: keepingSet(repair, this.#values.tree),
    });
  }

  /** What was meant is what the chart does anyway. */
  #isDefault({ sets }: Repair, { clean, rendered }: Without): boolean {
    if (sets.length === 0) return false;
    const { values } = this.#chart.table;
    if (sets.every(({ path, value }) => JSON.stringify(valueAt(values, path)) === JSON.stringify(value))) return true;
    if (!sets.every(({ path }) => isSwitch(valueAt(values, path)))) return false;
    const what = JSON.stringify(sets);
    const known = this.#defaults.get(what);
    if (known !== undefined) return known;
    const meant = repaired(clean, { removes: undefined, sets });
    const { config } = this.#renderWith(meant, new Set([agentConfigFile]));
    const isDefault = sameConfig(rendered.config, config);
    this.#defaults.set(what, isDefault);
    return isDefault;
  }

  /** The switch of everything here: words of former versions. */
  #ofReplacement(): void {
    const path = ['kubeProxyReplacement'];
    const value = valueAt(this.#tree, path);
    const text = plainText(value);
    if (text === undefined || text === '' || text === 'true' || text === 'false') return;
    if (this.#isPlaceholder(path)) {
      this.#sayPlaceholder(path);
      this.#repair({ removes: path, sets: [] });
      return;
    }
    const right = meanings.get(text.toLowerCase());
    this.#say(path, {
      kind: 'wrongValue',
      severity: 'error',
      refused: true,
      message: `${JSON.stringify(value)} is refused by charts and agents from 1.16${partial.has(text) ? `; ${text} had single parts on: with true all are, with false none` : ''}`,
      right: right === undefined ? undefined : String(right),
      repair: right === undefined ? undefined : { removes: undefined, sets: [{ path, value: right }] },
    });
    this.#isDecided = right !== undefined;
    // Without a decision the rest is judged for what people most often want.
    this.#repair({ removes: undefined, sets: [{ path, value: right ?? true }] });
  }

  #isPlaceholder(path: KeyPath): boolean {
    return holds(valueAt(this.#values.tree, path));
  }

  #sayPlaceholder(path: KeyPath): void {
    this.#say(path, {
      kind: 'placeholder',
      severity: 'unknown',
      refused: false,
      message: 'Another tool fills it in: not judged',
      right: undefined,
      repair: undefined,
    });
  }

  #ofTypes(): void {
    const all = coalesced(this.#chart.table.values, this.#tree);
    for (const { path, message } of schemaFaults(all, this.#chart.table.schema)) {
      const set = longestSet(path, this.#values.tree);
      if (holds(valueAt(this.#tree, path))) this.#sayPlaceholder(set);
      // What a repair has put there is no matter yet.
      else if (valueAt(this.#values.tree, path) !== undefined)
        this.#ofType(set, message, valueAt(this.#tree, path) ?? null);
      this.#repair({ removes: path, sets: [] });
    }
  }

  #ofType(path: KeyPath, message: string, value: ChartValue): void {
    const right = converted(value, message);
    this.#say(path, {
      kind: 'wrongType',
      severity: 'error',
      refused: true,
      message: `Helm refuses its type: ${message}`,
      right: right === undefined ? undefined : JSON.stringify(right),
      repair: right === undefined ? undefined : { removes: undefined, sets: [{ path, value: right }] },
    });
  }

  /** A file of templates ends where it needs what has been taken away, and says nothing else. */
  #ofNothing(): void {
    const empty = emptiedMaps(this.#tree, this.#chart.table.keys);
    if (empty.length === 0) return;
    const ended = new Set(
      this.#render().failures.flatMap((one) => (one.kind === 'stop' ? pathText(this.#decides(one)) : [])),
    );
    const refused = empty.filter((path) => ended.has(pathText(path)));
    for (const path of refused.length > 0 ? refused : empty) this.#ofEmptied(path, refused.length > 0);
    if (refused.length > 0) this.#ofNothing();
  }

  #ofEmptied(path: KeyPath, refused: boolean): void {
    const repair = { removes: undefined, sets: [{ path, value: {} }] };
    this.#say(path, {
      kind: 'refusedCombination',
      severity: refused ? 'error' : 'warning',
      refused,
      message: refused
        ? 'Helm refuses it: without a value it takes the chart’s own away, which the templates need'
        : 'Without a value it takes the chart’s own away; Helm ends where a template needs one of them',
      right: '{}',
      repair,
    });
    if (refused) this.#repair(repair);
  }

  #ofFailures({ failures }: Rendered): void {
    for (const failure of failures) this.#ofFailure(failure);
  }

  #ofFailure(failure: TemplateFailure): void {
    if (failure.kind === 'unsupported') return;
    const reads = failure.conditions.flat();
    const path = this.#decides(failure);
    const placeholder = failure.conditions[0]?.map(keysOf).find((one) => this.#isPlaceholder(one));
    if (placeholder !== undefined) return this.#sayPlaceholder(placeholder);
    const api = reads.find((read) => read.startsWith('capability:'))?.slice('capability:'.length);
    this.#say(path, {
      kind: api === undefined ? 'refusedCombination' : 'conditional',
      severity: api === undefined ? 'error' : 'warning',
      refused: true,
      message:
        api === undefined
          ? `Helm refuses it: ${failure.message}`
          : `Helm refuses it where the cluster does not have ${api}: ${failure.message}`,
      right: undefined,
      repair: undefined,
    });
  }

  /** Of the values that decided it, the one to look at: named in the message, and set by the user, if there is one. */
  #decides({ message, conditions }: TemplateFailure): KeyPath {
    const reads = conditions
      .flatMap((condition) => condition.map(keysOf))
      .filter((path) => isLeaf(valueAt(this.#tree, path)));
    const set = reads.filter((path) => valueAt(this.#tree, path) !== undefined);
    const inner = new Set(conditions[0]);
    const isInner = (path: KeyPath): boolean => inner.has(pathText(path));
    const found =
      set.find((path) => isNamed(path, message) && isInner(path)) ??
      set.find((path) => isNamed(path, message)) ??
      set.toSorted((one, other) => hintsAt(other, message) - hintsAt(one, message)).at(0) ??
      reads.find((path) => isNamed(path, message)) ??
      reads.at(0);
    return found === undefined ? [] : this.#asWritten(found);
  }

  /** The key that a repair made this one of. */
  #asWritten(path: KeyPath): KeyPath {
    if (this.#place(path) !== undefined) return path;
    const former = this.#verdicts.find(({ repair }) =>
      repair?.sets.some((set) => pathText(set.path) === pathText(path)),
    );
    return former?.path ?? path;
  }

  #ofAgent({ config }: Rendered): void {
    for (const { options, message } of agentRefusals(config, this.#version)) {
      const keys = options.flatMap((option) => {
        const key = optionValues[option] ?? this.#chart.table.options[option];
        return key === undefined ? [] : [key.split('.')];
      });
      const path = keys.find((key) => valueAt(this.#tree, key) !== undefined) ?? keys[0] ?? [];
      if (this.#isRefused(this.#asWritten(path))) continue;
      if (keys.some((key) => this.#isPlaceholder(key)))
        this.#sayPlaceholder(keys.find((key) => this.#isPlaceholder(key)) ?? path);
      else
        this.#say(this.#asWritten(path), {
          kind: 'agentRefuses',
          severity: 'error',
          refused: false,
          message,
          right: undefined,
          repair: undefined,
        });
    }
  }

  /** Helm comes first. */
  #isRefused(path: KeyPath): boolean {
    return this.#verdicts.some(
      (one) => one.refused && one.kind !== 'conditional' && pathText(one.path) === pathText(path),
    );
  }

  #ofDeprecated(): void {
    const { deprecated } = this.#chart.table;
    const byWarning = Object.entries(deprecatedByWarning).filter(([, since]) => this.#isFrom(since));
    const moves = new Map(formerValues.map(({ key, right }) => [key, right]));
    const all = { ...deprecated, ...Object.fromEntries(byWarning.map(([key]) => [key, moves.get(key)])) };
    for (const [key, right] of Object.entries(all)) this.#ofDeprecatedKey(key.split('.'), right);
  }

  #ofDeprecatedKey(path: KeyPath, right: string | undefined): void {
    const value = valueAt(this.#values.tree, path);
    if (value === undefined) return;
    const to = right?.split('.') ?? [];
    const isSet = valueAt(this.#values.tree, to) !== undefined;
    this.#say(path, {
      kind: 'deprecated',
      severity: 'info',
      refused: false,
      message: 'Deprecated; it still takes effect',
      right,
      repair: right === undefined ? undefined : { removes: path, sets: isSet ? [] : [{ path: to, value }] },
    });
  }

  #isFrom(since: Branch): boolean {
    const own = branchOf(this.#version);
    return own !== undefined && minorOf(own) >= minorOf(since);
  }

  #ofDoubts({ config }: Rendered): void {
    for (const doubt of doubtsOf(this.#tree, config, this.#version, this.#target.kubernetesIPs)) {
      const { path, ...verdict } = doubt;
      if (verdict.kind === 'placeholder') this.#sayPlaceholder(path);
      else this.#say(path, { refused: false, right: undefined, repair: undefined, ...verdict });
    }
  }
}

/**
 * The chart’s maps over which nothing is put: `null`, or a key with all below it commented out. Free ones, such as
 * affinity, are none: there it is how defaults are taken away.
 */
const emptiedMaps = (tree: ChartValues, known: KeyTree, above: KeyPath = []): readonly KeyPath[] =>
  Object.entries(tree).flatMap(([key, value]) => {
    const below = Object.hasOwn(known, key) ? known[key] : undefined;
    if (below === undefined || below === true) return [];
    if (value === null) return [[...above, key]];
    return isValueMap(value) ? emptiedMaps(value, below, [...above, key]) : [];
  });

/** Halves of so many that hold two would be as many tries. */
const few = 6;

/** A message names a value by its path, or by the words of it. */
const isNamed = (path: KeyPath, message: string): boolean =>
  new RegExp(`(?<![\\w-])${path.join('[. ]')}(?![\\w-])`, 'i').test(message);

/** How many keys of a path the words of a message hold. */
const hintsAt = (path: KeyPath, message: string): number =>
  path.filter((key) => key.length > 7 && message.replaceAll(' ', '').toLowerCase().includes(key.toLowerCase())).length;

const rootsIn = ({ conditions }: FileFailure): ReadonlySet<string> =>
  new Set(conditions.flatMap((reads) => reads.map((read) => keysOf(read)[0] ?? '')));

const messagesOf = ({ failures }: Rendered): ReadonlySet<string> => new Set(failures.map(({ message }) => message));

const fates = {
  removed: 'The chart no longer has it',
  renamed: 'It has another name',
  unknown: 'The chart does not know it',
} as const;

/** Switches that nobody has set decide by something else: only what is rendered tells. */
const isSwitch = (value: ChartValue | undefined): boolean => value === null || typeof value === 'boolean';

const sameConfig = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean =>
  one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);

const partial: ReadonlySet<string> = new Set(['partial', 'probe']);

const meanings: ReadonlyMap<string, boolean> = new Map([
  ['strict', true],
  ['disabled', false],
  ['yes', true],
  ['no', false],
  ['on', true],
  ['off', false],
  ['enabled', true],
]);

/** What the user has set in the new place stays. */
const keepingSet = ({ removes, sets }: Repair, tree: ChartValues): Repair => ({
  removes,
  sets: sets.filter(({ path }) => valueAt(tree, path) === undefined),
});

function holds(value: ChartValue | undefined): boolean {
  if (typeof value === 'string') return holdsPlaceholder(value);
  return Array.isArray(value) && value.some(holds);
}

const keysOf = (path: string): KeyPath => path.split('.');

const isLeaf = (value: ChartValue | undefined): boolean => !isValueMap(value) || Object.keys(value).length === 0;

/** The key itself if the user has it, else the nearest one above it. */
function longestSet(path: KeyPath, tree: ChartValues): KeyPath {
  return valueAt(tree, path) !== undefined || path.length < 2 ? path : longestSet(path.slice(0, -1), tree);
}

/** A text that is what was asked for but for its quotes. */
function converted(value: ChartValue, message: string): ChartValue | undefined {
  if (typeof value !== 'string') return undefined;
  if (/want .*boolean/.test(message) && (value === 'true' || value === 'false')) return value === 'true';
  if (/want .*(integer|number)/.test(message) && /^-?\d{1,15}$/.test(value)) return Number(value);
  return /want .*array/.test(message) && value !== '' ? [value] : undefined;
}

/** Options whose value is not read where it stands in the ConfigMap. */
const optionValues: Readonly<Record<string, string>> = {
  'bpf-lb-mode': 'loadBalancer.mode',
  'bpf-lb-mode-annotation': 'bpf.lbModeAnnotation',
  'bpf-lb-dsr-dispatch': 'loadBalancer.dsrDispatch',
  'bpf-lb-acceleration': 'loadBalancer.acceleration',
  'bpf-lb-algorithm': 'loadBalancer.algorithm',
  'bpf-lb-maglev-table-size': 'maglev.tableSize',
  'node-port-range': 'nodePort.range',
  'enable-bpf-masquerade': 'bpf.masquerade',
  'enable-ipv4-masquerade': 'enableIPv4Masquerade',
  'enable-ipv4': 'ipv4.enabled',
  'routing-mode': 'routingMode',
  'tunnel-protocol': 'tunnelProtocol',
  'enable-egress-gateway': 'egressGateway.enabled',
  'enable-ipv4-egress-gateway': 'egressGateway.enabled',
  'enable-cilium-endpoint-slice': 'ciliumEndpointSlice.enabled',
  'enable-ip-masq-agent': 'ipMasqAgent.enabled',
  'enable-ipsec': 'encryption.type',
  'enable-wireguard': 'encryption.type',
  'enable-nat46x64-gateway': 'nat46x64Gateway.enabled',
  'auto-direct-node-routes': 'autoDirectNodeRoutes',
  'install-no-conntrack-iptables-rules': 'installNoConntrackIptablesRules',
  'bpf-lb-rss-ipv4-src-cidr': 'extraConfig',
  'bpf-lb-rss-ipv6-src-cidr': 'extraConfig',
  'underlay-protocol': 'underlayProtocol',
  'enable-masquerade-to-route-source': 'enableMasqueradeRouteSource',
  'egress-masquerade-interfaces': 'egressMasqueradeInterfaces',
  'enable-host-firewall': 'hostFirewall.enabled',
  ipam: 'ipam.mode',
};
