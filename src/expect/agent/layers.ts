import type { CiliumNodeConfig } from '../../model/kubernetes.ts';
import type { RawSettings } from '../../model/RawSettings.ts';
import { type ConfigSources, configSources, overridable } from './configSources.ts';
import type { FoundText, Lookup, SettingOrigin } from './Setting.ts';

/** What stands in the API for one agent. */
export interface Layers {
  readonly configMap: RawSettings;
  /** Those that select its node, the strongest first; undefined: not known. */
  readonly nodeConfigs: readonly CiliumNodeConfig[] | undefined;
  /** What the agent started with, which says what may be overridden; undefined: not known, so everything may. */
  readonly started: RawSettings | undefined;
}

/** What an agent would start with now: cilium-config, overridden by CiliumNodeConfigs as far as these are known. */
export function lookupNow({ configMap, nodeConfigs = [], started }: Layers): Lookup {
  const isOverridable = overridable(started);
  return (key) => firstOf(key, isOverridable(key) ? nodeConfigs : [], configMap);
}

/** All keys that anybody sets. */
export const keysOf = ({ configMap, nodeConfigs = [] }: Layers): ReadonlySet<string> =>
  new Set([...configMap.byKey.keys(), ...nodeConfigs.flatMap(({ spec }) => Object.keys(spec?.defaults ?? {}))]);

/**
 * What an agent started with. Who set it is not written there; it is whoever would set the same now, unless what the
 * agent says of its sources speaks against it.
 * @param api undefined: what stands in the API now is not known
 */
export function lookupStarted(started: RawSettings, api: Layers | undefined): Lookup {
  const owners = ownersOf(configSources(started), api);
  const now = owners && lookupNow(owners);
  return (key) => {
    const text = textOf(started.byKey.get(key));
    if (text === undefined) return undefined;
    const owner = now?.(key);
    return { text, origin: owner?.text === text ? owner.origin : asStarted };
  };
}

/** Those that may have set what an agent started with; undefined: there may have been others. */
function ownersOf(sources: ConfigSources | undefined, api: Layers | undefined): Layers | undefined {
  if (sources === undefined) return api?.nodeConfigs && api;
  if (sources.hasOthers || api === undefined) return undefined;
  if (api.nodeConfigs === undefined) return sources.nodeConfigs.size === 0 ? api : undefined;
  return { ...api, nodeConfigs: api.nodeConfigs.filter((one) => sources.nodeConfigs.has(placeOf(one))) };
}

const asStarted: SettingOrigin = { kind: 'asStarted' };
const configMapOrigin: SettingOrigin = { kind: 'configMap' };

function firstOf(key: string, nodeConfigs: readonly CiliumNodeConfig[], { byKey }: RawSettings): FoundText | undefined {
  const owner = nodeConfigs.find(({ spec }) => Object.hasOwn(spec?.defaults ?? {}, key));
  const raw = owner === undefined ? byKey.get(key) : owner.spec?.defaults?.[key];
  const text = textOf(raw);
  return text === undefined ? undefined : { text, origin: owner === undefined ? configMapOrigin : originOf(owner) };
}

const originOf = ({ metadata }: CiliumNodeConfig): SettingOrigin => ({
  kind: 'nodeConfig',
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});

const placeOf = ({ metadata }: CiliumNodeConfig): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** Agents cut white space off; nothing is as good as absent. */
function textOf(raw: string | undefined): string | undefined {
  const text = raw?.trim() ?? '';
  return text === '' ? undefined : text;
}
