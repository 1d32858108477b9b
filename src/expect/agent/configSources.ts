import { parseJson } from '../../text/parseJson.ts';
import type { RawSettings } from '../../model/RawSettings.ts';
import { isRecord } from '../../text/isRecord.ts';

/** Where an agent's init container found what it wrote down, as it says itself (cilium: pkg/option/resolver). */
export interface ConfigSources {
  /** CiliumNodeConfigs, as `namespace/name`. */
  readonly nodeConfigs: ReadonlySet<string>;
  /** Annotations of the Node are among the others. */
  readonly hasNode: boolean;
  /** Another ConfigMap, or annotations of the Node: nothing that a snapshot holds. */
  readonly hasOthers: boolean;
}

/** undefined: nothing. Since 1.17 a list in JSON, before that `config-map:NAMESPACE/NAME,cilium-node-config:…`. */
export function configSources({ byKey }: RawSettings): ConfigSources | undefined {
  const text = byKey.get('config-sources')?.trim() ?? '';
  if (text === '') return undefined;
  const sources = text.startsWith('[') ? ofJson(text) : text.split(',').map((one) => ofText(one));
  const count = (kind: string): number => sources.filter((one) => one.kind === kind).length;
  return {
    nodeConfigs: new Set(sources.filter(({ kind }) => kind === 'cilium-node-config').map(({ place }) => place)),
    hasNode: count('node') > 0,
    hasOthers: sources.length !== count('cilium-node-config') + count('config-map') || count('config-map') > 1,
  };
}

interface Source {
  readonly kind: string;
  /** `namespace/name` */
  readonly place: string;
}

function ofJson(text: string): readonly Source[] {
  const list = jsonOf(text);
  return (Array.isArray(list) ? list : [list]).map((one: unknown) => {
    const { kind, namespace, name } = isRecord(one) ? one : {};
    return { kind: wordOf(kind), place: `${wordOf(namespace)}/${wordOf(name)}` };
  });
}

function ofText(text: string): Source {
  const [kind = '', ...place] = text.split(':');
  return { kind, place: place.join(':') };
}

/**
 * Which keys sources after the first may set: the init container has a list of those that may be, or of those that may
 * not; usually none. undefined: not known what it has.
 */
export function overridable(started: RawSettings | undefined): (key: string) => boolean {
  const limits = jsonOf(started?.byKey.get('config-sources-overrides') ?? '');
  const { allowConfigKeys: allowed, denyConfigKeys: denied } = isRecord(limits) ? limits : {};
  if (Array.isArray(allowed) && allowed.length > 0) return (key) => allowed.includes(key);
  return (key) => !(Array.isArray(denied) && denied.includes(key));
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
