import type { ChartValue, ChartValues, KeyTree } from '../knowledge/charts/ChartTable.ts';
import { parseSet } from './parseSet.ts';
import { readYaml, type YamlDocument, YamlError } from './readYaml.ts';
import { isValueMap, type KeyPath, pathText, type KeyPlace, type PlacedValues } from './PlacedValues.ts';
import { failureText } from '../text/failureText.ts';

/** PlacedValues of Cilium that a file holds. */
export interface FoundValues extends PlacedValues {
  readonly file: string;
  /** What they stand in, for people: `HelmRelease cilium`; undefined: they are the file. */
  readonly within: string | undefined;
  /** The keys above them in their document. */
  readonly below: KeyPath;
}

/** What belongs to the same values, and stands elsewhere. */
export interface Elsewhere {
  readonly file: string;
  readonly what: string;
}

export interface Findings {
  readonly values: readonly FoundValues[];
  readonly elsewhere: readonly Elsewhere[];
  /** Objects that were passed over: what they are. */
  readonly others: readonly string[];
}

/**
 * Finds Cilium’s values in what a file holds: plain values, those of an umbrella chart, a HelmRelease of Flux, an
 * Application of Argo CD, a HelmChart of k3s and RKE2, helmCharts of kustomize, releases of helmfile, and others that
 * have them as a map or as a text of YAML.
 * @param known the names of the chart’s values
 */
export function findValues(documents: readonly YamlDocument[], file: string, known: KeyTree): Findings {
  const finder = new Finder(file, known);
  for (const document of documents) finder.document(document);
  return finder;
}

/** Parameters of an Application are a place each. */
const mostPlaces = 1000;

/** Keys that charts of other things seldom have. */
const telling: ReadonlySet<string> = new Set([
  'kubeProxyReplacement',
  'k8sServiceHost',
  'ipam',
  'hubble',
  'bpf',
  'routingMode',
  'tunnel',
  'socketLB',
  'hostServices',
  'loadBalancer',
  'l2announcements',
  'bgpControlPlane',
  'gatewayAPI',
  'ingressController',
  'envoyConfig',
  'rollOutCiliumPods',
  'encryption',
  'eni',
  'cni',
  'k8s',
]);

class Finder implements Findings {
  readonly values: FoundValues[] = [];
  readonly elsewhere: Elsewhere[] = [];
  readonly others: string[] = [];
  readonly #file: string;
  readonly #known: KeyTree;

  constructor(file: string, known: KeyTree) {
    this.#file = file;
    this.#known = known;
  }

  document(document: YamlDocument): void {
    const { value } = document;
    if (!isValueMap(value)) return;
    const object = objectOf(value);
    if (object === undefined) this.#plain(document, value);
    else if (object.kind === 'List') this.#list(document, value);
    else this.#object(document, value, object, []);
  }

  /** PlacedValues as they are, or those of a chart that has Cilium among its own charts. */
  #plain(document: YamlDocument, value: ChartValues): void {
    const keys = Object.keys(value);
    const own = keys.filter((key) => Object.hasOwn(this.#known, key) || telling.has(key));
    // `global` is what Helm hands to all charts; once it was the layout of Cilium’s own values.
    const deep = own.some((key) => telling.has(key)) ? [] : this.#deep(document, value, []);
    const below = deep.filter(([first]) => first !== 'global');
    refuseMany(this.values.length + below.length, document.places.get(pathText(below.at(-1) ?? [])));
    if (below.length > 0)
      for (const one of below) this.#take(document, one, one.length === 0 ? undefined : `below ${one.join('.')}`);
    else if (keys.length > 0) this.#take(document, [], undefined);
  }

  /** Maps somewhere below that look like Cilium’s values. */
  #deep(document: YamlDocument, value: ChartValue | undefined, path: KeyPath): KeyPath[] {
    if (path.length > 6 || !(isValueMap(value) || Array.isArray(value))) return [];
    if (isValueMap(value) && path.length > 0 && this.#looksRight(value, path)) return [path];
    const members: readonly (readonly [string, ChartValue])[] = Array.isArray(value)
      ? value.map((member, i) => [String(i), member] as const)
      : Object.entries(value);
    return members.flatMap(([key, member]) => this.#deep(document, member, [...path, key]));
  }

  #looksRight(value: ChartValues, path: KeyPath): boolean {
    const keys = Object.keys(value);
    if (keys.some((key) => key === 'kubeProxyReplacement' || key === 'k8sServiceHost')) return true;
    const right = keys.filter((key) => Object.hasOwn(this.#known, key) || telling.has(key));
    const isNamed = /cilium/i.test(path.at(-1) ?? '');
    return isNamed
      ? right.length > 0
      : keys.filter((key) => telling.has(key)).length > 1 && right.length === keys.length;
  }

  #list(document: YamlDocument, value: ChartValues): void {
    const { items } = value;
    if (!Array.isArray(items)) return;
    for (const [i, item] of items.entries()) {
      const object = isValueMap(item) ? objectOf(item) : undefined;
      if (object !== undefined && isValueMap(item)) this.#object(document, item, object, ['items', String(i)]);
    }
  }

  #object(document: YamlDocument, value: ChartValues, object: KubernetesObject, at: KeyPath): void {
    const within = `${object.kind} ${object.name}`;
    const places = placesIn[object.kind] ?? [];
    const before = this.values.length;
    for (const spec of specsOf(object.kind, value)) {
      if (!isOfCilium(spec.about, object)) continue;
      for (const { path, as } of places) this.#takeAs(document, [...at, ...spec.path, ...path], as, within);
    }
    if (this.values.length > before) return;
    const deep = this.#deep(document, value, []);
    for (const path of deep) this.#take(document, [...at, ...path], within);
    if (deep.length === 0) this.others.push(within);
  }

  #takeAs(document: YamlDocument, path: KeyPath, as: Shape, within: string): void {
    switch (as) {
      case 'map':
        this.#take(document, path, within);
        return;
      case 'text':
        this.#takeText(document, path, within);
        return;
      case 'parameters':
        this.#takeParameters(document, path, within);
        return;
      case 'elsewhere':
        if (valueIn(document.value, path) !== undefined)
          this.elsewhere.push({ file: this.#file, what: `${path.at(-1) ?? ''} of ${within}` });
    }
  }

  #take(document: YamlDocument, path: KeyPath, within: string | undefined): void {
    const tree = valueIn(document.value, path);
    if (!isValueMap(tree)) return;
    this.#keep({ tree, places: placesBelow(document.places, path), file: this.#file, within, below: path });
  }

  #keep(found: FoundValues): void {
    this.values.push(found);
    const [first] = found.places.values();
    refuseMany(this.values.length, first);
  }

  /** YAML in a text of YAML. */
  #takeText(document: YamlDocument, path: KeyPath, within: string): void {
    const text = valueIn(document.value, path);
    if (typeof text !== 'string') return;
    const block = document.blocks.get(pathText(path));
    const place = document.places.get(pathText(path));
    const start = block ?? { line: place?.kind === 'file' ? place.line : 1, indent: 0 };
    for (const { value, places } of readYaml(text, this.#file, start))
      if (isValueMap(value)) this.#keep({ tree: value, places, file: this.#file, within, below: path });
  }

  /** `[{name, value}]` of Argo CD, which gives them to --set; or a map of such names, of k3s. */
  #takeParameters(document: YamlDocument, path: KeyPath, within: string): void {
    const given = valueIn(document.value, path);
    const pairs = Array.isArray(given)
      ? given.filter(isValueMap).map(({ name, value }, i) => ({ name, value, at: [...path, String(i), 'name'] }))
      : Object.entries(isValueMap(given) ? given : {}).map(([name, value]) => ({ name, value, at: [...path, name] }));
    for (const { name, value, at } of pairs) {
      if (typeof name !== 'string' || typeof value === 'object') continue;
      const place = document.places.get(pathText(at));
      const { tree, places } = parameter(name, value, place);
      this.#keep({
        tree,
        places: new Map(place === undefined ? [] : [...places.keys()].map((key): [string, KeyPlace] => [key, place])),
        file: this.#file,
        within,
        below: path,
      });
    }
  }
}

/** Each is looked for in all of its document. */
function refuseMany(places: number, last: KeyPlace | undefined): void {
  if (places > mostPlaces)
    throw new YamlError(
      `it holds values of Cilium in more than ${mostPlaces} places`,
      atOf(last),
      'Give the values of Cilium alone',
    );
}

/** What is no list and no map. */
type Scalar = Exclude<ChartValue, object>;

/** As --set has it. Throws YamlError. */
function parameter(name: string, value: Scalar | undefined, place: KeyPlace | undefined): PlacedValues {
  try {
    return parseSet(`${name}=${String(value).replaceAll(/[\\,{}]/g, String.raw`\$&`)}`, '--set');
  } catch (error) {
    throw new YamlError(failureText(error), atOf(place), 'Helm would not take it either: repair the parameter');
  }
}

const atOf = (place: KeyPlace | undefined): { readonly line: number; readonly column: number } =>
  place?.kind === 'file' ? place : { line: 1, column: 1 };

type Shape = 'map' | 'text' | 'parameters' | 'elsewhere';

/** Where objects keep values, below what is about one chart; what comes later counts. */
const placesIn: Readonly<Record<string, readonly { readonly path: KeyPath; readonly as: Shape }[]>> = {
  HelmRelease: [
    { path: ['valuesFrom'], as: 'elsewhere' },
    { path: ['values'], as: 'map' },
  ],
  Application: [
    { path: ['helm', 'valueFiles'], as: 'elsewhere' },
    { path: ['helm', 'values'], as: 'text' },
    { path: ['helm', 'valuesObject'], as: 'map' },
    { path: ['helm', 'parameters'], as: 'parameters' },
  ],
  ApplicationSet: [
    { path: ['helm', 'valueFiles'], as: 'elsewhere' },
    { path: ['helm', 'values'], as: 'text' },
    { path: ['helm', 'valuesObject'], as: 'map' },
    { path: ['helm', 'parameters'], as: 'parameters' },
  ],
  HelmChart: [
    { path: ['valuesContent'], as: 'text' },
    { path: ['values'], as: 'map' },
    { path: ['set'], as: 'parameters' },
  ],
  HelmChartConfig: [
    { path: ['valuesContent'], as: 'text' },
    { path: ['values'], as: 'map' },
    { path: ['set'], as: 'parameters' },
  ],
  HelmChartProxy: [{ path: ['valuesTemplate'], as: 'text' }],
  Kustomization: [
    { path: ['valuesFile'], as: 'elsewhere' },
    { path: ['additionalValuesFiles'], as: 'elsewhere' },
    { path: ['valuesInline'], as: 'map' },
  ],
  HelmChartInflationGenerator: [
    { path: ['valuesFile'], as: 'elsewhere' },
    { path: ['valuesInline'], as: 'map' },
  ],
};

interface ChartSpec {
  readonly path: KeyPath;
  /** Texts that tell of which chart it is. */
  readonly about: readonly (ChartValue | undefined)[];
}

/** The parts of an object that are about one chart each. */
function specsOf(kind: string, value: ChartValues): readonly ChartSpec[] {
  switch (kind) {
    case 'HelmRelease':
      return [specAt(value, ['spec'], [['chart', 'spec', 'chart'], ['chartRef', 'name'], ['releaseName']])];
    case 'Application':
      return sourcesAt(value, ['spec']);
    case 'ApplicationSet':
      return sourcesAt(value, ['spec', 'template', 'spec']);
    case 'HelmChart':
    case 'HelmChartConfig':
      return [specAt(value, ['spec'], [['chart']])];
    case 'HelmChartProxy':
      return [specAt(value, ['spec'], [['chartName'], ['releaseName']])];
    case 'Kustomization':
      return listed(value, ['helmCharts'], [['name'], ['releaseName']]);
    case 'HelmChartInflationGenerator':
      return [specAt(value, [], [['name'], ['chartName'], ['releaseName']])];
    default:
      return [];
  }
}

const sourcesAt = (value: ChartValues, at: KeyPath): readonly ChartSpec[] => [
  ...listed(value, [...at, 'sources'], [['chart'], ['repoURL'], ['path'], ['helm', 'releaseName']]),
  specAt(value, [...at, 'source'], [['chart'], ['repoURL'], ['path'], ['helm', 'releaseName']]),
];

const specAt = (value: ChartValues, path: KeyPath, about: readonly KeyPath[]): ChartSpec => ({
  path,
  about: about.map((one) => valueIn(value, [...path, ...one])),
});

function listed(value: ChartValues, path: KeyPath, about: readonly KeyPath[]): readonly ChartSpec[] {
  const list = valueIn(value, path);
  return Array.isArray(list) ? list.map((_, i) => specAt(value, [...path, String(i)], about)) : [];
}

const isOfCilium = (about: ChartSpec['about'], { name }: KubernetesObject): boolean =>
  [...about, name].some((text) => typeof text === 'string' && /cilium/i.test(text));

interface KubernetesObject {
  readonly kind: string;
  readonly name: string;
}

function objectOf(value: ChartValues): KubernetesObject | undefined {
  const { kind, apiVersion, metadata } = value;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return undefined;
  const name = isValueMap(metadata) ? metadata['name'] : undefined;
  return { kind, name: typeof name === 'string' ? name : '' };
}

/** Numbers are places in lists. */
function valueIn(value: ChartValue, path: KeyPath): ChartValue | undefined {
  let found: ChartValue | undefined = value;
  for (const key of path) {
    if (Array.isArray(found)) found = found[Number(key)];
    else found = isValueMap(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}

function placesBelow(places: ReadonlyMap<string, KeyPlace>, path: KeyPath): ReadonlyMap<string, KeyPlace> {
  if (path.length === 0) return places;
  const start = `${pathText(path)}.`;
  return new Map(
    [...places].flatMap(([key, place]) => (key.startsWith(start) ? [[key.slice(start.length), place]] : [])),
  );
}
